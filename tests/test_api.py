"""The contract: every name that other tools rely on, line by line, and that all of it is as documented."""

from __future__ import annotations

import copy
import doctest
import importlib
import inspect
import json
import operator
import pickle
import pkgutil
import subprocess
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import balancedu as be
from balancedu.text import Phrase

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(
    module.name for module in pkgutil.walk_packages(be.__path__, "balancedu.") if not module.name.endswith("__main__")
)
PARTS = {"eligibility": 2, "resources": 2, "guarantee": 15, "quality": 9, "recognition": 1, "veto": 6}
ITEMS = (
    "E1",
    "E2",
    "R-schools",
    "R-spread",
    *(f"G{n}" for n in range(1, 16)),
    *(f"Q{n}" for n in range(1, 10)),
    "S1",
    *(f"V{n}" for n in range(1, 7)),
)
INDICATORS = tuple(f"R{n}" for n in range(1, 8))

PASSING, FAILING = be.evaluate(be.example("passing")), be.evaluate(be.example("failing"))


def two_counties() -> be.Submission:
    """Two counties, of which the second reports little."""
    return be.Submission(
        schools={
            "county": ["990103", "990102", "990102"],
            "school": ["001", "002", "001"],
            "type": ["special_school", "nine_year_school", "primary_school"],
            "pupils_primary": [None, 100, 400],
            "pupils_junior": [None, 200, None],
            "degree_teachers_primary": [None, 10, 1],
            "degree_teachers_junior": [None, 10, None],
        },
        facts={"990102": {"layout_rational": True}, "990103": {"layout_rational": False}},
    )


MANY = be.evaluate(two_counties())


# Names


def test_the_public_names_are_all_and_only_those() -> None:
    public = {name for name in dir(be) if not name.startswith("_")}
    modules = {name for name in public if isinstance(getattr(be, name), types.ModuleType)}

    assert sorted(public - modules - {"TYPE_CHECKING", "Any", "annotations"}) == sorted(be.__all__)
    assert len(set(be.__all__)) == len(be.__all__)
    assert {name for name in be.__all__ if not hasattr(be, name)} == set()


def test_documented_packages_need_no_import_of_their_own() -> None:
    statement = "import balancedu as be; print(be.calculator.gini([1, 3]), be.plots.strip, be.testing.check_standard)"
    done = subprocess.run([sys.executable, "-c", statement], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert done.stdout.startswith("0.25 ")


def test_public_names_say_where_they_belong() -> None:
    with pytest.raises(AttributeError, match="module 'balancedu' has no attribute 'evalute'"):
        _ = be.evalute  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "statements",
    [
        "from balancedu import evaluate, example; evaluate(example())",
        "from balancedu.evaluate import evaluate; from balancedu import example; evaluate(example())",
        "import balancedu.evaluate; balancedu.evaluate(balancedu.example())",
        "import balancedu.evaluate as judge; import balancedu; judge(balancedu.example(), standard='cn-2017')",
        "import balancedu.evaluation.evaluation; balancedu.evaluate(balancedu.example())",
        "from balancedu import *; evaluate(example())",
        "import balancedu; balancedu.evaluate(balancedu.example()); import balancedu.evaluate",
        "import balancedu.cli; balancedu.evaluate(balancedu.example())",
    ],
)
def test_evaluate_can_be_called_after_every_import(statements: str) -> None:
    code = f"""
{statements}
import balancedu
print(balancedu.evaluate(balancedu.example("failing"), "cn-2017").verdict)
import balancedu.evaluate
print(balancedu.evaluate(balancedu.example()).verdict)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)

    assert (done.stdout.split(), done.stderr) == (["NOT_MET", "MET"], "")


def public_objects() -> Iterator[tuple[str, Any]]:
    """Every public class, function, method and property."""
    for name in be.__all__:
        entry = getattr(be, name)
        if not isinstance(entry, type(be.options)):
            yield name, entry
        if inspect.isclass(entry):
            for key, member in vars(entry).items():
                if not key.startswith("_") or key in ("__init__", "__getitem__"):
                    inner = getattr(member, "fget", None) or getattr(member, "func", None)
                    inner = inner or getattr(member, "__func__", member)
                    if inspect.isfunction(inner):
                        yield f"{name}.{key}", inner


@pytest.mark.parametrize("name", dict(public_objects()))
def test_type_hints_can_be_read(name: str) -> None:
    public_object = dict(public_objects())[name]
    hints = typing.get_type_hints(public_object)

    if inspect.isfunction(public_object):
        unsaid = set(inspect.signature(public_object).parameters) - {"self", "cls"} - set(hints)
        assert unsaid == set()
        assert "return" in hints


@pytest.mark.parametrize("name", dict(public_objects()))
def test_everything_public_is_documented(name: str) -> None:
    if not name.endswith(("__init__", "__getitem__")):
        assert (inspect.getdoc(dict(public_objects())[name]) or "").strip()


@pytest.mark.parametrize("name", ["balancedu", *MODULES])
def test_the_examples_in_docstrings_run(name: str) -> None:
    module = importlib.import_module(name)

    assert inspect.getdoc(module)
    assert doctest.testmod(module).failed == 0


# The standard


def test_standards() -> None:
    std = be.load_standard("cn-2017")

    assert isinstance(be.available_standards(), tuple)
    assert "cn-2017" in be.available_standards()
    assert isinstance(std, be.Standard)
    assert be.load_standard() is std
    assert be.load_standard(std) is std
    assert be.load_standard(ROOT / "specs" / "cn-2017") is be.load_standard(ROOT / "docs" / ".." / "specs" / "cn-2017")
    assert str(std.indicators["R4"].thresholds.primary) == "≥ 4.5"
    assert std.items["G5"].title.zh == "小学、初中所有班级学生数分别不超过45人、50人"
    assert str(std.items["G5"].source) == "教督〔2017〕6号 政府保障程度（五）"
    assert tuple(std.items) == ITEMS


def test_a_standard_that_does_not_exist() -> None:
    with pytest.raises(be.UnknownStandardError, match="did you mean 'cn-2017'") as caught:
        be.evaluate(be.example(), "cn-2071")

    assert isinstance(caught.value, LookupError)
    assert caught.value.asked == "cn-2071"


# What goes in


def test_submissions() -> None:
    assert str(inspect.signature(be.Submission)).startswith("(schools: ")
    names = list(inspect.signature(be.Submission).parameters)

    assert names[:5] == ["schools", "classes", "rooms", "monitoring", "facts"]
    assert be.Submission(schools={"school": ["1"], "type": ["primary_school"]}).counties == ("county",)
    assert be.read_submission(ROOT / "docs" / "examples" / "failing").counties == ("990202",)


@pytest.mark.parametrize("standard", ["cn-2017", ROOT / "specs" / "cn-2017"])
def test_a_standard_is_an_id_a_path_or_an_object(standard: Any) -> None:
    for given in (standard, be.load_standard(standard)):
        assert be.evaluate(be.example("failing"), given).to_dict() == FAILING.to_dict()


# What comes out


def test_verdicts() -> None:
    assert PASSING.verdict is be.Verdict.MET
    assert FAILING.verdict is be.Verdict.NOT_MET
    assert PASSING.verdicts == {"990101": be.Verdict.MET}
    assert MANY.verdicts == {"990102": be.Verdict.NOT_MET, "990103": be.Verdict.NOT_MET}
    assert MANY.counties == ("990102", "990103")
    assert isinstance(MANY["990103"], be.Evaluation)
    assert MANY["990103"].verdict is be.Verdict.NOT_MET
    assert MANY["990103"].counties == ("990103",)


@pytest.mark.parametrize("name", ["verdict", "parts", "items"])
def test_texts_for_one_county_are_not_used_for_many(name: str) -> None:
    instead = {"verdict": ".verdicts", "parts": ".part_verdicts", "items": ".item_verdicts"}[name]
    with pytest.raises(ValueError, match=f".{name} is for one county and 2 were evaluated") as caught:
        getattr(MANY, name)

    assert f"use {instead} for all of them, or ev['990102'].{name} for one" in str(caught.value)
    assert hasattr(MANY, instead[1:])


def test_a_county_that_was_not_evaluated() -> None:
    with pytest.raises(KeyError, match="no county '990104' among the 2 evaluated"):
        _ = MANY["990104"]
    with pytest.raises(KeyError, match="no county '990103'"):
        _ = MANY["990102"]["990103"]


def test_parts_and_items() -> None:
    assert {part: len(entry.items) for part, entry in PASSING.standard.parts.items()} == PARTS
    assert tuple(FAILING.parts) == tuple(PARTS)
    assert tuple(FAILING.items) == ITEMS
    assert {type(verdict) for verdict in FAILING.parts.values()} == {be.Verdict}
    assert {type(finding) for finding in FAILING.items.values()} == {be.Finding}
    assert {part: codes.dtype for part, codes in MANY.part_verdicts.items()} == dict.fromkeys(PARTS, np.int8)
    assert {item: codes.shape for item, codes in MANY.item_verdicts.items()} == dict.fromkeys(ITEMS, (2,))


def test_a_finding() -> None:
    finding = PASSING.items["G11"]

    assert finding.verdict is be.Verdict.MET
    assert (finding.observed, finding.required) == (104 / 909, 0.1)
    assert finding.margin == pytest.approx(104 / 909 - 0.1)
    assert finding.reason() == finding.reason(lang="zh") == finding.reason("zh")
    assert finding.reason(lang="zh").startswith("达标：交流轮岗教师比例11.4%（应不低于10%）")
    assert finding.reason(lang="en").startswith("met: share of eligible teachers who rotated")
    assert "11.4% (must be at least 10%)" in finding.reason("en")
    assert str(finding.source) == "教督〔2017〕6号 政府保障程度（十一）"
    assert finding.schools == ()
    assert FAILING.items["G6"].schools == ("005",)


@pytest.mark.parametrize("evaluation", [PASSING, FAILING, MANY["990102"], MANY["990103"]], ids=repr)
def test_every_finding_has_its_reasons(evaluation: be.Evaluation) -> None:
    for finding in evaluation.items.values():
        assert isinstance(finding.verdict, be.Verdict)
        assert [type(entry) for entry in (finding.observed, finding.required, finding.margin)] == [float] * 3
        assert finding.reason("zh").endswith("。")
        assert finding.reason("en").endswith(".")
        assert finding.source.document
        assert all(isinstance(school, str) for school in finding.schools)
        if finding.verdict is be.Verdict.UNKNOWN:
            assert finding.gaps
        elif finding.verdict is not be.Verdict.NOT_MET:
            assert not finding.gaps


def test_sections() -> None:
    assert list(FAILING.sections) == ["county", "school", "stage", "pupils"]
    assert FAILING.sections["school"].tolist()[:3] == ["001", "002", "003"]
    assert set(FAILING.sections["county"].tolist()) == {"990202"}
    assert FAILING.sections["stage"].tolist() == ["primary"] * 8 + ["junior"] * 6
    assert FAILING.sections["pupils"].dtype == np.float64
    assert [(entry.school, entry.stage, entry.reason) for entry in FAILING.excluded] == [
        ("006", "primary", "few"),
        ("014", None, "type"),
    ]
    assert [section.school for section in FAILING.failing_sections()] == ["003", "004", "007"]


def form(array: NDArray[Any]) -> tuple[Any, ...]:
    """The type and shape of an array."""
    return (array.dtype.name, *array.shape)


@pytest.mark.parametrize("evaluation", [PASSING, FAILING, MANY, MANY["990102"], MANY["990103"]], ids=repr)
def test_shapes_and_types(evaluation: be.Evaluation) -> None:
    counties, sections = len(evaluation.counties), evaluation.sections["school"].size

    assert evaluation.indicators == INDICATORS
    assert evaluation.stages == ("primary", "junior")
    assert {values.shape for values in evaluation.sections.values()} == {(sections,)}
    assert form(evaluation.values) == ("float64", sections, 7)
    assert form(evaluation.standing) == ("int8", sections, 7)
    assert form(evaluation.section_verdicts) == ("int8", sections)
    assert ((evaluation.standing == -1) == np.isnan(evaluation.values)).all()
    assert set(evaluation.standing.ravel().tolist()) <= {-1, 0, 1, 2}
    assert set(evaluation.section_verdicts.tolist()) <= {verdict.code for verdict in be.Verdict}
    for figures in (evaluation.mean, evaluation.sd, evaluation.cv):
        assert form(figures) == ("float64", counties, 2, 7)
    assert evaluation.composite.shape == (counties, 2)


@pytest.mark.parametrize("county", MANY.counties)
def test_the_evaluation_of_one_county_is_a_view(county: str) -> None:
    entry, here = MANY[county], MANY.sections["county"] == county
    position = MANY.counties.index(county)

    assert entry.sections["school"].tolist() == MANY.sections["school"][here].tolist()
    np.testing.assert_array_equal(entry.values, MANY.values[here])
    np.testing.assert_array_equal(entry.standing, MANY.standing[here])
    np.testing.assert_array_equal(entry.cv, MANY.cv[position : position + 1])
    assert repr(entry.excluded) == repr(tuple(out for out in MANY.excluded if out.county == county))


def test_as_plain_values_and_json() -> None:
    plain = MANY.to_dict()

    assert json.loads(MANY.to_json()) == json.loads(json.dumps(plain)) == plain
    assert list(plain["counties"]) == ["990102", "990103"]
    assert tuple(plain["counties"]["990102"]["items"]) == ITEMS
    assert "NaN" not in MANY.to_json()


@pytest.mark.parametrize(
    ("table", "rows", "columns"),
    [
        ("sections", 3, ["county", "school", "stage", "pupils", "verdict", *INDICATORS]),
        ("spread", 28, ["county", "stage", "indicator", "mean", "sd", "cv"]),
        ("items", 70, ["county", "part", "item", "verdict", "observed", "required", "margin", "reason"]),
    ],
)
def test_as_frames(table: typing.Literal["sections", "spread", "items"], rows: int, columns: list[str]) -> None:
    frame = MANY.to_frame(table)

    assert isinstance(frame, pd.DataFrame)
    assert len(frame) == rows
    assert [name for name in frame.columns if not str(name).endswith("_standing")] == columns


def test_frames_are_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(be.MissingExtraError, match=r"to_frame needs pandas.* pip install pandas"):
        PASSING.to_frame()


def test_an_unknown_frame() -> None:
    with pytest.raises(
        ValueError, match="table must be one of counties, sections, spread, items, findings, found 'section'"
    ):
        PASSING.to_frame("section")  # type: ignore[call-overload]


def test_representations_are_short() -> None:
    assert repr(PASSING) == "<Evaluation of 990101 by cn-2017: MET>"
    assert repr(MANY) == "<Evaluation of 2 counties by cn-2017: 2 NOT_MET>"
    assert repr(two_counties()) == "<Submission: 2 counties; schools 3, facts 2>"
    assert len(repr(PASSING.standard)) < 200
    assert "schools" in repr(PASSING.submission.schools)


def test_the_coefficient_of_variation() -> None:
    values, pupils = [279 / 45, 137 / 37, 935 / 89, 160 / 76, 402 / 55], [45, 37, 89, 76, 55]
    nan = be.coefficient_of_variation([1.0, float("nan")])

    assert be.coefficient_of_variation(values, pupils) == pytest.approx(0.515256630, abs=5e-10)
    assert be.coefficient_of_variation(values, weights=pupils) == be.coefficient_of_variation(values, pupils)
    assert isinstance(nan, float)
    assert np.isnan(nan)
    np.testing.assert_array_equal(
        be.coefficient_of_variation([1, 3, 1, np.nan], groups=["a", "a", "b", "b"]), [0.5, np.nan]
    )


def test_the_four_verdicts() -> None:
    assert [verdict.name for verdict in be.Verdict] == ["NOT_MET", "UNKNOWN", "MET", "NOT_APPLICABLE"]
    assert [verdict.code for verdict in be.Verdict] == [0, 1, 2, 3]
    assert [be.Verdict.of(code) for code in np.arange(4, dtype=np.int8)] == list(be.Verdict)
    assert [str(verdict) for verdict in be.Verdict] == [verdict.name for verdict in be.Verdict]
    assert json.dumps({"v": be.Verdict.UNKNOWN}) == '{"v": "UNKNOWN"}'
    assert be.Verdict.UNKNOWN.value not in ("0", "1", "True")


@pytest.mark.parametrize("verdict", list(be.Verdict))
def test_a_verdict_is_neither_true_nor_false(verdict: be.Verdict) -> None:
    with pytest.raises(TypeError, match=r"write `verdict is Verdict\.MET`"):
        bool(verdict)
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        with pytest.raises(TypeError, match="verdicts have no order"):
            compare(verdict, be.Verdict.MET)
        with pytest.raises(TypeError, match="verdicts have no order"):
            compare("MET", verdict)
    with pytest.raises(TypeError):
        _ = not verdict
    assert verdict in be.Verdict
    assert pickle.loads(pickle.dumps(verdict)) is verdict


# Errors

FOUND = Phrase("填报x", "found x")
ERRORS: dict[type[be.BalanceduError], tuple[type[Exception], tuple[Any, ...]]] = {
    be.SpecError: (ValueError, ("a.yaml", 3, "items[0].id", FOUND, Phrase("请填y", "write y"))),
    be.SpecErrors: (ValueError, ("cn-x", (be.SpecError("a.yaml", 3, "", FOUND),))),
    be.UnknownStandardError: (LookupError, ("cn-2071", ("cn-2017",))),
    be.DataError: (
        ValueError,
        ("schools", "row 3 (001)", "type", FOUND, Phrase("请填y", "write y"), Phrase("种类", "kind")),
    ),
    be.DataErrors: (ValueError, ((be.DataError("schools", "row 3", "type", FOUND),),)),
    be.MissingExtraError: (ImportError, ("pandas", "frames", Phrase("生成数据表", "to_frame"))),
    be.RequestError: (ValueError, ("found -1, wanted zero or more",)),
    be.UnknownNameError: (LookupError, (Phrase("没有指标“R8”", "no indicator 'R8'"),)),
    be.UnsoundStandardError: (AssertionError, ("cn-x", ("G7: no county can meet it",))),
    be.ImpossiblePlanError: (ValueError, ((("R-schools", "缺口太大", "too much is missing"),),)),
}


def test_every_error_is_one_of_ours() -> None:
    errors = {getattr(be, name) for name in be.__all__ if name.endswith(("Error", "Errors"))}

    assert errors - {be.BalanceduError} == set(ERRORS)
    assert issubclass(be.BalanceduError, Exception)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_errors_have_their_builtin_and_pickle(kind: type[be.BalanceduError]) -> None:
    builtin, arguments = ERRORS[kind]
    error = kind(*arguments)

    assert issubclass(kind, be.BalanceduError)
    assert issubclass(kind, builtin)
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(other) is kind
        assert str(other) == str(error) != ""
        assert other.text("zh") == error.text("zh")
        assert repr(vars(other)) == repr(vars(error))


# Copies


@pytest.mark.parametrize("evaluation", [FAILING, MANY, MANY["990102"]], ids=repr)
def test_evaluations_can_be_copied_and_pickled(evaluation: be.Evaluation) -> None:
    for other in (copy.copy(evaluation), copy.deepcopy(evaluation), pickle.loads(pickle.dumps(evaluation))):
        assert repr(other) == repr(evaluation)
        assert other.to_dict() == evaluation.to_dict()
        assert other.counties == evaluation.counties


def test_standards_can_be_copied_and_pickled() -> None:
    standard = be.load_standard()
    for other in (copy.copy(standard), copy.deepcopy(standard), pickle.loads(pickle.dumps(standard))):
        assert repr(other) == repr(standard)
        assert other.measures == standard.measures
        assert be.evaluate(be.example("failing"), other).to_dict() == FAILING.to_dict()


def test_findings_and_sections_can_be_pickled() -> None:
    result: Mapping[str, Any] = {
        "items": FAILING.items,
        "sections": FAILING.failing_sections(),
        "excluded": FAILING.excluded,
        "flags": be.rounding_flags(FAILING),
    }

    assert repr(pickle.loads(pickle.dumps(result))) == repr(result)


def test_evaluating_twice_gives_the_same() -> None:
    submission = be.example("failing")
    before = pickle.dumps(submission)

    assert be.evaluate(submission).to_json() == be.evaluate(submission).to_json()
    assert pickle.dumps(submission) == before
