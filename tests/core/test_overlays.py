"""Overlays are put onto editions in an explicit order, and every value knows who set it and what it was before."""

from __future__ import annotations

import pickle
import re
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

import balancedu as be
from balancedu.core.loading import available_overlays, load_standard
from balancedu.core.overlays import HistoryRecord, records_of, set_by
from balancedu.core.rules import FactWithin, Stated
from balancedu.core.standard import Standard
from balancedu.errors import RequestError, SpecErrors, UnknownStandardError

VALID = Path(__file__).resolve().parent.parent / "bad_specs" / "valid"
SOURCE = "{document: 省〔2025〕1号, part: 一, confidence: S}"
Write = Callable[..., Path]


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    """Somebody's own edition."""
    return Path(shutil.copytree(VALID, tmp_path / "edition"))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an overlay, and return its path."""

    def written(body: str, name: str = "ours", extends: str = "valid") -> Path:
        path = tmp_path / f"{name}.yaml"
        head = (
            f"format: 1\nid: {name}\ntitle: {{zh: 本省, en: ours}}\ndocument: {name}〔2025〕1号\nextends: {extends}\n"
        )
        path.write_text(head + body, encoding="utf-8")
        return path

    return written


def setting(path: str, value: str, more: str = "") -> str:
    return f"  - {{path: {path}, value: {value}, source: {SOURCE}{more}}}\n"


def pay(standard: Standard) -> str:
    rule = standard.items["G3"].rules[0]
    assert isinstance(rule, FactWithin)
    return str(rule.at_least)


# What is loaded


def test_shipped_overlays_load_and_have_the_names_of_their_files() -> None:
    for name in available_overlays():
        standard = load_standard(name)
        assert standard.overlays[-1:] in ((name,), ()), name
        assert standard.id == "+".join((standard.head.id, *standard.overlays))
    assert "shenyang" in available_overlays()
    assert be.available_overlays() == available_overlays()


def test_an_overlay_by_its_path_brings_its_edition(write: Write) -> None:
    path = write("set:\n" + setting("rules.G7.at_least", "9000"), extends="cn-2017")
    standard = load_standard(path)

    assert (standard.id, standard.overlays) == ("cn-2017+ours", ("ours",))
    assert standard.origin == f"cn-2017 + {path}"
    assert str(standard.items["G7"].rules[0]).count("9000") == 1
    assert repr(standard).startswith("<Standard cn-2017+ours: 教督〔2017〕6号 + ours〔2025〕1号, 6 parts")


def test_the_same_files_give_the_same_object(
    write: Write, edition: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("set:\n" + setting("rules.G3.at_least", "70000"))
    monkeypatch.chdir(tmp_path)

    first = load_standard(edition, [Path("ours.yaml")])
    assert load_standard(Path("edition"), [tmp_path / "ours.yaml"]) is first
    write("set:\n" + setting("rules.G3.at_least", "80000"))
    assert (pay(first), pay(load_standard(edition, [Path("ours.yaml")]))) == ("70000", "80000")


def test_a_standard_takes_further_overlays(write: Write, edition: Path) -> None:
    entry = write("set:\n" + setting("rules.G3.at_least", "70000"))
    two = write("set:\n" + setting("rules.G9.at_least", "0.06"), "theirs")

    first = load_standard(edition, [entry])
    assert load_standard(first, [two]) is load_standard(edition, [entry, two])
    assert load_standard(first) is first
    # What was put onto it may be named by its id, as where all are given at once.
    three = write("set:\n" + setting("rules.G3.at_least", "80000"), "city", extends="ours")
    assert load_standard(first, [three]) is load_standard(edition, [entry, three])


def test_what_an_overlay_extends_comes_first(write: Write, edition: Path) -> None:
    province = write("set:\n" + setting("rules.G3.at_least", "70000"), "province")
    city = write("set:\n" + setting("rules.G3.at_least", "80000"), "city", extends="province")
    standard = load_standard(edition, [city, province])

    assert standard.overlays == ("province", "city")
    assert pay(standard) == "80000"
    town = write("set:\n" + setting("rules.G3.at_least", "90000"), "town", extends="city")
    assert load_standard(edition, [town, city, province]).overlays == ("province", "city", "town")
    assert [entry.by for entry in records_of(standard, "rules.G3.at_least")] == ["valid", "province", "city"]


def test_the_order_is_the_order_of_the_list(write: Write, edition: Path) -> None:
    facts = [
        f"add:\n  - {{to: rules.G1.facts, value: {name}, source: {SOURCE}}}\n" for name in ("trained_well", "paid_well")
    ]
    entry, two = write(facts[0]), write(facts[1], "theirs")
    measures = "".join(
        f"  - to: measures\n    value: {{id: {name}, title: {{zh: 事实, en: fact}}, table: facts, type: yes_no, "
        f"source: {SOURCE}}}\n"
        for name in ("trained_well", "paid_well")
    )
    both = write("add:\n" + measures, "measures")
    for order in ([entry, two], [two, entry]):
        standard = load_standard(edition, [both, *order])
        names = {entry: "trained_well", two: "paid_well"}
        rule = standard.items["G1"].rules[0]
        assert isinstance(rule, Stated)
        assert rule.facts == ("layout_rational", *(names[path] for path in order))


def test_a_later_overlay_may_say_that_it_comes_after_another(write: Write, edition: Path) -> None:
    entry = write("set:\n" + setting("rules.G3.at_least", "70000"))
    two = write("after: [ours]\nset:\n" + setting("rules.G3.at_least", "80000"), "theirs")

    assert [record.by for record in records_of(load_standard(edition, [entry, two]), "rules.G3.at_least")][1:] == [
        "ours",
        "theirs",
    ]
    # It does not need the other one, and does not bring it.
    assert load_standard(edition, [two]).overlays == ("theirs",)
    with pytest.raises(SpecErrors, match=r"theirs\.yaml:8 changes the same place"):
        load_standard(edition, [two, entry])


# What cannot be loaded


@pytest.mark.parametrize("standard", ["cn-2017", be.load_standard("cn-2017")])
def test_overlays_are_a_list(standard: str | Standard) -> None:
    with pytest.raises(TypeError, match=re.escape("overlays must be a list; write overlays=['shenyang']")):
        load_standard(standard, "shenyang")


def test_unknown_names_and_misplaced_ones(edition: Path) -> None:
    with pytest.raises(UnknownStandardError, match="did you mean 'shenyang'"):
        load_standard("cn-2017", ["shengyang"])
    with pytest.raises(RequestError, match="cn-2017 is an edition and no overlay; give it as the standard"):
        load_standard(edition, ["cn-2017"])
    with pytest.raises(RequestError, match="shenyang extends cn-2017, not "):
        load_standard(edition, ["shenyang"])
    with pytest.raises(TypeError, match=r"write overlays=\['shenyang'\]"):
        load_standard("cn-2017", "shenyang")
    with pytest.raises(RequestError, match="on must be a day such as \"2024-05-31\", found '2024'"):
        load_standard("cn-2017", on="2024")


def test_errors_name_everything_that_was_put_together(write: Write, edition: Path) -> None:
    path = write("set:\n" + setting("rules.G3.at_least", "-1"))
    with pytest.raises(SpecErrors) as caught:
        load_standard(edition, [path])

    place = str(path)
    assert str(caught.value).splitlines() == [
        f"{edition} + {path}: 1 problem",
        f"  {place}:7 rules.G3.at_least: must be more than 0, found -1",
    ]


# History


def test_history_of_an_unchanged_value() -> None:
    (record,) = records_of(load_standard("cn-2017"), "rules.R-spread.limits.primary")

    assert (record.by, record.way, record.before, record.value) == ("cn-2017", "stated", "", "0.50")
    assert str(record.source) == "教督〔2017〕6号 资源配置"
    assert set_by(load_standard("cn-2017"), "rules.R-spread.limits.primary") == "cn-2017"


def test_history_shows_who_set_a_value_and_its_previous_value(write: Write, edition: Path) -> None:
    days = ', from: "2024-01-01", until: "2030-12-31"'
    entry = write("set:\n" + setting("rules.G3.at_least", "70000", days))
    two = write("set:\n" + setting("items.G3.rules.fact_within.at_least", "80000.50"), "theirs", extends="ours")
    standard = load_standard(edition, [entry, two], on="2024-05-31")
    records = records_of(standard, "rules.G3.at_least")

    assert [(record.by, record.way, record.before, record.value) for record in records] == [
        ("valid", "stated", "", "60000"),
        ("ours", "set", "60000", "70000"),
        ("theirs", "set", "70000", "80000.50"),
    ]
    assert [(record.from_, record.until) for record in records] == [
        (None, None),
        ("2024-01-01", "2030-12-31"),
        (None, None),
    ]
    assert [str(record.source) for record in records] == ["试〔2024〕1号 政府保障（三）", *["省〔2025〕1号 一"] * 2]
    assert [record.document for record in records] == ["试〔2024〕1号", "ours〔2025〕1号", "theirs〔2025〕1号"]
    assert records == records_of(standard, "items.G3.rules.fact_within.at_least")
    assert set_by(standard, "rules.G3.at_least") == "theirs"
    assert records[1].text("zh") == "ours: 改定 60000 → 70000 (省〔2025〕1号 一) 2024-01-01–2030-12-31"


def test_history_of_what_was_added_and_dropped(write: Write, edition: Path) -> None:
    path = write(
        f"""drop:
  - {{path: items.G10, reason: {{zh: 不再监测, en: no monitoring any more}}, source: {SOURCE}}}
add:
  - {{to: scope.counted.primary_school, key: fewest_pupils, value: 10, source: {SOURCE}}}
  - {{to: rules.G2, value: {{rule: stated, facts: [layout_rational]}}, source: {SOURCE}}}
"""
    )
    standard = load_standard(edition, [path])

    assert "G10" not in standard.items
    assert [entry.way for entry in records_of(standard, "items.G10.name.zh")] == ["stated", "dropped"]
    dropped = records_of(standard, "items.G10")[-1]
    assert (dropped.value, dropped.reason and dropped.reason.en) == ("", "no monitoring any more")
    assert str(dropped).endswith("(省〔2025〕1号 一) no monitoring any more")
    assert [str(entry) for entry in records_of(standard, "scope.counted.primary_school.fewest_pupils")] == [
        "ours: added 10 (省〔2025〕1号 一)"
    ]
    assert [entry.value for entry in records_of(standard, "rules.G2.stated")] == [
        "{rule: stated, facts: [layout_rational]}"
    ]
    # Each change inside a long value is listed separately.
    assert [(entry.path, entry.value) for entry in records_of(standard, "items.G2")[1:]] == [
        ("items.G2.rules.stated", "{rule: stated, facts: [layout_rational]}")
    ]
    assert [entry.by for entry in records_of(standard, "parts.guarantee.items")] == ["valid", "ours", "ours"]


def test_a_source_says_what_has_amended_it(write: Write, edition: Path) -> None:
    standard = load_standard(edition, [write("set:\n" + setting("rules.G3.at_least", "70000"))])

    assert str(standard.items["G3"].source) == "试〔2024〕1号 政府保障（三） + 省〔2025〕1号 一"
    assert str(standard.items["G2"].source) == "试〔2024〕1号 政府保障（二）"
    assert [str(entry) for entry in standard.items["G3"].source.amended] == ["省〔2025〕1号 一"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("rules.R-spread.limit.primary", "has no 'limit'; did you mean 'limits'?; known there: rule, limits"),
        ("rules.R-spraed", "rules has no 'R-spraed'; did you mean 'R-spread'?"),
        ("precison.values", "no path begins with 'precison'; did you mean 'precision'?"),
        ("rules.G11.share_within", "has no 'share_within'; known there: rotation_share, rotated_backbone_share"),
        ("measures.classes.pupil", "measures has no 'classes.pupil'; did you mean 'classes.pupils'?"),
        ("", "'' is no path; write names with dots between them"),
    ],
)
def test_an_unknown_path_names_the_nearest(path: str, message: str) -> None:
    with pytest.raises(RequestError, match=message.replace("?", r"\?")):
        records_of(load_standard("cn-2017"), path)


def test_standards_and_their_history_pickle(write: Write, edition: Path) -> None:
    standard = load_standard(edition, [write("set:\n" + setting("rules.G3.at_least", "70000"))])
    copy = pickle.loads(pickle.dumps(standard))

    assert copy.overlays == ("ours",)
    assert records_of(copy, "rules.G3.at_least") == records_of(standard, "rules.G3.at_least")
    assert isinstance(records_of(copy, "rules.G3.at_least")[0], HistoryRecord)


def test_messages_name_the_file_as_it_can_be_opened(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("set:\n" + setting("rules.G7.at_leats", "1"))
    (tmp_path / "elsewhere").mkdir()
    for here, named in ((path.parent, path.name), (tmp_path / "elsewhere", str(path))):
        monkeypatch.chdir(here)
        with pytest.raises(SpecErrors) as caught:
            load_standard(path)
        assert [error.file for error in caught.value.errors] == [named]


def test_an_overlay_that_is_no_yaml_says_so_without_its_edition(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text("format: 1\nid: ours\nextends: cn-2017\nset:\n  - path：rules.G7\n    value: 1\n", encoding="utf-8")
    with pytest.raises(SpecErrors) as caught:
        load_standard(path)

    assert str(caught.value).splitlines()[0] == f"{path}: 1 problem"
    (error,) = caught.value.errors
    assert (error.file, error.line) == (str(path), 5)
    assert error.hint == "write the signs of YAML in half width, not as ： in line 5"


# Relief


def test_strict_is_the_same_standard_without_its_relief(write: Write, edition: Path) -> None:
    relief = write("relaxes: true\nset:\n" + setting("rules.G3.at_least", "50000"), "relief")
    other = write("set:\n" + setting("rules.G9.at_least", "0.06"))
    standard = load_standard(edition, [relief, other])

    assert standard.strict is load_standard(edition, [other])
    assert standard.strict.strict is None
    assert [entry.relaxes for entry in standard.applied] == [True, False]
    assert (pay(standard), pay(standard.strict)) == ("50000", "60000")


def test_strict_keeps_what_is_no_relief_in_an_overlay_that_eases_something_else(write: Write, edition: Path) -> None:
    stricter, easier = ("rules.G9.at_least", "0.06"), ("rules.G3.at_least", "50000")
    by_change = write("set:\n" + setting(*stricter) + setting(*easier, ", relaxes: true"), "by-change")
    changes = setting(*stricter, ", relaxes: false") + setting(*easier)
    by_overlay = write("relaxes: true\nset:\n" + changes, "by-overlay")
    for path, name in ((by_change, "by-change"), (by_overlay, "by-overlay")):
        standard = load_standard(edition, [path])

        assert standard.strict is not None
        assert (pay(standard), pay(standard.strict)) == ("50000", "60000")
        shares = [entry.items["G9"].rules[0].at_least for entry in (standard, standard.strict)]  # type: ignore[attr-defined]
        assert list(map(str, shares)) == ["0.06", "0.06"]
        assert [(entry.relaxes, entry.wholly) for entry in standard.applied] == [(True, False)]
        assert [(entry.relaxes, entry.wholly) for entry in standard.strict.applied] == [(False, False)]
        assert standard.strict.strict is None
        assert standard.notes("zh")[0] == f"叠加：本省 ({name}，部分放宽)"
        assert standard.notes("en")[0].endswith(f"({name}, relief in part)")
        assert standard.strict.notes("en")[0].endswith(f"({name})")


def test_a_day_that_only_relief_knows_does_not_date_what_is_strict(write: Write, edition: Path) -> None:
    eased = setting("rules.G3.at_least", "50000", ', relaxes: true, until: "2023-08-31"')
    path = write("set:\n" + setting("rules.G9.at_least", "0.06") + eased)
    during, after = (load_standard(edition, [path], on=day) for day in ("2023-08-31", "2023-09-01"))

    assert during.strict is not None
    assert (during.strict.day, during.strict.lapses, after.strict) == ("", (), None)


def test_what_extends_an_overlay_that_eases_something_need_not_be_relief(write: Write, edition: Path) -> None:
    stricter = setting("rules.G9.at_least", "0.06", ", relaxes: false")
    base = write("relaxes: true\nset:\n" + setting("rules.G3.at_least", "50000") + stricter, "base")
    other = write("set:\n" + setting("rules.G2.at_least", "0.9"), "other", extends="base")
    standard = load_standard(edition, [base, other])

    assert standard.strict is not None
    assert standard.strict.overlays == ("base", "other")


def test_an_overlay_that_needs_relief_cannot_be_had_without_it(write: Write, edition: Path) -> None:
    """So that the strict standard is always there."""
    fact = f"{{id: paid_well, title: {{zh: 事实, en: fact}}, table: facts, type: yes_no, source: {SOURCE}}}"
    relief = write(f"relaxes: true\nadd:\n  - {{to: measures, value: {fact}}}\n", "relief")
    other = write("set:\n" + setting("measures.paid_well.title.en", "well"))

    with pytest.raises(SpecErrors, match=r"relief\.yaml:8 changes the same place"):
        load_standard(edition, [relief, other])


# Dates


def test_an_overlay_holds_from_its_first_to_its_last_day(write: Write, edition: Path) -> None:
    path = write('from: "2020-09-01"\nuntil: "2023-08-31"\nset:\n' + setting("rules.G3.at_least", "50000"))
    result = {day: load_standard(edition, [path], on=day) for day in ("2020-08-31", "2020-09-01", "2023-08-31")}
    result["2023-09-01"] = load_standard(edition, [path], on=datetime(2023, 9, 1, 12))

    assert {day: (entry.overlays, pay(entry)) for day, entry in result.items()} == {
        "2020-08-31": ((), "60000"),
        "2020-09-01": (("ours",), "50000"),
        "2023-08-31": (("ours",), "50000"),
        "2023-09-01": ((), "60000"),
    }
    assert [entry.day for entry in result.values()] == list(result)
    late, early = result["2023-09-01"], result["2020-08-31"]
    assert [entry.text("en") for entry in late.expired] == ["ours (ours) ended on 2023-08-31: not applied"]
    assert [entry.text("zh") for entry in early.upcoming] == ["ours（本省）自2020-09-01起施行，尚不适用"]
    assert (late.upcoming, early.expired, result["2020-09-01"].lapses) == ((), (), ())


def test_what_extends_an_overlay_ends_with_it(write: Write, edition: Path) -> None:
    base = write('until: "2023-08-31"\nset:\n' + setting("rules.G3.at_least", "50000"), "base")
    path = write("set:\n" + setting("rules.G3.at_least", "55000"), extends="base")
    standard = load_standard(edition, [base, path], on="2024-01-01")

    assert (standard.overlays, pay(standard)) == ((), "60000")
    assert [(entry.by, entry.until) for entry in standard.expired] == [("base", "2023-08-31"), ("ours", "2023-08-31")]


def test_a_single_change_may_be_dated(write: Write, edition: Path) -> None:
    changes = setting("rules.G3.at_least", "50000", ', until: "2023-08-31"')
    changes += setting("rules.G3.at_least", "55000", ', from: "2023-09-01"')
    path = write("set:\n" + changes + setting("rules.G9.at_least", "0.06", ', until: "2023-08-31"'))
    before, after = (load_standard(edition, [path], on=day) for day in ("2023-08-31", "2023-09-01"))

    assert (pay(before), pay(after)) == ("50000", "55000")
    assert [entry.text("en") for entry in after.expired] == [
        "ours rules.G3.at_least ended on 2023-08-31: not applied",
        "ours rules.G9.at_least ended on 2023-08-31: not applied",
    ]
    assert [entry.path for entry in before.upcoming] == ["rules.G3.at_least"]


def test_an_overlay_of_which_nothing_holds_was_not_applied(write: Write, edition: Path) -> None:
    path = write("set:\n" + setting("rules.G3.at_least", "50000", ', until: "2023-08-31"'))

    assert load_standard(edition, [path], on="2024-01-01").overlays == ()


def test_nothing_depends_on_the_day_where_nothing_is_dated() -> None:
    assert load_standard("cn-2017").day == load_standard("cn-2017", on="1999-01-01").day == ""


def test_today_is_the_day_where_none_is_given(write: Write, edition: Path) -> None:
    path = write('until: "2999-12-31"\nset:\n' + setting("rules.G3.at_least", "50000"))

    assert load_standard(edition, [path]).day == date.today().isoformat()


def test_a_history_is_a_result() -> None:
    standard = be.load_standard("cn-2017", ["transition"], on="2020-03-01")
    result = be.history(standard, "items.G4.reliefs.early_or_migrant")
    assert [record.by for record in result] == result.to_frame("records")["by"].tolist()
    assert result.text("zh").count("\n") == len(result) - 1
    assert result.to_dict()["records"]
