"""Pictures are unchanged: each is compared with a reviewed one, within a tolerance.

`PYTHONPATH=tests python -m plots.test_plots` draws the pictures anew; look at them before they are committed.
"""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text
from reporting.hostile import hostile

import balancedu as be
from balancedu import plots
from balancedu import plots as style

mpl.use("agg")

BASELINE = Path(__file__).parent / "baseline"
TOLERANCE = 12
"""Root mean square of grey levels: other versions of font and renderer stay below it, another picture does not."""

FAILING = be.evaluate(be.read_submission("docs/examples/failing"))
PASSING = be.evaluate(be.example("passing"))
PICTURES: dict[str, Callable[[Axes], Axes]] = {
    "heatmap": lambda ax: plots.heatmap(FAILING, ax),
    "strip": lambda ax: plots.strip(FAILING, ax, stage="primary"),
    "spread": lambda ax: plots.spread(FAILING, ax, stage="primary"),
    "spread-en": lambda ax: plots.spread(FAILING, ax, stage="junior", lang="en"),
    "lorenz": lambda ax: plots.lorenz_curve(FAILING, ax, indicator="R6", stage="primary"),
    "drivers": lambda ax: plots.drivers(FAILING, ax, indicator="R6", stage="primary"),
    "class-sizes": lambda ax: plots.class_sizes(FAILING, ax, stage="primary"),
    "change": lambda ax: plots.change({"2022": PASSING, "2023": FAILING}, ax, stage="primary"),
}


def drawn(name: str, folder: Path) -> Path:
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    assert PICTURES[name](axes) is axes
    path = folder / f"{name}.png"
    figure.savefig(path, dpi=60)
    return path


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_the_one_looked_at(name: str, tmp_path: Path) -> None:
    assert style.chinese_font(), "the pictures need a font with Chinese characters: apt-get install fonts-noto-cjk"
    difference = compare_images(str(BASELINE / f"{name}.png"), str(drawn(name, tmp_path)), tol=TOLERANCE)
    assert difference is None, difference


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Return the labels of a picture that lie on one another; title and legend are laid out by matplotlib."""
    figure.canvas.draw()
    texts: list[Text] = [text for axes in figure.axes for text in (*axes.texts, *axes.get_yticklabels())]
    texts = [text for text in texts if text.get_visible() and text.get_text().strip()]
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    return [
        (first, second)
        for n, (first, box) in enumerate(boxes)
        for second, other in boxes[n + 1 :]
        if box.shrunk(0.96, 0.8).overlaps(other.shrunk(0.96, 0.8)) and first != second
    ]


@pytest.mark.parametrize("name", PICTURES)
def test_no_label_is_on_another_at_the_size_of_print(name: str) -> None:
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    PICTURES[name](figure.add_subplot())
    assert overlapping(figure) == []


def test_no_label_is_on_another_where_many_schools_are_below() -> None:
    sub = be.example("failing")
    schools: dict[str, Any] = dict(sub.columns("schools"))
    for column in ("teaching_area", "sports_ground_area", "equipment_value"):
        schools[column] = schools[column] * np.linspace(0.2, 1.4, schools[column].size)
    ev = be.evaluate(be.Submission(schools))
    for stage in ("primary", "junior"):
        figure = Figure(figsize=(6.8, 4.0), layout="constrained")
        plots.strip(ev, figure.add_subplot(), stage=stage)
        assert overlapping(figure) == []


def test_of_an_upper_limit_the_schools_above_it_are_named() -> None:
    overlay = Path(__file__).parents[1] / "provinces" / "upper-limits.yaml"
    standard = be.load_standard("cn-2017", overlays=[overlay])
    added = next(entry for entry in standard.indicators.values() if entry.at_most)
    [amount] = added.amount
    schools: dict[str, Any] = {
        "school": ["1", "2", "3"],
        "name": ["甲校", "乙校", "丙校"],
        "type": ["小学"] * 3,
        "area": ["城区"] * 3,
    }
    schools |= {"pupils_primary": [1000] * 3, amount: [5, 50, 3]}
    evaluation = be.evaluate(be.Submission(schools, standard=standard))
    figure = Figure()
    plots.strip(evaluation, figure.add_subplot(), stage="primary")

    assert [text.get_text() for text in figure.findobj(Text) if text.get_text() in ("甲校", "乙校", "丙校")] == ["乙校"]


def test_every_picture_of_a_result_has_a_title_and_no_label_on_another() -> None:
    results = [be.shortfalls(FAILING), be.margins(FAILING), be.trend({2022: PASSING, 2023: FAILING})]
    results.append(be.robustness(FAILING, errors={"teaching_area": 0.05}, draws=100))
    results.append(be.compare(PASSING, FAILING))
    for result in results:
        figure = plots.figure(result)
        assert figure.get_suptitle()
        assert overlapping(figure) == []


def test_another_picture_is_another_picture(tmp_path: Path) -> None:
    assert compare_images(str(BASELINE / "spread.png"), str(drawn("spread-en", tmp_path)), tol=TOLERANCE)


def test_left_out_the_axes_are_new() -> None:
    from matplotlib import pyplot as plt

    assert isinstance(plots.heatmap(FAILING), Axes)
    plt.close("all")


def test_hostile_names_are_drawn_as_they_are() -> None:
    evaluation = be.evaluate(hostile())
    figure = Figure(layout="constrained")
    axes = plots.heatmap(evaluation, figure.add_subplot())
    assert any("$\\frac" in label.get_text() for label in axes.get_yticklabels())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.canvas.draw()
        for draw in (plots.strip, plots.spread, plots.class_sizes):
            draw(evaluation, Figure().add_subplot(), stage="primary")
        plots.drivers(evaluation, Figure().add_subplot(), indicator="R2", stage="primary")


def test_nothing_to_draw_is_drawn_too() -> None:
    empty = be.evaluate(be.Submission(schools={"school": ["1"], "type": ["特殊教育学校"]}))
    for stage in ("primary", "junior"):
        figure = Figure()
        plots.strip(empty, figure.add_subplot(), stage=stage)
        plots.spread(empty, figure.add_subplot(), stage=stage)
        plots.lorenz_curve(empty, figure.add_subplot(), indicator="R1", stage=stage)
        plots.drivers(empty, figure.add_subplot(), indicator="R1", stage=stage)
        plots.class_sizes(empty, figure.add_subplot(), stage=stage)
        plots.heatmap(empty, figure.add_subplot())
        figure.canvas.draw()


def test_colours_differ_in_grey_and_to_the_colour_blind() -> None:
    def seen(colour: str, matrix: np.ndarray) -> np.ndarray:
        levels = np.array([int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)])
        return np.asarray(matrix @ np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4))

    grey = np.array([[0.2126, 0.7152, 0.0722]])
    # Viénot, Brettel and Mollon (1999): what people without one kind of cone see, in linear RGB.
    protan = np.array([[0.1121, 0.8853, -0.0005], [0.1127, 0.8897, -0.0001], [0.0045, 0.0000, 1.0019]])
    deutan = np.array([[0.2920, 0.7054, -0.0003], [0.2934, 0.7089, 0.0000], [-0.0210, 0.0256, 0.9993]])
    colours = (style.GOOD, style.FAIR, style.POOR)
    for matrix in (protan, deutan):
        for n, entry in enumerate(colours):
            for other in colours[n + 1 :]:
                assert np.linalg.norm(seen(entry, matrix) - seen(other, matrix)) > 0.15
    assert abs(float(seen(style.POOR, grey)[0] - seen(style.GOOD, grey)[0])) > 0.25
    # In grey the two lighter ones are distinguished by their marks.
    assert len(set(style.STANDING_MARKS.values())) == len(style.STANDING_MARKS)


def test_without_a_chinese_font_labels_are_english_and_a_warning_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "chinese_font", lambda: None)
    with pytest.warns(plots.NoChineseFontWarning, match="fonts-noto-cjk"):
        axes = plots.heatmap(FAILING, Figure().add_subplot())
    texts = [label.get_text() for label in axes.get_yticklabels()] + [axes.get_title()]
    assert all(text.isascii() for text in texts), texts


def test_several_counties_and_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"ev\['a'\]"):
        plots.heatmap(be.evaluate(hostile(("a", "b"))))
    with pytest.raises(ValueError, match="no evaluation"):
        plots.change({}, stage="primary")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(be.MissingExtraError, match=r"balancedu\[all\]"):
        plots.heatmap(FAILING)


if __name__ == "__main__":
    BASELINE.mkdir(exist_ok=True)
    for each in PICTURES:
        drawn(each, BASELINE)
