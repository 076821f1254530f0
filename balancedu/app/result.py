"""The pages of the verdict: of one county, of each school, and the overview of several counties."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import attrs
import numpy as np
from fastapi import APIRouter, HTTPException, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, PlainTextResponse

import balancedu as be
from balancedu.app.pages import DOCX, Pages, Shown, download, query_of
from balancedu.app.uploads import written
from balancedu.core.fields import Stage
from balancedu.core.rules import SectionsComply
from balancedu.core.standard import Standard
from balancedu.document import Document, Picture, picture_bytes
from balancedu.evaluation.figures import limit_printed, printed
from balancedu.evaluation.findings import Check, strictly
from balancedu.evaluation.sections import Section, section_of
from balancedu.evaluation.wording import beside
from balancedu.reporting.reports import report_document
from balancedu.reporting.sentences import part_verdict
from balancedu.reporting.terminal import summary

STANDING_MARKS = {2: "✓", 1: "◐", 0: "✗", -1: "?"}
_FIRST = (be.Verdict.NOT_MET, be.Verdict.UNKNOWN, be.Verdict.MET, be.Verdict.NOT_APPLICABLE)
_MOST_DRIVERS = 2


def result_routes(pages: Pages) -> APIRouter:
    """Return the routes of the verdict."""
    router = APIRouter(include_in_schema=False)

    @router.get("/result")
    def result(county: str | None = None) -> HTMLResponse:
        if not county and pages.several and pages.work.evaluation is not None:
            return _overview(pages, pages.work.evaluation)
        evaluation = pages.judged(county)
        return pages.show("result.html", "/result", "评估结果", county=evaluation.counties[0], **_result(evaluation))

    @router.get("/overview/{number}.svg")
    async def picture(number: int) -> Response:
        evaluation = pages.work.evaluation or pages.judged()
        blocks = _overview_document(evaluation).blocks
        block = blocks[number] if 0 <= number < len(blocks) else None
        if not isinstance(block, Picture):
            raise HTTPException(404)
        return Response(await run_in_threadpool(picture_bytes, block, "svg"), media_type="image/svg+xml")

    @router.get("/overview.html")
    async def overview() -> Response:
        evaluation = pages.work.evaluation or pages.judged()
        write = partial(be.write_report, evaluation, kind="overview", pages=False)
        content = await run_in_threadpool(written, "overview.html", write)
        return download(content, "各县评估总览.html", "text/html; charset=utf-8")

    @router.get("/explain/{entry}")
    async def explain(
        entry: str, county: str | None = None, school: str | None = None, stage: Stage | None = None
    ) -> PlainTextResponse:
        ask = partial(be.explain, pages.judged(county), entry, school=school, stage=stage)
        return PlainTextResponse((await run_in_threadpool(ask)).text("zh"))

    @router.get("/school/{row}")
    def school(row: int, county: str | None = None) -> HTMLResponse:
        evaluation = pages.judged(county)
        sections = _sections_of(evaluation, row)
        values = {"row": row, "floor": _floor(evaluation.standard), "sections": sections}
        name = sections[0]["section"].name
        return pages.show("school.html", "/result", name, county=evaluation.counties[0], **values)

    @router.get("/school/{row}/notice.docx")
    async def notice(row: int, county: str | None = None) -> Response:
        evaluation = pages.judged(county)
        section = _sections_of(evaluation, row)[0]["section"]
        job = pages.work.job_of(evaluation.counties[0])
        plan = job.result if job is not None else None
        write = partial(be.write_notices, evaluation, schools=[section.school], plan=plan, lang="zh")
        content = await run_in_threadpool(written, "notice.docx", write)
        return download(content, f"一校一策-{section.name}.docx", DOCX)

    return router


def _overview(pages: Pages, evaluation: be.Evaluation) -> HTMLResponse:
    """Return the overview of the report, in which each county leads to its page."""
    document = _overview_document(evaluation)
    return pages.show("overview.html", "/result", document.title, blocks=document.blocks)


def _overview_document(evaluation: be.Evaluation) -> Document:
    addresses = {county: f"/result{query_of(county)}" for county in evaluation.counties}
    return report_document(evaluation, "overview", "zh", pages=addresses)


def _result(evaluation: be.Evaluation) -> dict[str, Any]:
    standard, strict, relieved = evaluation.standard, evaluation.strict, evaluation.changed_by_relief
    findings = sorted(evaluation.items.values(), key=lambda finding: _FIRST.index(finding.verdict))
    return {
        "evaluation": evaluation,
        "law": [standard.title.zh, *standard.notes("zh")],
        "floor": _floor(standard),
        "verdict": Shown.of(evaluation.verdict),
        "strictly": beside(evaluation.verdict, strict.verdict if strict else None, "zh"),
        "summary": summary(evaluation, "zh"),
        "parts": [
            {
                "title": standard.parts[part].title.zh,
                "verdict": attrs.evolve(Shown.of(verdict), word=part_verdict(standard.parts[part], verdict, "zh")),
                "strictly": beside(verdict, strict.parts[part] if strict else None, "zh"),
            }
            for part, verdict in evaluation.parts.items()
        ],
        "items": [
            {
                "id": finding.item.id,
                "name": finding.item.name.zh,
                "verdict": Shown.of(finding.verdict),
                "reason": finding.grounds("zh"),
                "strictly": strictly(relieved[finding.item.id], "zh") if finding.item.id in relieved else "",
            }
            for finding in findings
        ],
        "indicators": [indicator.name.zh for indicator in standard.indicators.values()],
        "sections": [_section(evaluation, row) for row in range(evaluation.section_verdicts.size)],
        "spread": list(_spread(evaluation)),
        "gaps": _gaps_by_deliverer(evaluation),
        "lists": {
            "不参加指标计算的学校": [entry.text("zh") for entry in evaluation.excluded],
            "四舍五入影响判定的情况": [flag.text("zh") for flag in be.rounding_flags(evaluation)],
        },
    }


def _section(evaluation: be.Evaluation, row: int) -> dict[str, Any]:
    section = section_of(evaluation.record.basis, int(evaluation.section_rows[row]))
    cells = zip(section.values.items(), evaluation.standing[row].tolist(), strict=True)
    return {
        "row": row,
        "name": section.text("zh"),
        "stage": section.stage_title.zh,
        "pupils": f"{section.pupils:g}",
        "verdict": Shown.of(section.verdict),
        "cells": [_cell(evaluation, value, standing) for (_, value), standing in cells],
    }


def _cell(evaluation: be.Evaluation, value: float, standing: int) -> dict[str, Any]:
    text = "" if np.isnan(value) else printed(value, "value", evaluation.standard.head.precision, "zh")
    return {
        "value": "" if np.isnan(value) else value,
        "text": text,
        "standing": standing,
        "mark": STANDING_MARKS[standing],
    }


def _spread(evaluation: be.Evaluation) -> Iterator[dict[str, Any]]:
    """Yield each coefficient with its limit, where there is one, and the schools that drive it."""
    standard = evaluation.standard
    for position, stage in enumerate(evaluation.stages):
        for number, indicator in enumerate(standard.indicators.values()):
            cv = float(evaluation.cv[0, position, number])
            if not np.isnan(cv):
                drivers = be.drivers(evaluation, indicator.id, stage).sections[:_MOST_DRIVERS]
                names = "、".join(driver.name.zh for driver in drivers)
                yield _coefficient(evaluation, f"{indicator.id}.{stage}", indicator.title.zh, cv, names)
        composite = float(evaluation.composite[0, position])
        if f"composite.{stage}" in _checks(evaluation):
            yield _coefficient(evaluation, f"composite.{stage}", "综合差异系数", composite, "")


def _coefficient(evaluation: be.Evaluation, name: str, title: str, cv: float, drivers: str) -> dict[str, Any]:
    check, head = _checks(evaluation).get(name), evaluation.standard.head
    limit = check.required if check else np.nan
    return {
        "stage": next(title.zh for stage, title in head.stage_titles.items() if name.endswith(f".{stage}")),
        "indicator": title,
        "cv": printed(cv, "coefficient", head.precision, "zh", limit),
        "limit": limit_printed(limit, "coefficient", "zh") if check else "",
        "verdict": Shown.of(check.verdict) if check else None,
        "drivers": drivers,
    }


def _checks(evaluation: be.Evaluation) -> dict[str, Check]:
    return {check.id: check for finding in evaluation.items.values() for check in finding.checks}


def _gaps_by_deliverer(evaluation: be.Evaluation) -> list[tuple[str, list[dict[str, str]]]]:
    """Return what is missing by who has to report it: each school, and the county for what is about all of it."""
    cells = dict.fromkeys(cell for undecided in be.gaps(evaluation) for cell in undecided.cells)
    result: dict[str, list[dict[str, str]]] = {}
    for cell in cells:
        grade = cell.grade.zh if cell.grade else ""
        result.setdefault(cell.name, []).append({"what": grade + cell.titled("zh"), "place": cell.place})
    return list(result.items())


def _sections_of(evaluation: be.Evaluation, row: int) -> list[dict[str, Any]]:
    """Return the sections of the school that a row is about, each with its indicators beside the standard."""
    if not 0 <= row < evaluation.section_verdicts.size:
        raise HTTPException(404)
    basis = evaluation.record.basis
    sections = [section_of(basis, number) for number in evaluation.section_rows.tolist()]
    return [
        {
            "section": section,
            "verdict": Shown.of(section.verdict),
            "rows": list(_indicators(evaluation, section, evaluation.standing[number].tolist())),
        }
        for number, section in enumerate(sections)
        if section.school == sections[row].school
    ]


def _indicators(evaluation: be.Evaluation, section: Section, standings: list[int]) -> Iterator[dict[str, Any]]:
    standard, share = evaluation.standard, _floor(evaluation.standard)
    means = evaluation.mean[0, evaluation.stages.index(section.stage)].tolist()
    words = {2: "达到标准", 1: f"低于标准，达到{share}", 0: f"低于{share}", -1: "数据缺报"}
    for indicator, standing, mean in zip(standard.indicators.values(), standings, means, strict=True):
        limit, floor = section.limits[indicator.id]
        yield {
            "id": indicator.id,
            "title": indicator.title.zh,
            **_cell(evaluation, section.values[indicator.id], standing),
            "standard": f"{limit.value:f}" if limit is not None else "",
            "floor": f"{floor.value:f}" if floor is not None else "",
            "mean": _cell(evaluation, mean, standing)["text"],
            "words": words[standing],
        }


def _floor(standard: Standard) -> str:
    """Return what the floor of the standard is called, as the share that a rule states."""
    rules = [rule for item in standard.items.values() for rule in item.rules if isinstance(rule, SectionsComply)]
    shares = [rule.floor_share for rule in rules if rule.floor_share is not None]
    return f"标准的{float(shares[0]):.0%}" if shares else "最低要求"
