"""The pages of the verdict: one county, each school, last year beside this one, and the overview of many counties."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

import balancedu as be
from balancedu.app.pages import Pages, Sent, download, query_of, redirect
from balancedu.core.fields import Stage
from balancedu.core.standard import Standard
from balancedu.document import Document, Picture, picture_bytes
from balancedu.errors import RequestError
from balancedu.evaluation.findings import Gap, Section, section_of, strictly
from balancedu.evaluation.results import Standing
from balancedu.evaluation.wording import limit_printed, printed, strict_note
from balancedu.reporting.reports import report_document
from balancedu.reporting.sentences import part_verdict
from balancedu.reporting.terminal import summary
from balancedu.text import Phrase

STANDING_MARKS = {2: "✓", 1: "◐", 0: "✗", -1: "?"}
_FIRST = (be.Verdict.NOT_MET, be.Verdict.UNKNOWN, be.Verdict.MET, be.Verdict.NOT_APPLICABLE)
_MOST_DRIVERS = 2


def result_routes(pages: Pages) -> APIRouter:
    """Return the routes of the verdict."""
    router = APIRouter(include_in_schema=False)

    @router.get("/result")
    def result(county: str | None = None) -> HTMLResponse:
        if not county and pages.several and pages.work.evaluation is not None:
            document = _overview(pages.work.evaluation)
            return pages.show("overview.html", "/result", document.title, blocks=document.blocks)
        evaluation = pages.evaluation_of(county)
        return pages.show("result.html", "/result", "评估结果", county=evaluation.counties[0], **_result(evaluation))

    @router.get("/overview/{number}.svg")
    def picture(number: int) -> Response:
        blocks = _overview(pages.work.evaluation or pages.evaluation_of()).blocks
        block = blocks[number] if 0 <= number < len(blocks) else None
        if not isinstance(block, Picture):
            raise HTTPException(404)
        return Response(picture_bytes(block, "svg"), media_type="image/svg+xml")

    @router.get("/overview.html")
    def overview() -> Response:
        evaluation = pages.work.evaluation or pages.evaluation_of()
        return download("各县评估总览.html", partial(be.write_report, evaluation, kind="overview", pages=False))

    @router.get("/explain/{entry}")
    def explain(
        entry: str, county: str | None = None, school: str | None = None, stage: Stage | None = None
    ) -> PlainTextResponse:
        return PlainTextResponse(be.explain(pages.evaluation_of(county), entry, school=school, stage=stage).text("zh"))

    @router.get("/school/{row}")
    def school(row: int, county: str | None = None) -> HTMLResponse:
        evaluation = pages.evaluation_of(county)
        sections = _of_school(evaluation, row)
        name, floor = sections[0][0].name, _floor(evaluation.standard)
        values = {"row": row, "floor": floor, "sections": sections}
        return pages.show("school.html", "/result", name, county=evaluation.counties[0], **values)

    @router.get("/school/{row}/notice.docx")
    def notice(row: int, county: str | None = None) -> Response:
        evaluation = pages.evaluation_of(county)
        section, plan = _of_school(evaluation, row)[0][0], pages.plan_of(evaluation)
        write = partial(be.write_notices, evaluation, schools=[section.school], plan=plan, lang="zh")
        return download(f"一校一策-{section.name}.docx", write)

    @router.get("/years")
    def years(county: str | None = None) -> HTMLResponse:
        evaluation, earlier = pages.evaluation_of(county), pages.work.earlier
        name = evaluation.counties[0]
        if earlier is not None and len(earlier.counties) > 1:
            if name not in earlier:
                raise RequestError(Phrase("上年的数据中没有这个县", "last year's data do not hold this county"))
            earlier = earlier[name]
        compared = list(be.compare(earlier, evaluation).blocks("zh")) if earlier is not None else []
        return pages.show("years.html", "/years", "与上年对照", county=name, compared=compared)

    @router.post("/years")
    def years_open(form: Sent) -> Response:
        pages.work.open_earlier(form.uploaded())
        return redirect("/years", form.get("county"))

    return router


def _overview(evaluation: be.Evaluation) -> Document:
    """Return the overview of the report, in which each county leads to its page."""
    addresses = {county: f"/result{query_of(county)}" for county in evaluation.counties}
    return report_document(evaluation, "overview", "zh", pages=addresses)


def _result(evaluation: be.Evaluation) -> dict[str, Any]:
    """Return what the page of a county shows; findings that are not met come first."""
    standard, strict = evaluation.standard, evaluation.strict
    parts = [
        (part.title.zh, verdict, part_verdict(part, verdict, "zh"), strict.parts[part.id] if strict else None)
        for part, verdict in zip(standard.parts.values(), evaluation.parts.values(), strict=True)
    ]
    return {
        "evaluation": evaluation,
        "law": [standard.title.zh, *standard.notes("zh")],
        "floor": _floor(standard),
        "strictly": strict_note(evaluation.verdict, strict.verdict if strict else None, "zh"),
        "summary": summary(evaluation, "zh"),
        "parts": [(title, verdict, word, strict_note(verdict, other, "zh")) for title, verdict, word, other in parts],
        "findings": sorted(evaluation.items.values(), key=lambda finding: _FIRST.index(finding.verdict)),
        "relieved": {item: strictly(finding, "zh") for item, finding in evaluation.changed_by_relief.items()},
        "sections": _sections(evaluation),
        "spread": list(_spread(evaluation)),
        "gaps": _gaps_by_deliverer(evaluation),
        "lists": {
            "不参加指标计算的学校": [entry.text("zh") for entry in evaluation.excluded],
            "四舍五入影响判定的情况": [flag.sentence("zh") for flag in be.rounding_flags(evaluation)],
        },
    }


def _sections(evaluation: be.Evaluation) -> list[tuple[Section, list[dict[str, Any]]]]:
    """Return each section with its indicators beside standard, floor and mean."""
    sections = [section_of(evaluation.record.basis, row) for row in evaluation.section_rows.tolist()]
    standings = evaluation.standing.tolist()
    return [
        (section, list(_indicators(evaluation, section, standing)))
        for section, standing in zip(sections, standings, strict=True)
    ]


def _indicators(evaluation: be.Evaluation, section: Section, standings: list[int]) -> Iterator[dict[str, Any]]:
    standard, share = evaluation.standard, _floor(evaluation.standard)
    means = evaluation.mean[0, evaluation.stages.index(section.stage)].tolist()
    words = {2: "达到标准", 1: f"低于标准，达到{share}", 0: f"低于{share}", -1: "数据缺报"}
    for indicator, standing, mean in zip(standard.indicators.values(), standings, means, strict=True):
        value, (limit, floor) = section.values[indicator.id], section.limits_and_floors[indicator.id]
        beyond = bool(indicator.at_most) and standing in (0, 1)
        yield {
            "indicator": indicator,
            "value": "" if np.isnan(value) else value,
            "text": printed(value, "value", standard.head.precision, "zh"),
            "mark": STANDING_MARKS[standing],
            "standing": standing,
            "standard": f"{limit.value:f}" if limit is not None else "",
            "floor": f"{floor.value:f}" if floor is not None else "",
            "mean": printed(mean, "value", standard.head.precision, "zh"),
            "words": Standing(standing).text("zh", at_most=True) if beyond else words[standing],
        }


def _of_school(evaluation: be.Evaluation, row: int) -> list[tuple[Section, list[dict[str, Any]]]]:
    """Return the sections of the school that a row is about."""
    sections = _sections(evaluation)
    if not 0 <= row < len(sections):
        raise HTTPException(404)
    return [entry for entry in sections if entry[0].school == sections[row][0].school]


def _spread(evaluation: be.Evaluation) -> Iterator[dict[str, Any]]:
    """Yield each coefficient beside its limit, with the schools that drive it most."""
    standard = evaluation.standard
    checks = {check.id: check for finding in evaluation.items.values() for check in finding.checks}
    for n, stage in enumerate(evaluation.stages):
        titles = [(indicator.id, indicator.title.zh) for indicator in standard.indicators.values()]
        figures = [*evaluation.cv[0, n].tolist(), float(evaluation.composite[0, n])]
        for (name, title), cv in zip((*titles, ("composite", "综合差异系数")), figures, strict=True):
            check = checks.get(f"{name}.{stage}")
            known = not np.isnan(cv)
            absent = check.verdict is be.Verdict.NOT_APPLICABLE if check else name == "composite" or not known
            if absent:
                continue
            single = known and name != "composite"
            drivers = be.drivers(evaluation, name, stage).sections[:_MOST_DRIVERS] if single else ()
            limit = check.required if check else np.nan
            yield {
                "stage": standard.head.stage_titles[stage].zh,
                "indicator": title,
                "cv": printed(cv, "coefficient", standard.head.precision, "zh", limit) if known else "数据缺报",
                "limit": limit_printed(limit, "coefficient", "zh") if check else "",
                "verdict": check.verdict if check else None,
                "drivers": "、".join(driver.name.zh for driver in drivers),
            }


def _gaps_by_deliverer(evaluation: be.Evaluation) -> dict[str, list[Gap]]:
    """Return what is missing by who has to report it: each school, and the county for what is about all of it."""
    result: dict[str, list[Gap]] = {}
    for gap in dict.fromkeys(gap for undecided in be.gaps(evaluation) for gap in undecided.cells):
        result.setdefault(gap.name, []).append(gap)
    return result


def _floor(standard: Standard) -> str:
    """Return what the floor of the standard is called, as the share that a rule states."""
    rule = standard.section_rule
    return f"标准的{float(rule.floor_share):.0%}" if rule and rule.floor_share is not None else "最低要求"
