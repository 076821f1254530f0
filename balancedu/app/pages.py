"""What all pages share: the frame, the forms, the county that is requested, downloads, and errors as pages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import attrs
import jinja2
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

import balancedu as be
from balancedu.app.guard import Access
from balancedu.app.inputs import Law, SentForm
from balancedu.app.workspace import Workspace
from balancedu.errors import BalanceduError, RequestError, UnknownNameError
from balancedu.evaluation.wording import county_named
from balancedu.planning.plan.result import Plan
from balancedu.reporting.terminal import MARKS
from balancedu.text import Phrase

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
    ".zip": "application/zip",
}
"""What a file is, by its ending: what a system calls it is not the same everywhere."""


async def sent_form(request: Request) -> SentForm:
    """Return a form that a page of this run sent."""
    form = await SentForm.of(request)
    if not request.app.state.access.is_csrf(form.get("csrf")):
        raise HTTPException(403, "the form is not of this page")
    return form


Sent = Annotated[SentForm, Depends(sent_form)]
"""A form that a page of this run sent, as a route takes it."""


@attrs.frozen
class Pages:
    """What every page needs: the standards, the state and the value that its forms carry."""

    law: Law
    access: Access
    work: Workspace

    def show(self, template: str, here: str, title: str, *, county: str = "", **values: Any) -> HTMLResponse:
        """Return a page made of a template.

        Parameters
        ----------
        template : str
        here : str
            The address of the step that the page belongs to.
        title : str
        county : str
            The county that the page is about; the steps lead to the same one.
        **values
            What the template fills in.
        """
        common = {"title": title, "here": here, "county": county, "query": query_of(county), "several": self.several}
        common |= {"csrf": self.access.csrf, "version": be.__version__}
        return HTMLResponse(_templates().get_template(template).render(**common, **values))

    @property
    def several(self) -> bool:
        """Whether more than one county is open."""
        return self.work.evaluation is not None and len(self.work.evaluation.counties) > 1

    def evaluation_of(self, county: str | None = None) -> be.Evaluation:
        """Return the evaluation of one county; where several are open and none is named, lead to their overview."""
        evaluation = self.work.evaluation
        if evaluation is None:
            problem = "the data cannot be judged yet; see the check" if self.work.files else "open a workbook first"
            raise RequestError(
                Phrase("数据还有问题，请先在“检查”中改好" if self.work.files else "请先打开一份工作簿", problem)
            )
        if not county and len(evaluation.counties) > 1:
            raise HTTPException(303, headers={"location": "/result"})
        return evaluation[county or evaluation.counties[0]]

    def plan_of(self, evaluation: be.Evaluation) -> Plan | None:
        """Return the plan of a county, where one was requested and is there."""
        job = self.work.job_of(evaluation.counties[0])
        return job.result if job is not None else None

    def error(self, error: BalanceduError) -> HTMLResponse:
        """Return an error as a page."""
        back = "/check" if self.work.files else "/"
        answer = self.show("message.html", "", "没有完成", text=error.text("zh"), back=back)
        answer.status_code = 404 if isinstance(error, UnknownNameError) else 422
        return answer


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("balancedu.app"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["name"] = lambda evaluation: county_named(
        evaluation.submission, evaluation.counties[0], "zh", on_paper=True
    )
    environment.filters["shown"] = lambda verdict: f"{MARKS[verdict]} {verdict.text('zh')}"
    return environment


def query_of(county: str) -> str:
    """Return what follows an address to name a county."""
    return f"?{urlencode({'county': county})}" if county else ""


def redirect(address: str, county: str = "") -> RedirectResponse:
    """Lead to another page of the same county."""
    return RedirectResponse(address + query_of(county), status_code=303)


def download(name: str, write: Callable[[Path], object]) -> Response:
    """Return what a function writes as a file to be kept under a name; nothing of it stays on the server."""
    suffix = Path(name).suffix
    with tempfile.TemporaryDirectory(prefix="balancedu-") as folder:
        path = Path(folder, f"file{suffix}")
        write(path)
        disposition = f"attachment; filename*=UTF-8''{quote(name)}"
        return Response(path.read_bytes(), media_type=_TYPES[suffix], headers={"content-disposition": disposition})


def static_routes() -> APIRouter:
    """Return the routes of the style sheet and the script, which need no token."""
    router = APIRouter(include_in_schema=False)

    @router.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in ("app.css", "app.js"):
            raise HTTPException(404)
        content = resources("balancedu.app").joinpath("static", name).read_bytes()
        return Response(content, media_type=_TYPES[Path(name).suffix])

    return router
