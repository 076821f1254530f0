"""Errors as problem documents (RFC 9457), each problem with its place and in both languages."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from balancedu.core.fields import Language
from balancedu.errors import BalanceduError, DataErrors, SpecErrors, UnknownNameError, UnknownStandardError

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
        return _response(status, error.text("en"), problems_of(error))
    return _response(500, "the server failed; nothing was kept", [])


def _response(status: int, detail: str, problems: list[dict[str, Any]]) -> JSONResponse:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse({**body, "problems": problems}, status_code=status, media_type=PROBLEM)


def problems_of(error: BalanceduError) -> list[dict[str, Any]]:
    """Return every problem of an error with its place, in both languages."""
    if isinstance(error, DataErrors):
        return [
            {"table": entry.table, "place": entry.place, "column": entry.column, **texts_of(entry.text)}
            for entry in error.errors
        ]
    if isinstance(error, SpecErrors):
        return [
            {"place": f"{entry.file}:{entry.line}", "path": entry.path, **texts_of(entry.text)}
            for entry in error.errors
        ]
    return [texts_of(error.text)]


def texts_of(text: Callable[[Language], str]) -> dict[str, str]:
    """Return a text in both languages."""
    return {lang: str(text(lang)) for lang in LANGUAGES}
