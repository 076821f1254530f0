"""Commands that start the page on this machine, and the service for other machines."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from balancedu.commands.common import FINE, Commands
from balancedu.errors import RequestError
from balancedu.text import Phrase


def add_app(commands: Commands) -> None:
    """Add `app` and `serve`."""
    app = commands.add_parser("app", help="open the page in the browser, for those who do not use a terminal")
    app.add_argument("--port", type=int, default=0, metavar="PORT", help="the port; a free one by default")
    app.add_argument("--no-browser", action="store_true", help="print the address and open nothing")
    app.set_defaults(run=_app)
    serve = commands.add_parser("serve", help="start the service for other machines and programs")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen at; this machine alone by default")
    serve.add_argument("--port", type=int, default=8000, metavar="PORT")
    serve.add_argument("--token-file", required=True, type=Path, metavar="FILE", help="a file that holds the token")
    serve.add_argument("--name", action="append", default=[], metavar="HOST", help="a further name of this service")
    serve.set_defaults(run=_serve)
    for command in (app, serve):
        command.add_argument(
            "--overlay", action="append", default=[], type=Path, dest="files", metavar="FILE", help="own overlay"
        )


def _app(options: argparse.Namespace) -> int:
    from balancedu.app.server import run_page

    with contextlib.suppress(KeyboardInterrupt):
        run_page(options.port, browser=not options.no_browser, overlays=options.files)
    return FINE


def _serve(options: argparse.Namespace) -> int:
    from balancedu.app.server import run_service

    try:
        token = options.token_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise RequestError(Phrase(f"读不了令牌文件：{error}", f"the token file cannot be read: {error}")) from error
    run_service(options.host, options.port, token, names=options.name, overlays=options.files)
    return FINE
