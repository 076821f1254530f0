"""Commands that start the page on this machine, and the service for other machines."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import Any

from balancedu.commands.common import FINE, Commands
from balancedu.commands.parser import words
from balancedu.errors import RequestError
from balancedu.text import Phrase


def add_app(commands: Commands) -> None:
    """Add `app` and `serve`."""
    app = commands.add_parser(
        "app", help=words("在浏览器里打开页面，不用命令行", "open the page in the browser, without a terminal")
    )
    app.option("--port", "端口；不写则自动选择", "the port; a free one by default", type=int, default=0, metavar="PORT")
    app.option("--no-browser", "只显示地址，不打开浏览器", "print the address, open nothing", action="store_true")
    app.set_defaults(run=_app)
    serve = commands.add_parser(
        "serve", help=words("启动供其他机器和程序使用的服务", "start the service for other machines and programs")
    )
    zh, en = "监听的地址；不写则只限本机", "the address to listen at; this machine alone by default"
    serve.option("--host", zh, en, default="127.0.0.1")
    serve.option("--port", "端口", "the port", type=int, default=8000, metavar="PORT")
    zh, en = "写有令牌的文件", "a file that holds the token"
    serve.option("--token-file", zh, en, required=True, type=Path, metavar="FILE")
    zh, en = "客户端访问时用的其他名字", "a further name under which clients reach the service"
    serve.option("--name", zh, en, action="append", default=[], metavar="HOST")
    serve.set_defaults(run=_serve)
    files: dict[str, Any] = {"action": "append", "default": [], "type": Path, "dest": "files", "metavar": "FILE"}
    for command in (app, serve):
        command.option("--overlay", "自己的叠加文件", "an overlay file of your own", **files)


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
