"""Starts the page or the service, one process on this machine, and ends it when it is no longer used."""

from __future__ import annotations

import contextlib
import getpass
import json
import logging
import os
import secrets
import shutil
import socket
import sys
import tempfile
import threading
import time
import urllib.request
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from balancedu.errors import MissingExtraError, RequestError
from balancedu.text import Phrase

LOCAL = "127.0.0.1"
IDLE_SECONDS = 3600.0
LOG = logging.getLogger("balancedu.app")


def run_page(port: int = 0, *, browser: bool = True, overlays: Sequence[Path] = ()) -> None:
    """Start the page on this machine, or open that of a process that is running already.

    Parameters
    ----------
    port : int
        0 takes a free one.
    browser : bool
        Whether to open the browser.
    overlays : sequence of Path
        Own overlay files that the page offers beside those that are shipped.
    """
    _check_libraries()
    running = _running()
    if running:
        _say(running)
        if browser:
            webbrowser.open(running)
        return
    token = secrets.token_urlsafe(24)
    listening = _listen(LOCAL, port)
    note = _note()
    port = listening.getsockname()[1]
    address = f"http://{LOCAL}:{port}/?token={token}"
    with contextlib.suppress(OSError):
        note.unlink()
    note.touch(mode=0o600)  # the token is for this user alone
    note.write_text(json.dumps({"address": address, "token": token, "port": port}), encoding="utf-8")
    _say(address)
    if browser:
        threading.Timer(0.5, webbrowser.open, [address]).start()
    hosts = frozenset({f"{LOCAL}:{port}", f"localhost:{port}"})
    try:
        with _scratch(f"balancedu-app-{_user()}"):
            _serve(listening, token, hosts, overlays, idle=IDLE_SECONDS)
    finally:
        with contextlib.suppress(OSError):
            note.unlink()


def run_service(host: str, port: int, token: str, *, names: Sequence[str] = (), overlays: Sequence[Path] = ()) -> None:
    """Start the service for other machines.

    Parameters
    ----------
    host, port : str, int
        Where to listen.
    token : str
        What clients send as `Authorization: Bearer`.
    names : sequence of str
        Further names, as HOST or HOST:PORT, under which clients reach the service.
    overlays : sequence of Path
        Own overlay files that requests may name by their id.
    """
    _check_libraries()
    if len(token) < 16:
        raise RequestError(Phrase("令牌至少16个字符", "the token must have at least 16 characters"))
    listening = _listen(host, port)
    port = listening.getsockname()[1]
    known = {host, LOCAL, "localhost", socket.gethostname(), socket.getfqdn(), *names}
    _say(f"http://{host}:{port}/api/openapi.json")
    with _scratch(f"balancedu-serve-{_user()}-{port}"):
        _serve(listening, token, frozenset(known | {f"{name}:{port}" for name in known}), overlays, idle=None)


def main() -> None:
    """Start the page by double-click, if there is no console: what would be printed goes to a log file."""
    log = Path(tempfile.gettempdir()) / f"balancedu-app-{_user()}.log"
    logging.basicConfig(filename=log, level=logging.INFO, encoding="utf-8", format="%(asctime)s %(message)s")
    try:
        run_page()
    except Exception:
        LOG.exception("the page ended")
        raise


def _check_libraries() -> None:
    """Refuse before anything is printed where the extra is not installed."""
    for library in ("fastapi", "uvicorn", "jinja2", "python_multipart"):
        if find_spec(library) is None:
            raise MissingExtraError(library, "app", Phrase("打开页面", "the page"))


def _serve(
    listening: socket.socket, token: str, hosts: frozenset[str], overlays: Sequence[Path], idle: float | None
) -> None:
    import uvicorn

    from balancedu.app.routes import create_app

    app = create_app(token, hosts, overlays=overlays)
    # Without a console there is no stream that uvicorn's own logging could write to.
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)

    def stop() -> None:
        server.should_exit = True

    app.state.stop = stop
    if idle is not None:
        threading.Thread(target=_watch, args=(idle, lambda: app.state.last_seen, stop), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


@contextlib.contextmanager
def _scratch(name: str) -> Iterator[None]:
    """Keep all temporary files of this process in one folder, which is emptied now and removed at the end.

    Only one process at a time has this name, so what is there was left by one that was killed.
    """
    folder = Path(tempfile.gettempdir(), name)
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700)
    except OSError:  # of another user, or still in use
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)


def _watch(idle: float, last_seen: Callable[[], float], stop: Callable[[], None]) -> None:
    """Stop when no page has requested anything for that many seconds."""
    while time.monotonic() - last_seen() <= idle:
        time.sleep(min(5.0, idle))
    stop()


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if os.name != "nt":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise RequestError(
            Phrase(
                f"端口{port}不能使用：{error.strerror}；请换一个端口", f"port {port} cannot be used: {error.strerror}"
            )
        ) from error
    listening.listen(128)
    return listening


def _running() -> str | None:
    """Return the address of a page that another process serves for this user."""
    try:
        noted = json.loads(_note().read_text(encoding="utf-8"))
        request = urllib.request.Request(
            f"http://{LOCAL}:{int(noted['port'])}/api/alive", headers={"Authorization": f"Bearer {noted['token']}"}
        )
        # The address is local: ignore the proxy of the system.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=2) as answer:
            return str(noted["address"]) if answer.status == 200 else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note() -> Path:
    return Path(tempfile.gettempdir()) / f"balancedu-app-{_user()}.json"


def _user() -> str:
    try:
        return "".join(sign for sign in getpass.getuser() if sign.isalnum()) or "user"
    except (OSError, KeyError, ImportError):
        return "user"


def _say(address: str) -> None:
    if sys.stdout is not None:
        print(address, flush=True)
    LOG.info("started")
