"""The page of the papers: what can be downloaded and handed in, one by one or all in one zip."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import attrs
from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse

import balancedu as be
from balancedu.app.pages import Pages, Sent, download, redirect
from balancedu.core.standard import FIELDS, GENERAL, narrative_entries, narrative_keys
from balancedu.planning.plan.result import Plan
from balancedu.reporting.reports import REPORTS, ReportKind

SHORT = ("office", "person", "deadline")
"""The fields in which a line is written."""


@attrs.frozen
class Download:
    """What can be downloaded: its file, its title, what it is for, and what writes it, with or without a plan."""

    file: str
    title: str
    purpose: str
    writer: Callable[..., object]
    is_planned: bool = True

    @property
    def name(self) -> str:
        """The name under which it is kept."""
        return self.title + Path(self.file).suffix

    def write(self, evaluation: be.Evaluation, path: Path, plan: Plan | None) -> None:
        """Write the file."""
        self.writer(evaluation, path, **({"plan": plan} if self.is_planned else {}))


def _report(kind: ReportKind, purpose: str) -> Download:
    return Download(f"{kind}.docx", REPORTS[kind].title.zh, purpose, partial(be.write_report, kind=kind))


def _write_workbook(evaluation: be.Evaluation, path: Path) -> None:
    be.write_submission(evaluation.submission, path)


def _write_all(evaluation: be.Evaluation, path: Path, plan: Plan | None) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, tempfile.TemporaryDirectory() as folder:
        for paper in PAPERS:
            paper.write(evaluation, Path(folder, paper.file), plan)
            archive.write(Path(folder, paper.file), paper.name)


PAPERS = (
    Download("workbook.xlsx", "填报工作簿", "全部填报数据和文字材料，按模板的格式", _write_workbook, is_planned=False),
    Download("forms.xlsx", "申报表", "申报用的各张表", be.write_forms, is_planned=False),
    _report("self-evaluation", "逐条的自评结论和依据"),
    _report("rectification", "存在的问题和整改措施"),
    Download("ledger.xlsx", "整改台账", "问题、责任单位、完成时限，附任务分解表", partial(be.write_ledger, lang="zh")),
    Download("notices.docx", "一校一策", "每所学校一页", partial(be.write_notices, lang="zh")),
    _report("implementation", "按部门和年度分解任务"),
    _report("brief", "供会议使用的一页"),
)
_FILES = {paper.file: paper for paper in (*PAPERS, Download("all.zip", "全部材料", "", _write_all))}


def papers_routes(pages: Pages) -> APIRouter:
    """Return the routes of the papers."""
    router = APIRouter(include_in_schema=False)

    @router.get("/papers")
    def papers(county: str | None = None) -> HTMLResponse:
        evaluation = pages.evaluation_of(county)
        typed = len(evaluation.submission.narrative)
        return pages.show("papers.html", "/papers", "材料", county=evaluation.counties[0], papers=PAPERS, typed=typed)

    @router.get("/texts")
    def texts(county: str | None = None) -> HTMLResponse:
        evaluation = pages.evaluation_of(county)
        narrative, findings = evaluation.submission.narrative, evaluation.items
        failing = {item for item, finding in findings.items() if finding.verdict is be.Verdict.NOT_MET}
        entries = sorted(narrative_entries(evaluation.standard).items(), key=lambda entry: entry[0] not in failing)
        values = {"narrative": narrative, "findings": findings, "entries": entries, "short": SHORT}
        values |= {"general": GENERAL, "fields": FIELDS, "typed": {key.rpartition(".")[0] for key in narrative}}
        return pages.show("texts.html", "/papers", "填写文字材料", county=evaluation.counties[0], **values)

    @router.post("/texts")
    def texts_typed(form: Sent) -> Response:
        county = pages.evaluation_of(form.get("county")).counties[0]
        known = narrative_keys(pages.work.standard)
        typed = {key: form.get(key).replace("\r\n", "\n").strip() for key in known if key in form.texts}
        pages.work.type_texts(county, typed)
        return redirect("/papers", county)

    @router.get("/papers/{file}")
    def paper(file: str, county: str | None = None) -> Response:
        evaluation = pages.evaluation_of(county)
        if file not in _FILES:
            raise HTTPException(404)
        chosen, plan = _FILES[file], pages.plan_of(evaluation)
        return download(chosen.name, lambda path: chosen.write(evaluation, path, plan))

    @router.post("/papers/ledger.xlsx")
    def ledger(form: Sent) -> Response:
        evaluation = pages.evaluation_of(form.get("county"))
        plan, earlier = pages.plan_of(evaluation), next(iter(form.uploaded().values()))

        def write(path: Path) -> None:
            before = path.with_name("earlier.xlsx")
            before.write_bytes(earlier)
            be.write_ledger(evaluation, path, plan=plan, earlier=before, lang="zh")

        return download("整改台账.xlsx", write)

    return router
