"""The page of the papers: what can be downloaded and handed in, one by one or all in one zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import attrs
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

import balancedu as be
from balancedu.app.pages import DOCX, XLSX, Pages, Shown, download, redirect
from balancedu.app.uploads import written
from balancedu.core.narrative import FIELDS, GENERAL, narrative_entries, narrative_keys
from balancedu.planning.plan.result import Plan
from balancedu.reporting.reports import KINDS, Kind


@attrs.frozen
class Paper:
    """What can be downloaded: its file, its title, what it is for, and what writes it with or without a plan."""

    file: str
    title: str
    purpose: str
    write: Callable[[be.Evaluation, Path, Plan | None], object]

    @property
    def name(self) -> str:
        """The name under which it is kept."""
        return self.title + Path(self.file).suffix

    def content(self, evaluation: be.Evaluation, plan: Plan | None) -> bytes:
        """Return the file."""
        return written(self.file, lambda path: self.write(evaluation, path, plan))


def _workbook(evaluation: be.Evaluation, path: Path, _: Plan | None) -> None:
    be.write_submission(evaluation.submission, path)


def _forms(evaluation: be.Evaluation, path: Path, _: Plan | None) -> None:
    be.write_forms(evaluation, path)


def _report(kind: Kind, evaluation: be.Evaluation, path: Path, plan: Plan | None) -> None:
    be.write_report(evaluation, path, kind=kind, plan=plan)


def _ledger(evaluation: be.Evaluation, path: Path, plan: Plan | None) -> None:
    be.write_ledger(evaluation, path, plan=plan, lang="zh")


def _notices(evaluation: be.Evaluation, path: Path, plan: Plan | None) -> None:
    be.write_notices(evaluation, path, plan=plan, lang="zh")


def _report_paper(kind: Kind, purpose: str) -> Paper:
    return Paper(f"{kind}.docx", KINDS[kind][0].zh, purpose, partial(_report, kind))


PAPERS = (
    Paper("workbook.xlsx", "填报工作簿", "全部填报数据和文字材料，按模板的格式", _workbook),
    Paper("forms.xlsx", "申报表", "申报用的各张表", _forms),
    Paper(
        "self-evaluation.docx",
        KINDS["self-evaluation"][0].zh,
        "逐条的自评结论和依据",
        partial(_report, "self-evaluation"),
    ),
    Paper(
        "rectification.docx", KINDS["rectification"][0].zh, "存在的问题和整改措施", partial(_report, "rectification")
    ),
    Paper("ledger.xlsx", "整改台账", "问题、责任单位、完成时限，附任务分解表", _ledger),
    Paper("notices.docx", "一校一策", "每所学校一页", _notices),
    Paper(
        "implementation.docx", KINDS["implementation"][0].zh, "按部门和年度分解任务", partial(_report, "implementation")
    ),
    _report_paper("brief", "供会议使用的一页"),
)
SHORT = ("office", "person", "deadline")
"""The fields in which a line is written."""
ALL = "全部材料.zip"


def papers_routes(pages: Pages) -> APIRouter:
    """Return the routes of the papers."""
    router = APIRouter(include_in_schema=False)

    @router.get("/papers")
    def papers(county: str | None = None) -> HTMLResponse:
        evaluation = pages.judged(county)
        typed = len(evaluation.submission.narrative)
        return pages.show("papers.html", "/papers", "材料", county=evaluation.counties[0], papers=PAPERS, typed=typed)

    @router.get("/texts")
    def texts(county: str | None = None) -> HTMLResponse:
        evaluation = pages.judged(county)
        values = _texts(evaluation)
        return pages.show("texts.html", "/papers", "填写文字材料", county=evaluation.counties[0], **values)

    @router.post("/texts")
    async def texts_typed(request: Request) -> Response:
        form = await pages.form(request)
        county = pages.judged(form.get("county")).counties[0]
        known = narrative_keys(pages.work.standard)
        typed = {key: form.get(key).replace("\r\n", "\n").strip() for key in known if key in form.texts}
        await run_in_threadpool(pages.work.type_texts, county, typed)
        return redirect("/papers", county)

    @router.get("/papers/{file}")
    async def paper(file: str, county: str | None = None) -> Response:
        evaluation = pages.judged(county)
        job = pages.work.job_of(evaluation.counties[0])
        plan = job.result if job is not None else None
        if file == "all.zip":
            return download(await run_in_threadpool(_zip, evaluation, plan), ALL, "application/zip")
        chosen = next((paper for paper in PAPERS if paper.file == file), None)
        if chosen is None:
            raise HTTPException(404)
        kind = XLSX if file.endswith(".xlsx") else DOCX
        return download(await run_in_threadpool(chosen.content, evaluation, plan), chosen.name, kind)

    return router


def _texts(evaluation: be.Evaluation) -> dict[str, Any]:
    """Return what a county may write in words: about itself, and about each item, those that are not met first."""
    narrative, findings = evaluation.submission.narrative, evaluation.items
    entries = [
        {
            "id": entry,
            "title": title.zh,
            "verdict": Shown.of(findings[entry].verdict) if entry in findings else None,
            "fields": [
                {"key": f"{entry}.{field}", "title": name.zh, "text": narrative.get(f"{entry}.{field}", "")}
                for field, name in FIELDS.items()
            ],
        }
        for entry, title in narrative_entries(evaluation.standard).items()
    ]
    entries.sort(
        key=lambda entry: entry["id"] not in findings or findings[entry["id"]].verdict is not be.Verdict.NOT_MET
    )
    general = [{"key": key, "title": name.zh, "text": narrative.get(key, "")} for key, name in GENERAL.items()]
    return {"general": general, "entries": entries, "short": SHORT}


def _zip(evaluation: be.Evaluation, plan: Plan | None) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for paper in PAPERS:
            archive.writestr(paper.name, paper.content(evaluation, plan))
    return packed.getvalue()
