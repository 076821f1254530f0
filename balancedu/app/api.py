"""Routes for other programs: `/api/…`, JSON in and out, errors as problem documents (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

import balancedu as be
from balancedu.app.inputs import Law, SentForm, read_files
from balancedu.core.fields import Language, Stage
from balancedu.core.standard import Item, Standard
from balancedu.errors import (
    BalanceduError,
    DataErrors,
    RequestError,
    SpecErrors,
    UnknownNameError,
    UnknownStandardError,
)
from balancedu.evaluation.evaluation import json_schema
from balancedu.reporting.law import entry_text
from balancedu.text import Phrase, listed

PROBLEM = "application/problem+json"
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def problem_response(error: Exception, *, posted: bool = False) -> JSONResponse:
    """Return an error as a problem document; a name that is unknown in what was posted is no unknown address."""
    if isinstance(error, HTTPException):
        return _response(error.status_code, str(error.detail), [])
    if isinstance(error, RequestValidationError):
        wrong = [
            {"place": ".".join(map(str, entry["loc"])), "zh": "参数不对", "en": entry["msg"]}
            for entry in error.errors()
        ]
        return _response(422, "a parameter is missing or wrong", wrong)
    if isinstance(error, BalanceduError):
        status = 404 if isinstance(error, UnknownNameError | UnknownStandardError) and not posted else 422
        return _response(status, error.text("en"), problem_dicts(error))
    return _response(500, "the server failed; nothing was kept", [])


def _response(status: int, detail: str, problems: list[dict[str, Any]]) -> JSONResponse:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse({**body, "problems": problems}, status_code=status, media_type=PROBLEM)


def problem_dicts(error: BalanceduError) -> list[dict[str, Any]]:
    """Return every problem of an error with its place, in both languages."""
    if isinstance(error, DataErrors):
        return [
            {"table": entry.table, "place": entry.place, "column": entry.column, **both_languages(entry.text)}
            for entry in error.errors
        ]
    if isinstance(error, SpecErrors):
        return [
            {"place": f"{entry.file}:{entry.line}", "path": entry.path, **both_languages(entry.text)}
            for entry in error.errors
        ]
    return [both_languages(error.text)]


def both_languages(text: Callable[[Language], str]) -> dict[str, str]:
    """Return a text in both languages."""
    return {lang: str(text(lang)) for lang in LANGUAGES}


_CHOICE = {
    "standard": {"type": "string", "description": "the id of an edition"},
    "overlays": {"type": "array", "items": {"type": "string"}},
    "on": {"type": ["string", "null"], "format": "date"},
}
_FILES = {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}, **_CHOICE}
_ROWS = {"type": "array", "items": {"type": "object"}, "description": "rows, as objects with values by column"}
TABLES = ("schools", "sections", "spread", "classes", "rooms", "monitoring", "facts", "evidence", "narrative")


def _described() -> dict[str, Any]:
    """Return the body and the answer of a route that judges, for `/api/openapi.json`."""
    schema = json_schema()
    of_output = schema["properties"]["submission"]
    tables = {name: {"anyOf": [of_output["additionalProperties"], _ROWS]} for name in TABLES}
    body = {
        "submission": {"type": "object", "properties": tables | of_output["properties"], "additionalProperties": False},
        "standard": {"oneOf": [_CHOICE["standard"], {"type": "object", "properties": _CHOICE}]},
    }
    contents = {
        "multipart/form-data": {"schema": {"type": "object", "properties": _FILES, "required": ["file"]}},
        "application/json": {"schema": {"type": "object", "properties": body}},
    }
    return {"requestBody": {"required": True, "content": contents}}


def api_routes(law: Law) -> APIRouter:
    """Return the routes under `/api`."""
    router, described = APIRouter(prefix="/api"), _described()
    answers: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": json_schema()}}}}

    @router.get("/alive")
    def alive() -> dict[str, str]:
        """State that the service runs, and its version."""
        return {"version": be.__version__}

    @router.get("/standards")
    def standards() -> dict[str, Any]:
        """List the editions and overlays."""
        return {
            "standards": [_head(be.load_standard(name)) for name in be.available_standards()],
            "overlays": [*be.available_overlays(), *law.overlays],
        }

    @router.get("/standards/{name}")
    def standard(name: str, on: str | None = None) -> dict[str, Any]:
        """Describe a standard: its parts, items and indicators with their sources."""
        result = law.standard(name, (), on)
        return {**_head(result), "parts": [_part(part.id, part.title, part.items) for part in result.parts.values()]}

    @router.get("/standards/{name}/items/{item}")
    def item(name: str, item: str, on: str | None = None) -> dict[str, Any]:
        """Describe an item with its sources and requirements."""
        result = law.standard(name, (), on)
        if item not in result.items:
            known = ", ".join(result.items)
            raise UnknownNameError(Phrase(f"没有“{item}”这一条；现有：{known}", f"no item {item!r}; items: {known}"))
        return {**_item(result.items[item]), "text": both_languages(partial(entry_text, result, item))}

    @router.post("/evaluate", openapi_extra=described, responses=answers)
    async def evaluate(request: Request) -> Response:
        """Judge a workbook (multipart field `file`, several allowed) or JSON tables; the answer is `to_dict()`."""
        submission = await _submission(request, law)
        answer = await run_in_threadpool(lambda: be.evaluate(submission).to_json())
        return Response(answer, media_type="application/json")

    @router.post("/check", openapi_extra=described)
    async def check(request: Request) -> dict[str, Any]:
        """Read without judging: every error, warning and note."""
        try:
            submission = await _submission(request, law)
        except DataErrors as refused:
            return {"readable": False, "problems": problem_dicts(refused), "warnings": [], "notes": []}
        warnings, notes = (
            [both_languages(entry.text) for entry in some] for some in (submission.warnings, submission.notes)
        )
        return {"readable": True, "problems": [], "warnings": warnings, "notes": notes}

    @router.post("/explain", openapi_extra=described)
    async def explain(
        request: Request, entry: str, school: str | None = None, stage: Stage | None = None, county: str | None = None
    ) -> dict[str, str]:
        """Explain an item or an indicator of the tables in the body."""
        submission = await _submission(request, law)

        def explained() -> dict[str, str]:
            evaluation = be.evaluate(submission)
            one = evaluation if county is None else evaluation[county]
            return both_languages(be.explain(one, entry, school=school, stage=stage).text)

        return await run_in_threadpool(explained)

    return router


async def _submission(request: Request, law: Law) -> be.Submission:
    """Return what a request holds, as a workbook or as tables."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        form = await SentForm.of(request)
        chosen = form.get("standard"), form.all("overlays"), form.get("on")
        return await run_in_threadpool(lambda: read_files(form.uploaded(), law.standard(*chosen)))
    if kind != "application/json":
        zh, en = (
            "请上传表格（multipart 的 file 字段），或发送 JSON",
            "send a workbook as multipart field 'file', or JSON",
        )
        raise RequestError(Phrase(zh, en))
    return await run_in_threadpool(_of_tables, await request.body(), law)


def _of_tables(content: bytes, law: Law) -> be.Submission:
    """Return the submission that a JSON body holds."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise RequestError(Phrase("内容不是 JSON", "the body is not JSON")) from None
    if not isinstance(body, dict):
        raise RequestError(Phrase("JSON 应为对象", "the JSON must be an object"))
    chosen = body.get("standard") or {}
    chosen = {"standard": chosen} if isinstance(chosen, str) else chosen
    if not isinstance(chosen, dict) or not set(chosen) <= set(_CHOICE):
        zh = "standard 只能有 standard、overlays、on"
        raise RequestError(Phrase(zh, "standard may hold standard, overlays and on alone"))
    tables = body.get("submission", {name: table for name, table in body.items() if name in TABLES})
    if not isinstance(tables, dict):
        raise RequestError(Phrase("“submission”应为由表名到表的对象", "submission must be an object of tables"))
    if unknown := listed(sorted(set(tables) - set(TABLES))):
        raise RequestError(Phrase("没有这样的表：", "no such table: ") + unknown)
    standard = law.standard(**chosen)
    try:
        return be.Submission(**tables, standard=standard)
    except (TypeError, ValueError) as error:  # a table that is none, as a number
        if isinstance(error, BalanceduError):
            raise
        raise RequestError(Phrase(f"表格的格式不对：{error}", str(error))) from error


def _head(standard: Standard) -> dict[str, Any]:
    return {"id": standard.id, "title": both_languages(standard.head.title.text), "document": standard.head.document}


def _part(name: str, title: Any, items: Sequence[Item]) -> dict[str, Any]:
    return {"id": name, "title": both_languages(title.text), "items": [_item(item) for item in items]}


def _item(item: Item) -> dict[str, Any]:
    source = item.source
    return {
        "id": item.id,
        "name": both_languages(item.name.text),
        "title": both_languages(item.title.text),
        "source": {"document": source.document, "part": source.part, "confidence": source.confidence},
    }
