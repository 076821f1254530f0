"""A submission checked against one standard, judged by another."""

from pathlib import Path

import pytest

import balancedu as be
from balancedu.core.loading import shipped


def _edition(folder: Path, *, swapped: bool) -> Path:
    """Write an edition of another name, with two types of school in another order if asked."""
    folder.mkdir()
    for entry in shipped("_specs", "specs").joinpath("cn-2017").iterdir():
        text = entry.read_bytes().decode("utf-8")
        if swapped and entry.name == "measures.yaml":
            lines = text.splitlines(keepends=True)
            first = next(n for n, line in enumerate(lines) if "{id: teaching_point" in line)
            lines[first], lines[first + 1] = lines[first + 1], lines[first]
            text = "".join(lines)
        if entry.name == "standard.yaml":
            text = text.replace("id: cn-2017", "id: other")
        folder.joinpath(entry.name).write_text(text, encoding="utf-8")
    return folder


def test_one_that_means_the_same_judges_alike(tmp_path: Path) -> None:
    other = be.evaluate(be.example("failing"), _edition(tmp_path / "other", swapped=False))

    assert be.evaluate(be.example("failing")).parts == other.parts


def test_one_that_means_something_else_is_refused(tmp_path: Path) -> None:
    folder = _edition(tmp_path / "other", swapped=True)

    with pytest.raises(be.DataErrors, match=r"schools, type: other means something else by it than cn-2017"):
        be.evaluate(be.example("failing"), folder)


def test_the_hint_is_to_submit_anew(tmp_path: Path) -> None:
    standard = be.load_standard(_edition(tmp_path / "other", swapped=True))
    schools = {"school": ["1"], "type": ["教学点"], "pupils_primary": [60]}

    ev = be.evaluate(be.Submission(schools, standard=standard), standard)

    assert ev.sections["stage"].tolist() == ["primary"]


def test_what_is_handed_out_cannot_be_changed() -> None:
    ev = be.evaluate(be.example("passing"))

    for array in (ev.values, ev.standing, ev.mean, ev.sd, ev.cv):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
