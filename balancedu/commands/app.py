"""Commands that start the page on this machine, and the service for other machines."""

from __future__ import annotations

import argparse
import contextlib

from balancedu.app.server import run_page, run_service


def run_app(options: argparse.Namespace) -> None:
    """Open the page in the browser."""
    with contextlib.suppress(KeyboardInterrupt):
        run_page(options.port, browser=not options.no_browser, overlays=options.files)


def run_serve(options: argparse.Namespace) -> None:
    """Start the service."""
    token = options.token_file.read_text(encoding="utf-8").strip()
    run_service(options.host, options.port, token, names=options.name, overlays=options.files)
