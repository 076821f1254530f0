"""What changed in the law, in words, and which single change turns which verdict."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from ours import OURS, SOURCE

import balancedu as be
from balancedu.cli import main
from balancedu.core.fields import Language
from balancedu.core.loading import shipped
from balancedu.core.nodes import Node
from balancedu.core.overlays import layers_of
from balancedu.core.paths import FORMS, HEAD, MEASURES, Roots, Spot, everything, put
from balancedu.evaluation.evaluation import Decision, decisions_of
from balancedu.evaluation.results import Verdict
from balancedu.revisions import LawDifference, Singles, changes_between

EDITION = Path(str(shipped("_specs", "specs"))) / "cn-2017"
Edit = Callable[[str, str, str], None]


@pytest.fixture
def overlay(tmp_path: Path) -> Callable[[str], Path]:
    """Write an overlay of cn-2017 with these changes."""

    def write(changes: str, name: str = "ours") -> Path:
        path = tmp_path / f"{name}.yaml"
        path.write_text(OURS.replace("id: ours", f"id: {name}") + changes.replace("SOURCE", SOURCE), encoding="utf-8")
        return path

    return write


@pytest.fixture
def edition(tmp_path: Path) -> tuple[Path, Edit]:
    """Somebody's own edition, and a way to change its files."""
    folder = Path(shutil.copytree(EDITION, tmp_path / "own"))

    def edit(file: str, old: str, new: str) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    edit("standard.yaml", "id: cn-2017", "id: own")
    return folder, edit


def content_of(law_difference: LawDifference, lang: Language = "en") -> list[str]:
    return [law_difference.change_text(change, lang) for change in law_difference.law if change.decides]


def effects(law_difference: LawDifference) -> dict[tuple[str, str], tuple[str, str, tuple[str, ...]]]:
    """Each decision that changes, with its verdicts and causes."""
    return {
        (effect.level, effect.id or effect.school): (
            str(effect.before),
            str(effect.after),
            tuple(cause.path for cause in effect.causes),
        )
        for effect in law_difference.effects
    }


# The law


def test_a_standard_does_not_differ_from_itself() -> None:
    result = be.diff("cn-2017", be.load_standard("cn-2017"), submission=be.example("failing"))

    assert (result.law, result.effects) == ((), ())
    assert "两个标准没有不同" in result.text("zh")
    assert "No verdict changes." in result.text("en")


def test_every_change_has_both_sources() -> None:
    result = be.diff("cn-2017", "shenyang")
    law = result.to_dict()["law"]

    assert law["path"] == [
        "items.G2.title",
        "items.G2.rules",
        "items.G7.title",
        "items.G7.rules.fact_within.at_least",
        "items.Q7.title",
        "items.Q7.rules.stated.facts",
        "items.V7",
        "measures.labour_education",
        "measures.training_and_burden_neglected",
    ]
    assert law["way"] == ["changed"] * 6 + ["added"] * 3
    assert law["decides"] == [False, True, False, True, False, True, True, False, False]
    assert (law["before"][3], law["after"][3]) == ("6000", "8000")
    assert (law["source_before"][3], law["source_after"][3]) == (
        "教督〔2017〕6号 政府保障程度（七）",
        "沈阳市工作用表 政府保障程度（七）",
    )
    assert (law["source_before"][6], law["source_after"][6]) == ("", "沈阳市工作用表 否决项目（七）")
    assert result.effects == ()


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        (
            "zh",
            [
                "G2 城乡四统一：增加小学生均公用经费基准定额不低于1150元、初中生均公用经费基准定额不低于1350元",
                "G7 特教生均公用经费：特殊教育学校生均公用经费不低于6000元 → 8000元",
                "Q7 课程与教学秩序：增加劳动教育有效开展",
                "新增：V7 规范治理校外培训机构及减轻中小学课外负担不力",
            ],
        ),
        (
            "en",
            [
                "G2 four unified standards: adds: public funds per primary pupil at least 1150 yuan, "
                "public funds per junior pupil at least 1350 yuan",
                "G7 special education funds: public funds per pupil of special schools at least 6000 yuan → 8000 yuan",
                "Q7 curriculum: adds: labour education is effective",
                "new: V7 Off-campus training is not regulated, or pupils are not relieved of burdens outside school",
            ],
        ),
    ],
)
def test_changes_are_described_in_words(lang: Language, sentences: list[str]) -> None:
    assert content_of(be.diff("cn-2017", "shenyang"), lang) == sentences


def test_the_reverse_difference_is_in_reverse_words() -> None:
    assert content_of(be.diff("shenyang", "cn-2017"), "zh") == [
        "G2 城乡四统一：去掉小学生均公用经费基准定额不低于1150元、初中生均公用经费基准定额不低于1350元",
        "G7 特教生均公用经费：特殊教育学校生均公用经费不低于8000元 → 6000元",
        "Q7 课程与教学秩序：去掉劳动教育有效开展",
        "取消：V7 规范治理校外培训机构及减轻中小学课外负担不力",
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "zh"),
    [
        ("standard.yaml", "fewest_pupils: 50", "fewest_pupils: 60", "教学点：不足50人的不计 → 60人的不计"),
        ("standard.yaml", "junior: 1.1}", "junior: 1.2}", "九年一贯制学校：按学段拆分的权重 小学 1：初中 1.1 → 1.2"),
        ("standard.yaml", "weight: pupils", "weight: sections", "spread.weight：pupils → sections"),
        (
            "resources.yaml",
            "at_least: {primary: 4.5,",
            "at_least: {primary: 4.6,",
            "R4 教学及辅助用房：小学不低于4.5平方米 → 4.6平方米",
        ),
        (
            "guarantee.yaml",
            "{primary: 45, junior: 50}",
            "{primary: 50, junior: 50}",
            "G5 班级学生数：每个班小学不超过45人 → 50人",
        ),
        (
            "guarantee.yaml",
            "at_most: 2500",
            "at_most: 2400",
            "G4 学校规模：九年一贯制学校、十二年一贯制学校不超过2500人 → 2400人",
        ),
        ("quality.yaml", "rate_below: 0.15", "rate_below: 0.2", "Q9 国家义务教育质量监测：校际差异率低于0.15 → 0.2"),
        ("measures.yaml", "formula: leavers", "formula: net", "初中三年巩固率：formula leavers → net"),
    ],
)
def test_a_changed_figure_is_shown_beside_the_previous_one(
    edition: tuple[Path, Edit], file: str, old: str, new: str, zh: str
) -> None:
    folder, edit = edition
    edit(file, old, new)

    assert content_of(be.diff("cn-2017", folder), "zh") == [zh]


def test_an_entry_that_became_another_one_is_replaced(edition: tuple[Path, Edit]) -> None:
    folder, edit = edition
    edit("resources.yaml", "zh: 每百名学生拥有网络多媒体教室数", "zh: 生均图书册数")
    (change,) = (entry for entry in be.diff("cn-2017", folder).law)

    assert (change.way, change.path, change.decides) == ("replaced", "indicators.R7", True)


# The verdicts


def test_each_verdict_that_changes_has_its_cause() -> None:
    submission = be.example("passing", standard="shenyang")
    result = be.diff("cn-2017", "shenyang", submission=submission)
    standards, funds, labour, veto = (change.path for change in result.law if change.decides)

    assert effects(result) == {
        ("county", ""): ("MET", "NOT_MET", (standards, funds)),
        ("part", "guarantee"): ("MET", "NOT_MET", (standards, funds)),
        ("part", "quality"): ("MET", "UNKNOWN", (labour,)),
        ("part", "veto"): ("MET", "UNKNOWN", (veto,)),
        ("item", "G2"): ("MET", "NOT_MET", (standards,)),
        ("item", "G7"): ("MET", "NOT_MET", (funds,)),
        ("item", "Q7"): ("MET", "UNKNOWN", (labour,)),
        ("item", "V7"): ("None", "UNKNOWN", (veto,)),
    }


def test_what_it_says_is_what_evaluating_says() -> None:
    submission = be.example("failing", standard="shenyang")
    result = be.diff("cn-2017", "shenyang", submission=submission)
    before, after = (decisions_of(be.evaluate(submission, name)) for name in ("cn-2017", "shenyang"))
    keys = {
        Decision(effect.county, effect.level, effect.id, effect.school, effect.stage): effect
        for effect in result.effects
    }

    assert set(keys) == {key for key in {**before, **after} if before.get(key) is not after.get(key)}
    for key, entry in keys.items():
        assert (entry.before, entry.after) == (before.get(key), after.get(key))


def test_sections_change_too(overlay: Callable[..., Path]) -> None:
    path = overlay("set:\n  - {path: rules.R-schools.at_standard, value: 7, source: SOURCE}\n")
    result = be.diff("cn-2017", path, submission=be.example("passing"))
    sections = [effect for effect in result.effects if effect.level == "section"]

    assert sections
    assert {entry.school for entry in sections} == {
        section.school for section in be.evaluate(be.example("passing"), path).failing_sections()
    }
    assert {cause.path for entry in sections for cause in entry.causes} == {
        "items.R-schools.rules.sections_comply.at_standard"
    }
    assert f"{sections[0].school} 小学" in result.text("zh")


def test_changes_that_only_together_turn_a_verdict(overlay: Callable[..., Path]) -> None:
    path = overlay(
        "set:\n"
        '  - {path: "rules.G11.rotation_share.at_least", value: 0.01, source: SOURCE}\n'
        '  - {path: "rules.G11.rotated_backbone_share.at_least", value: 0.01, source: SOURCE}\n'
    )
    submission = be.Submission(
        {"school": ["1"], "type": ["primary_school"]},
        facts={"rotation_share": 0.05, "rotated_backbone_share": 0.05},
    )
    result = be.diff("cn-2017", path, submission=submission)
    (item,) = (effect for effect in result.effects if effect.level == "item")

    assert (item.before, item.after, item.causes) == (Verdict.NOT_MET, Verdict.MET, ())
    assert "几处改动合在一起" in result.text("zh")
    assert "several changes together" in result.text("en")


def test_a_change_that_makes_no_standard_alone_is_listed(edition: tuple[Path, Edit]) -> None:
    folder, edit = edition
    before = Path(shutil.copytree(folder, folder.parent / "before"))
    measures = (before / "measures.yaml").read_text(encoding="utf-8")
    start = measures.index("id: special_education_funds_per_pupil")
    measures = measures[:start] + measures[start:].replace("range: {least: 0}", "range: {least: 0, most: 7000}", 1)
    (before / "measures.yaml").write_text(measures, encoding="utf-8")
    edit("guarantee.yaml", "at_least: 6000", "at_least: 8000")
    edit("guarantee.yaml", "at_most: 2500", "at_most: 2400")
    result = be.diff(before, folder, submission=be.example("passing"))

    assert "G7 特教生均公用经费：rules.fact_within.at_least 6000 → 8000" in content_of(result, "zh")
    assert effects(result)["item", "G7"] == ("MET", "NOT_MET", ())


def test_many_counties_at_once(overlay: Callable[..., Path]) -> None:
    path = overlay("set:\n  - {path: rules.G7.at_least, value: 7000, source: SOURCE}\n")
    submission = be.Submission(
        {"county": ["1", "2"], "school": ["a", "a"], "type": ["primary_school"] * 2},
        facts={"1": {"special_education_funds_per_pupil": 6500}, "2": {"special_education_funds_per_pupil": 9000}},
    )
    result = be.diff("cn-2017", path, submission=submission)

    assert {effect.county for effect in result.effects} == {"1"}
    assert "1 G7 特教生均公用经费" in result.text("zh")


# Together


@pytest.mark.parametrize("other", [name for name in be.available_standards() if name != "cn-2017"] or ["cn-2017"])
def test_editions_can_be_compared_in_both_directions(other: str) -> None:
    for before, after in (("cn-2017", other), (other, "cn-2017")):
        result = be.diff(before, after)
        for lang in ("zh", "en"):
            assert all(result.change_text(change, lang) for change in result.law)


@pytest.mark.parametrize("name", be.available_overlays())
def test_each_change_of_an_overlay_can_be_applied_alone(name: str) -> None:
    other = be.load_standard(name, on="2020-01-01")
    base = be.load_standard(other.id.partition("+")[0])
    for before, after in ((base, other), (other, base)):
        singles = Singles.of(before, after)
        alone = {change.path: singles.standard(change) is not None for change in singles.changes if change.decides}
        # The two fields of entry grades go together.
        assert [path for path, stands in alone.items() if not stands and ".class_size." not in path] == []


def test_an_item_of_a_new_part_can_be_applied_alone() -> None:
    singles = Singles.of(be.load_standard("cn-2012"), be.load_standard("cn-2017"))
    (added,) = (change for change in singles.changes if change.path == "items.G1")
    single = singles.standard(added)

    assert single is not None
    assert added.entry in single.items


# Nothing that differs is passed over


_TOLD_ELSEWHERE = {"source", "needed_by", "all_of"}
_HEADING = {"format", "id", "title", "document", "issued"}


def _another(node: Node) -> Node:
    """Another value of the same kind."""
    value = node.value
    assert isinstance(value, str | int | Decimal)
    changed = not value if isinstance(value, bool) else f"{value}另" if isinstance(value, str) else value + 1
    return attrs.evolve(node, value=changed, text=f"{node.text}1")


def _kinds_of_value(roots: Roots) -> dict[tuple[str, ...], Spot]:
    """One value of each kind, in any entry."""
    result: dict[tuple[str, ...], Spot] = {}
    for spot in everything(roots):
        keys = tuple(step for step in spot.steps if isinstance(step, str))
        heading = spot.file == HEAD and keys[0] in _HEADING
        leaf = isinstance(spot.node.value, str | int | Decimal) and spot.steps != ("format",)
        if leaf and not (heading or _TOLD_ELSEWHERE & set(keys) or spot.is_name):
            result.setdefault((spot.file if spot.file in (HEAD, MEASURES, FORMS) else "", *keys), spot)
    return result


def test_any_value_that_is_set_is_listed() -> None:
    kinds: dict[tuple[str, ...], tuple[Roots, Spot]] = {}
    for name in be.available_standards():
        roots = layers_of(be.load_standard(name).files).roots
        kinds = {kind: (roots, spot) for kind, spot in _kinds_of_value(roots).items()} | kinds

    assert len(kinds) > 100
    for roots, spot in kinds.values():
        assert changes_between(roots, put(roots, spot, _another(spot.node))), spot.path


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("measures.teaching_area.plausible.most", "60", "teaching and auxiliary rooms: plausible.most 100 → 60"),
        ("measures.teaching_area.also", "[教辅用房]", "teaching and auxiliary rooms: also "),
        (
            "checks.adds_up.pupils_of_classes.severity",
            "error",
            "checks.adds_up.pupils_of_classes.severity: warn",
        ),
        ("forms.title", "{zh: 申报表, en: form}", "forms.title, wording: Application form of a county → form"),
    ],
)
def test_changes_of_reading_help_are_listed_and_decide_nothing(
    overlay: Callable[[str], Path], path: str, value: str, line: str
) -> None:
    ours = overlay(f"set:\n  - {{path: {path}, value: {value}, source: SOURCE}}\n")
    result = be.diff("cn-2017", ours, submission=be.example("failing"))

    assert [change.decides for change in result.law] == [False]
    assert result.change_text(result.law[0], "en").startswith(line)
    assert result.effects == ()


# What comes in and out


def test_a_path_is_read_with_the_measures_of_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "county"
    shutil.copytree(Path(str(shipped("_examples", "docs/examples"))) / "passing", folder)
    with (folder / "facts.yaml").open("a", encoding="utf-8") as file:
        file.write("\nlabour_education: true\ntraining_and_burden_neglected: false\n")
    for before, after in (("cn-2017", "shenyang"), ("shenyang", "cn-2017")):
        assert main(["diff", before, after, str(folder), "--json"]) == 0
        load = json.loads(capsys.readouterr().out)["effects"]

        assert {name for name, level in zip(load["id"], load["level"], strict=True) if level == "item"} == {
            "G2",
            "G7",
            "V7",
        }


def test_plain_values_frames_and_html() -> None:
    result = be.diff("cn-2017", "shenyang", submission=be.example("passing", standard="shenyang"))

    assert json.loads(json.dumps(result.to_dict()))["before"] == "cn-2017"
    assert result.to_frame("effects")["causes"].tolist()[-1] == "items.V7"
    assert "<h4>Verdicts that change</h4>" in result._repr_html_()
    assert repr(result).startswith("LawDifference(before=<Standard cn-2017")


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["diff", "cn-2017", "cn-2017+shenyang", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert "G7 special education funds: public funds per pupil of special schools at" in out
    assert main(["diff", "cn-2017", "shenyang", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["after"] == "cn-2017+shenyang"
    assert main(["diff", "cn-2017", "no-such"]) == 2
    table = tmp_path / "diff.xlsx"
    assert main(["diff", "cn-2017", "shenyang", "-o", str(table)]) == 0
    assert table.read_bytes().startswith(b"PK")


def test_the_command_takes_the_example_county(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["diff", "cn-2017", "shenyang", "--example"]) == 0
    out = capsys.readouterr().out
    expected = be.diff("cn-2017", "shenyang", submission=be.example(standard="shenyang"))

    assert out.strip() == expected.text("zh").strip()
    assert "判定的变化" in out
    assert main(["diff", "shenyang", "cn-2012", "--example", "--lang", "en"]) == 2
    assert "means something else by it than" in capsys.readouterr().err
    assert main(["diff", "cn-2017", "shenyang", str(tmp_path), "--example"]) == 2
    assert f"--example 和 {tmp_path} 只能写一个" in capsys.readouterr().err
