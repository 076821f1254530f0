"""The worked examples in `tests/cases/`, one test for each; see the README there for how they are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import balancedu as be
from balancedu.calculator import Segments, composite, dispersion
from balancedu.core.fields import Stage
from balancedu.core.model import Measure
from balancedu.core.rules import SpreadWithin
from balancedu.core.standard import Standard

FOLDER = Path(__file__).resolve().parent / "cases"
STANDARD = be.load_standard("cn-2017")
STAGES: dict[str, Stage] = {title.zh: stage for stage, title in STANDARD.head.stage_titles.items()}
STANDINGS = {2: "标准", 1: "最低要求", 0: "低于最低要求", -1: "未知"}
A_DAY = "2020-03-01"
A_SCHOOL = {"学校": [{"学校标识": "某校", "学校类型": "小学"}]}

Case = Mapping[str, Any]
Failures = Iterator[str]


def cases() -> Iterator[tuple[str, Case]]:
    """Yield every example with its place."""
    for path in sorted(FOLDER.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        listed = yaml.compose(text, yaml.SafeLoader)
        assert isinstance(listed, yaml.SequenceNode), path.name
        for node, case in zip(listed.value, yaml.safe_load(text), strict=True):
            yield f"{path.name}:{node.start_mark.line + 1}", case


CASES = dict(cases())


@pytest.mark.parametrize("place", CASES)
def test_case(place: str) -> None:
    case = CASES[place]
    unknown = case.keys() - {"name", "source", "standard", "overlays", "day", "calculate", "given", "expected"}
    assert not unknown, f"{case['name']}: unknown keys {', '.join(unknown)}"
    assert case["source"].strip()
    assert case["expected"]
    if "calculate" in case:
        failures = list(CALCULATIONS[case["calculate"]](case["given"], case["expected"]))
    else:
        failures = list(judged(case["given"], case["expected"], standard_of(case)))

    assert not failures, "\n".join([f"{place} {case['name']}", *failures])


def standard_of(case: Case) -> Standard:
    """Return the standard that an example is judged by: the one in force, where it does not state."""
    # Relief holds for a time of transition; a day inside it.
    overlays = case.get("overlays", ())
    return be.load_standard(case.get("standard", "cn-2017"), overlays, on=case.get("day", A_DAY if overlays else None))


def test_every_item_has_an_example() -> None:
    for standard in map(be.load_standard, be.available_standards()):
        expected = [case["expected"] for case in CASES.values() if standard_of(case) is standard]
        assert set(standard.items) <= {name for entry in expected for name in entry}, standard.id


def test_every_indicator_with_a_standard_has_an_example() -> None:
    expected = [case["expected"] for case in CASES.values()]
    indicators = {name for entry in expected for section in entry.get("学部", ()) for name in section.get("数值", ())}

    assert set(STANDARD.indicators) <= indicators


# ---- submissions ---------------------------------------------------------------------------------


def judged(given: Case, expected: Case, standard: Standard = STANDARD) -> Failures:
    """Judge the tables of one county and state which expectations fail."""
    ev = be.evaluate(be.Submission(**submitted(given, standard), standard=standard), standard)
    items = ev.items
    for name, wanted in expected.items():
        if name in COMPARED:
            yield from COMPARED[name](ev, wanted)
        elif name not in items:
            yield f"{name}：没有这个条目"
        elif items[name].verdict.text("zh") != wanted:
            yield f"{name}：应为{wanted}，得到{items[name].reason('zh')}"


def _sections(ev: be.Evaluation, wanted: Any) -> Failures:
    for section in wanted:
        yield from _section(ev, section)


def _left_out(ev: be.Evaluation, wanted: Any) -> Failures:
    result = sorted(entry.school for entry in ev.excluded)
    if result != sorted(wanted):
        yield f"不参加计算：应为{'、'.join(wanted)}，得到{'、'.join(result)}"


def _composites(ev: be.Evaluation, wanted: Any) -> Failures:
    for title in wanted.keys() & STAGES.keys():
        figure = float(ev.composite[0, ev.stages.index(STAGES[title])])
        yield from _differs(f"综合 {title}", figure, wanted[title], wanted["容许相差"])


def _figures(ev: be.Evaluation, wanted: Any) -> Failures:
    for item, figure in wanted.items():
        yield from _differs(item, ev.items[item].observed, figure)


def _relieved(ev: be.Evaluation, wanted: Any) -> Failures:
    relieved = {item: _schools(strict, ev.items[item]) for item, strict in ev.changed_by_relief.items()}
    if relieved != {item: sorted(schools) for item, schools in wanted.items()}:
        yield f"放宽涉及：应为{wanted}，得到{relieved}"


def _schools(entry: be.Finding, other: be.Finding) -> list[str]:
    """Return the schools that are judged differently in two findings."""
    cases = [{case for check in finding.checks for case in check.cases_by_verdict} for finding in (entry, other)]
    return sorted({school for school, *_ in cases[0] ^ cases[1]})


def _strictly(ev: be.Evaluation, wanted: Any) -> Failures:
    """Compare what came out without relief."""
    assert ev.strict is not None
    for item, verdict in wanted.items():
        result = ev.strict.items[item]
        if result.verdict.text("zh") != verdict:
            yield f"不放宽 {item}：应为{verdict}，得到{result.reason('zh')}"


def submitted(given: Case, standard: Standard = STANDARD) -> dict[str, Any]:
    """Return tables and facts under the names that the package calls them."""
    tables = {table.title.zh: table.id for table in standard.tables.values()}
    result: dict[str, Any] = {}
    for title, rows in (A_SCHOOL | dict(given)).items():
        table = tables[title]
        columns = {measure.title.zh: measure for measure in standard.table_measures(table).values()}
        if table == "facts":
            result[table] = _row(rows, columns)
        else:
            written = [_row(row, columns) for row in rows for _ in range(row.get("个数", 1))]
            names = {name for row in written for name in row}
            result[table] = {name: [row.get(name) for row in written] for name in names}
    return result


def _row(row: Case, columns: Mapping[str, Measure]) -> dict[str, Any]:
    unknown = row.keys() - columns.keys() - {"个数"}
    assert not unknown, f"no measure is called {'、'.join(unknown)}"
    return {columns[title].column: _text(value, columns[title]) for title, value in row.items() if title != "个数"}


def _text(value: Any, measure: Measure) -> Any:
    return str(value) if measure.type == "text" else value


def _section(ev: be.Evaluation, wanted: Case) -> Failures:
    school, stage = wanted["学校标识"], STAGES[wanted["学段"]]
    columns = ev.sections
    (rows,) = np.nonzero((columns["school"] == school) & (columns["stage"] == stage))
    if rows.size != 1:
        yield f"{school}{wanted['学段']}：没有参加计算"
        return
    name, row = f"{school}{wanted['学段']}", int(rows[0])
    verdict = be.Verdict.of(ev.section_verdicts[row]).text("zh")
    if wanted.get("结论", verdict) != verdict:
        yield f"{name}：应为{wanted['结论']}，得到{verdict}"
    for indicator, figure in wanted.get("数值", {}).items():
        yield from _differs(f"{name} {indicator}", float(ev.values[row, ev.indicators.index(indicator)]), figure)
    for indicator, level in wanted.get("水平", {}).items():
        standing = STANDINGS[int(ev.standing[row, ev.indicators.index(indicator)])]
        if standing != level:
            yield f"{name} {indicator}：应为{level}，得到{standing}"


def _spread(name: str, ev: be.Evaluation, ndarray: np.ndarray[Any, Any], wanted: Case) -> Failures:
    for indicator, by_stage in wanted.items():
        for stage, figure in by_stage.items():
            n, i = ev.stages.index(STAGES[stage]), ev.indicators.index(indicator)
            yield from _differs(f"{name} {indicator} {stage}", float(ndarray[0, n, i]), figure)


def _differs(name: str, number: float, wanted: float, tolerance: float = 0.0) -> Failures:
    """Compare with a figure that is written with up to nine decimals."""
    if not math.isclose(number, wanted, rel_tol=1e-9, abs_tol=tolerance or 5.0000001e-10):
        yield f"{name}：应为{wanted}，得到{number:.12g}"


def _warnings(ev: be.Evaluation, wanted: Any) -> Failures:
    hints = {warning.check: warning.hint.zh for warning in ev.warnings}
    if hints != wanted:
        yield f"提示：应为{wanted}，得到{hints}"


COMPARED: Mapping[str, Callable[[be.Evaluation, Any], Failures]] = {
    "学部": _sections,
    "不参加计算": _left_out,
    "县均": lambda ev, wanted: _spread("县均", ev, ev.mean, wanted),
    "差异系数": lambda ev, wanted: _spread("差异系数", ev, ev.cv, wanted),
    "综合": _composites,
    "不放宽": _strictly,
    "放宽涉及": _relieved,
    "数值": _figures,
    "提示": _warnings,
}

# ---- single steps of the calculation -------------------------------------------------------------


def coefficient(given: Case, expected: Case) -> Failures:
    """Compare mean, standard deviation and coefficient with published figures, and with the wrong formulas."""
    pupils, amounts = (np.array(given[name], dtype=np.float64) for name in ("在校生数", "图书册数"))
    values = amounts / pupils
    mean, sd, cv = (float(entry[0]) for entry in dispersion(values, pupils, Segments(np.array([0, pupils.size]))))
    result = {"县均": mean, "标准差": sd, "差异系数": cv}
    for name, figure in result.items():
        yield from _differs(name, figure, expected[name])
    yield from _differs("差异系数", float(be.coefficient_of_variation(values, pupils)), cv)
    published = dict(expected["公布"])
    printed = [round(value, 2) for value in values.tolist()]
    if printed != published.pop("生均"):
        yield f"生均：得到{printed}"
    for name, figure in published.items():
        if round(result[name], 2) != figure:
            yield f"{name}：公布的是{figure}，得到{result[name]:.12g}"
    wrong = expected["错误算法"]
    plain = float(np.std(values) / np.mean(values))
    yield from _differs("不加权除以学校数", plain, wrong["不加权除以学校数"])
    yield from _differs(
        "不加权除以学校数减一", float(np.std(values, ddof=1) / np.mean(values)), wrong["不加权除以学校数减一"]
    )
    limit = spread_limit("primary")
    if limit.met(cv) or not limit.met(plain):
        yield f"限值{limit}：加权应超过，不加权应不超过"


def split(given: Case, expected: Case) -> Failures:
    """Split what a whole school owns; any measure of the whole school will do."""
    school = {name: value for name, value in given.items() if name != "全校共有"}
    row = {"学校标识": "一贯制", "教学仪器设备值": given["全校共有"], **school}
    ev = be.evaluate(be.Submission(**submitted({"学校": [row]})))
    values = ev.values[:, ev.indicators.index("R6")]
    per_pupil = dict(zip(ev.sections["stage"].tolist(), values.tolist(), strict=True))
    for title, stage in STAGES.items():
        if title in expected:
            yield from _differs(title, per_pupil[stage] * given[f"{title}在校生数"], expected[title])
    times = per_pupil["junior"] / per_pupil["primary"]
    if not math.isclose(times, expected["初中生均是小学生均的倍数"], rel_tol=1e-15):
        yield f"初中生均是小学生均的{times!r}倍"


def spread_limit(stage: Stage) -> Any:
    """Return the limit of the coefficient of variation."""
    rules = [rule for item in STANDARD.items.values() for rule in item.rules if isinstance(rule, SpreadWithin)]
    return rules[0].thresholds[stage]


def limits(given: Case, expected: Case) -> Failures:
    """Hold published coefficients against the limit of their stage."""
    limit = spread_limit(STAGES[given["学段"]])
    for indicator, cv in given["差异系数"].items():
        verdict = be.Verdict.MET if limit.met(cv) else be.Verdict.NOT_MET
        if verdict.text("zh") != expected[indicator]:
            yield f"{indicator}：{cv}应为{expected[indicator]}，限值{limit}，得到{verdict.text('zh')}"


def joint(given: Case, expected: Case) -> Failures:
    """Compare the composite of several coefficients with the published one."""
    result = float(composite(np.array(given["差异系数"])))
    yield from _differs("综合", result, expected["综合"], expected["容许相差"])


CALCULATIONS: Mapping[str, Callable[[Case, Case], Failures]] = {
    "差异系数": coefficient,
    "拆分": split,
    "限值": limits,
    "综合": joint,
}
