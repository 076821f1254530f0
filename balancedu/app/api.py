"""Routes for other programs: `/api/…`, JSON in and out, errors as problem documents (RFC 9457)."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import attrs
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData, UploadFile

import balancedu as be
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
from balancedu.text import Phrase

PROBLEM = "application/problem+json"
MOST_FILES = 300
LANGUAGES: tuple[Language, ...] = ("zh", "en")
TABLES = ("schools", "sections", "spread", "classes", "rooms", "monitoring", "facts", "evidence")


@attrs.frozen
class Law:
    """Which standards requests may name: those that are shipped, and the overlay files given at start."""

    overlays: Mapping[str, Path]

    @classmethod
    def of(cls, files: Sequence[Path]) -> Law:
        """Return the law with own overlay files, by their ids."""
        result = {}
        for file in files:
            standard = be.load_standard(file)
            result[standard.overlays[-1]] = file
        return cls(result)

    def standard(self, standard: object = None, overlays: object = (), on: object = None) -> Standard:
        """Return a standard by ids and a day; a text never names a file."""
        if standard is not None and not isinstance(standard, str):
            raise RequestError(Phrase("standard 应为标准的编号", "standard must be the id of a standard"))
        if not isinstance(overlays, list | tuple) or not all(isinstance(name, str) for name in overlays):
            raise RequestError(Phrase("overlays 应为编号的列表", "overlays must be a list of ids"))
        if on is not None and not isinstance(on, str):
            raise RequestError(Phrase("on 应为日期，如 2025-09-01", "on must be a day, as 2025-09-01"))
        named = [self.overlays.get(name, name) for name in overlays]
        chosen = {"standard": standard} if standard else {}
        return be.load_standard(**chosen, overlays=named, on=on or None)


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
        return _item(result.items[item])

    @router.post("/evaluate")
    async def evaluate(request: Request) -> Response:
        """Judge a workbook (multipart field `file`, several allowed) or JSON tables; the answer is `to_dict()`."""
        evaluation = await _evaluation(request, law)
        return JSONResponse(await run_in_threadpool(evaluation.to_dict))

    @router.post("/check")
    async def check(request: Request) -> dict[str, Any]:
        """Read without judging: every error, warning and note."""
        try:
            submission, _ = await _submission(request, law)
        except DataErrors as refused:
            return {"readable": False, "problems": problems_of(refused), "warnings": [], "notes": []}
        warnings = [_texts(warning.text) for warning in submission.warnings]
        return {
            "readable": True,
            "problems": [],
            "warnings": warnings,
            "notes": [_texts(note.text) for note in submission.notes],
        }

    @router.post("/explain")
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
        async with request.form(max_files=MOST_FILES, max_fields=50) as form:
            overlays = [text for text in form.getlist("overlays") if isinstance(text, str) and text]
            standard = await run_in_threadpool(
                law.standard, form.get("standard") or None, overlays, form.get("on") or None
            )
            files = await files_of(form)
        return await run_in_threadpool(read_files, files, standard), standard
    if kind != "application/json":
        raise RequestError(
            Phrase(
                "请上传表格（multipart 的 file 字段），或发送 JSON",
                "send a workbook as multipart field 'file', or JSON",
            )
        )
    try:
        body = await request.json()
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
    unknown = set(tables) - set(TABLES) if isinstance(tables, dict) else {"submission"}
    if unknown:
        listed = "、".join(sorted(unknown))
        raise RequestError(Phrase(f"没有这样的表：{listed}", f"no such table: {', '.join(sorted(unknown))}"))
    try:
        return await run_in_threadpool(partial(be.Submission, **tables, standard=standard)), standard
    except TypeError as error:  # a table that is none, as a number
        raise RequestError(Phrase(f"表格的格式不对：{error}", str(error))) from error


async def files_of(form: FormData) -> dict[str, bytes]:
    """Return the uploaded files by a safe name; a name from a client is never used as a path."""
    result: dict[str, bytes] = {}
    for upload in form.getlist("file"):
        if isinstance(upload, UploadFile) and upload.filename:
            name = safe_name(upload.filename, len(result))
            result[name] = await upload.read()
    if not result:
        raise RequestError(Phrase("没有收到文件", "no file arrived"))
    return result


def safe_name(name: str, number: int) -> str:
    """Return the last part of a name, without what a path or a device could be made of."""
    last = PurePath(name.replace("\\", "/")).name
    kept = "".join(sign for sign in last if sign.isalnum() or sign in "._-（）()　 ").strip(" .")[-80:]
    return f"{number:03}-{kept or 'file'}" if not kept or kept[0] == "." else kept


def read_files(files: Mapping[str, bytes], standard: Standard, mapping: bytes | None = None) -> be.Submission:
    """Return the submission that uploaded files hold; they are in a temporary folder only while they are read."""
    with tempfile.TemporaryDirectory(prefix="balancedu-") as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        mapped = None
        if mapping is not None:
            mapped = Path(folder, "mapping.yaml")
            mapped.write_bytes(mapping)
        path = Path(folder, next(iter(files))) if len(files) == 1 else Path(folder)
        return be.read_submission(path, standard=standard, mapping=mapped)


def problem_response(error: Exception) -> JSONResponse:
    """Return an error as a problem document."""
    status = 404 if isinstance(error, UnknownNameError | UnknownStandardError) else 422
    body: dict[str, Any] = {"type": "about:blank", "title": "The request cannot be answered", "status": status}
    body["detail"] = str(error)
    body["problems"] = problems_of(error)
    return JSONResponse(body, status_code=status, media_type=PROBLEM)


def problems_of(error: Exception) -> list[dict[str, Any]]:
    """Return every problem of an error with its place, in both languages."""
    if isinstance(error, DataErrors):
        return [
            {"table": entry.table, "place": entry.place, "column": entry.column, **_texts(entry.text)}
            for entry in error.errors
        ]
    if isinstance(error, SpecErrors):
        return [
            {"place": f"{entry.file}:{entry.line}", "path": entry.path, **_texts(entry.text)} for entry in error.errors
        ]
    if isinstance(error, BalanceduError):
        return [_texts(error.text)]
    return [{"zh": str(error), "en": str(error)}]


def _texts(say: Any) -> dict[str, str]:
    return {lang: str(say(lang)) for lang in LANGUAGES}


def _head(standard: Standard) -> dict[str, Any]:
    return {"id": standard.id, "title": _texts(standard.head.title.text), "document": standard.head.document}


def _part(name: str, title: Any, items: Sequence[Item]) -> dict[str, Any]:
    return {"id": name, "title": _texts(title.text), "items": [_item(item) for item in items]}


def _item(item: Item) -> dict[str, Any]:
    source = item.source
    return {
        "id": item.id,
        "name": _texts(item.name.text),
        "title": _texts(item.title.text),
        "source": {"document": source.document, "part": source.part, "confidence": source.confidence},
    }
