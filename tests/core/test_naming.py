"""The paths that an author copies: short, by name, and leading where they state."""

from __future__ import annotations

import pytest

import balancedu as be
from balancedu.cli import main
from balancedu.core.fields import Language
from balancedu.core.overlays import layers_of, paths, records_of
from balancedu.core.paths import everything, find, overlay_path

WHEN_ALL_HOLD = "2020-01-01"


@pytest.mark.parametrize("name", [*be.available_standards(), *be.available_overlays()])
def test_every_value_is_found_by_its_short_path(name: str) -> None:
    roots = layers_of(be.load_standard(name, on=WHEN_ALL_HOLD).files).roots
    # Every file has a `format`.
    spots = [spot for spot in everything(roots) if spot.path != "format"]
    assert len(spots) > 1000
    if name in be.available_overlays():
        # What an overlay does not touch is tried with its edition.
        spots = [spot for spot in spots if spot.node.file == f"overlays/{name}.yaml"]

    assert [spot.path for spot in spots if find(roots, spot.short_path()).names != spot.names] == []


def test_positions_become_names() -> None:
    roots = layers_of(be.load_standard("cn-2017").files).roots

    assert overlay_path(roots, "forms.yaml", "sheets[4].items[9].item") == "forms.sheets.表Ⅳ.items.G10"
    assert overlay_path(roots, "guarantee.yaml", "items[6].rules[0].at_leats") == "rules.G7.at_leats"
    assert overlay_path(roots, "guarantee.yaml", "items[99].rules[0]") == "parts.guarantee.items[99].rules[0]"
    assert overlay_path(roots, "measures.yaml", "") == ""


def test_the_paths_of_an_entry_go_with_their_values() -> None:
    std = be.load_standard("cn-2017")

    assert list(paths(std, "R-spread").items())[-2:] == [
        ("rules.R-spread.limits.primary", "0.50"),
        ("rules.R-spread.limits.junior", "0.45"),
    ]
    assert list(paths(std, "G11"))[3:5] == ["rules.G11.rotation_share.share", "rules.G11.rotation_share.at_least"]
    assert paths(std, "classes.pupils")["measures.classes.pupils.range.least"] == "0"
    assert "indicators.R4.amount" in paths(std, "R4")
    for entry in (*std.items, *std.indicators, *std.measures):
        for path in paths(std, entry):
            assert records_of(std, path)
    with pytest.raises(be.BalanceduError, match="no item, indicator or measure is called 'G77'"):
        paths(std, "G77")


def test_paths_are_those_with_the_overlays_on() -> None:
    std = be.load_standard("cn-2017", ["shenyang"])

    assert paths(std, "G7")["rules.G7.at_least"] == "8000"
    assert next(iter(paths(std, "V7"))) == "items.V7"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_prints_the_history_that_python_returns(lang: Language, capsys: pytest.CaptureFixture[str]) -> None:
    path = "rules.G7.at_least"
    std = be.load_standard("cn-2017", ["shenyang"])

    assert main(["history", path, "--overlay", "shenyang", "--lang", lang]) == 0
    assert capsys.readouterr().out.splitlines() == [record.text(lang) for record in records_of(std, path)]


def test_the_command_prints_periods_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    path = "measures.built"
    asked = ["history", path, "--standard", "transition", "--on", WHEN_ALL_HOLD]

    assert main(asked) == 0
    assert capsys.readouterr().out.endswith(" 2019-10-01–2022-09-30\n")


def test_the_command_says_where_a_path_ends(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "rules.G7.at_leats"]) == 2
    assert "中没有“at_leats”，是否应为“at_least”？其中有：rule、fact、at_least" in capsys.readouterr().err
    assert main(["history", "rules.G7.at_leats", "--lang", "en"]) == 2
    assert "has no 'at_leats'; did you mean 'at_least'?" in capsys.readouterr().err


@pytest.mark.parametrize(("lang", "word"), [("zh", "路径"), ("en", "path")])
def test_an_entry_is_shown_with_its_paths(lang: str, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "R-spread", "--lang", lang]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert [line.split() for line in lines if "R-spread" in line and line.startswith("  ")][:2] == [
        [word, "items.R-spread"],
        ["items.R-spread.name"],
    ]
    assert lines[-1].split() == ["rules.R-spread.limits.junior", "0.45"]
