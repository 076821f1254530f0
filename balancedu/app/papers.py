"""The page of the papers: what can be downloaded and handed in, one by one or all in one zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import attrs
from fastapi import APIRouter, HTTPException, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

import balancedu as be
from balancedu.app.pages import DOCX, XLSX, Pages, download
from balancedu.app.uploads import written


def _write_workbook(evaluation: be.Evaluation, path: Path) -> None:
    be.write_submission(evaluation.submission, path)


@attrs.frozen
class Paper:
    """What can be downloaded: its file, its title, what it is for, and what writes it."""

    file: str
    title: str
    purpose: str
    write: Callable[[be.Evaluation, Path], object]

    @property
    def name(self) -> str:
        """The name under which it is kept."""
        return self.title + Path(self.file).suffix

    def content(self, evaluation: be.Evaluation) -> bytes:
        """Return the file."""
        return written(self.file, partial(self.write, evaluation))


PAPERS = (
    Paper(
        "workbook.xlsx",
        "填报工作簿",
        "全部填报数据，按模板的格式",
        _write_workbook,
    ),
    Paper("forms.xlsx", "申报表", "申报用的各张表", be.write_forms),
    Paper(
        "self-evaluation.docx", "自查自评报告", "逐条的自评结论和依据", partial(be.write_report, kind="self-evaluation")
    ),
    Paper("rectification.docx", "整改方案", "存在的问题和整改措施", partial(be.write_report, kind="rectification")),
    Paper("ledger.xlsx", "整改台账", "问题、责任单位、完成时限，附任务分解表", partial(be.write_ledger, lang="zh")),
    Paper("notices.docx", "一校一策", "每所学校一页", partial(be.write_notices, lang="zh")),
    Paper("implementation.docx", "实施方案", "按部门和年度分解任务", partial(be.write_report, kind="implementation")),
    Paper("brief.docx", "简报", "供会议使用的一页", partial(be.write_report, kind="brief")),
)
ALL = "全部材料.zip"


def papers_routes(pages: Pages) -> APIRouter:
    """Return the routes of the papers."""
    router = APIRouter(include_in_schema=False)

    @router.get("/papers")
    def papers(county: str | None = None) -> HTMLResponse:
        evaluation = pages.judged(county)
        return pages.show("papers.html", "/papers", "材料", county=evaluation.counties[0], papers=PAPERS)

    @router.get("/papers/{file}")
    async def paper(file: str, county: str | None = None) -> Response:
        evaluation = pages.judged(county)
        if file == "all.zip":
            return download(await run_in_threadpool(_zip, evaluation), ALL, "application/zip")
        chosen = next((paper for paper in PAPERS if paper.file == file), None)
        if chosen is None:
            raise HTTPException(404)
        kind = XLSX if file.endswith(".xlsx") else DOCX
        return download(await run_in_threadpool(chosen.content, evaluation), chosen.name, kind)

    return router


def _zip(evaluation: be.Evaluation) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for paper in PAPERS:
            archive.writestr(paper.name, paper.content(evaluation))
    return packed.getvalue()
