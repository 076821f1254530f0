"""Routes for other programs: `/api/…`, JSON in and out, errors as problem documents (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

import balancedu as be
from balancedu.app.law import Law
from balancedu.app.problems import problems_of, texts_of
from balancedu.app.uploads import Form, read_files
from balancedu.core.fields import Stage
from balancedu.core.standard import Item, Standard
from balancedu.errors import BalanceduError, DataErrors, RequestError, UnknownNameError
from balancedu.reporting.law import entry_text
from balancedu.text import Phrase

TABLES = ("schools", "sections", "spread", "classes", "rooms", "monitoring", "facts", "evidence")
_STANDARD = {
    "oneOf": [
        {"type": "string", "description": "the id of an edition"},
        {
            "type": "object",
            "properties": {
                "standard": {"type": "string"},
                "overlays": {"type": "array", "items": {"type": "string"}},
                "on": {"type": "string", "format": "date"},
            },
            "additionalProperties": False,
        },
    ]
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        "standard": {"type": "string"},
                        "overlays": {"type": "array", "items": {"type": "string"}},
                        "on": {"type": "string", "format": "date"},
                    },
                    "required": ["file"],
                }
            },
            "application/json": {
                "schema": {
                    "type": "object",
                    "description": "as `to_dict()` of an evaluation gives them; tables are columns or lists of rows",
                    "properties": {
                        "submission": {"type": "object", "properties": {name: {} for name in TABLES}},
                        "standard": _STANDARD,
                    },
                }
            },
        },
    }
}
"""What the routes take that read their body by themselves, for `/api/openapi.json`."""


def api_routes(law: Law) -> APIRouter:
    """Return the routes under `/api`."""
    router = APIRouter(prefix="/api")

    @router.get("/alive")
    def alive() -> dict[str, str]:
        """Say that the service runs, and its version."""
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
        return {**_item(result.items[item]), "text": texts_of(partial(entry_text, result, item))}

    @router.post("/evaluate", openapi_extra=_BODY)
    async def evaluate(request: Request) -> Response:
        """Judge a workbook (multipart field `file`, several allowed) or JSON tables; the answer is `to_dict()`."""
        evaluation = await _evaluation(request, law)
        return Response(await run_in_threadpool(evaluation.to_json), media_type="application/json")

    @router.post("/check", openapi_extra=_BODY)
    async def check(request: Request) -> dict[str, Any]:
        """Read without judging: every error, warning and note."""
        try:
            submission, _ = await _submission(request, law)
        except DataErrors as refused:
            return {"readable": False, "problems": problems_of(refused), "warnings": [], "notes": []}
        warnings = [texts_of(warning.text) for warning in submission.warnings]
        return {
            "readable": True,
            "problems": [],
            "warnings": warnings,
            "notes": [texts_of(note.text) for note in submission.notes],
        }

    @router.post("/explain", openapi_extra=_BODY)
    async def explain(
        request: Request, entry: str, school: str | None = None, stage: Stage | None = None, county: str | None = None
    ) -> dict[str, Any]:
        """Explain an item or an indicator of the tables in the body."""
        evaluation = await _evaluation(request, law)
        if county is not None:
            evaluation = evaluation[county]
        explained = await run_in_threadpool(partial(be.explain, evaluation, entry, school=school, stage=stage))
        return {"zh": explained.text("zh"), "en": explained.text("en")}

    return router


async def _evaluation(request: Request, law: Law) -> be.Evaluation:
    submission, standard = await _submission(request, law)
    return await run_in_threadpool(be.evaluate, submission, standard)


async def _submission(request: Request, law: Law) -> tuple[be.Submission, Standard]:
    """Return what a request holds, as a workbook or as tables."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        form = await Form.of(request)
        chosen = form.get("standard"), form.all("overlays"), form.get("on")
        standard = await run_in_threadpool(law.standard, *chosen)
        return await run_in_threadpool(read_files, form.uploaded(), standard), standard
    if kind != "application/json":
        raise RequestError(
            Phrase(
                "请上传表格（multipart 的 file 字段），或发送 JSON",
                "send a workbook as multipart field 'file', or JSON",
            )
        )
    try:
        body = await run_in_threadpool(json.loads, await request.body())
    except (ValueError, RecursionError):
        raise RequestError(Phrase("内容不是 JSON", "the body is not JSON")) from None
    if not isinstance(body, dict):
        raise RequestError(Phrase("JSON 应为对象", "the JSON must be an object"))
    words = body.get("standard") or {}
    words = {"standard": words} if isinstance(words, str) else words
    if not isinstance(words, dict) or not set(words) <= {"standard", "overlays", "on"}:
        raise RequestError(
            Phrase("standard 只能有 standard、overlays、on", "standard may hold standard, overlays and on alone")
        )
    standard = await run_in_threadpool(partial(law.standard, **words))
    tables = body.get("submission", {name: table for name, table in body.items() if name in TABLES})
    if not isinstance(tables, dict):
        raise RequestError(Phrase("“submission”应为由表名到表的对象", "submission must be an object of tables"))
    if unknown := set(tables) - set(TABLES):
        listed = sorted(unknown)
        raise RequestError(Phrase(f"没有这样的表：{'、'.join(listed)}", f"no such table: {', '.join(listed)}"))
    try:
        return await run_in_threadpool(partial(be.Submission, **tables, standard=standard)), standard
    except (TypeError, ValueError) as error:  # a table that is none, as a number
        if isinstance(error, BalanceduError):
            raise
        raise RequestError(Phrase(f"表格的格式不对：{error}", str(error))) from error


def _head(standard: Standard) -> dict[str, Any]:
    return {"id": standard.id, "title": texts_of(standard.head.title.text), "document": standard.head.document}


def _part(name: str, title: Any, items: Sequence[Item]) -> dict[str, Any]:
    return {"id": name, "title": texts_of(title.text), "items": [_item(item) for item in items]}


def _item(item: Item) -> dict[str, Any]:
    source = item.source
    return {
        "id": item.id,
        "name": texts_of(item.name.text),
        "title": texts_of(item.title.text),
        "source": {"document": source.document, "part": source.part, "confidence": source.confidence},
    }
