"""The process: first line, second start, end after an idle hour, no console, killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

START = "import balancedu.app.server as server; "
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A function that starts Python code in a process whose temporary folder is that of the test."""
    started: list[subprocess.Popen[str]] = []
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path), "LOGNAME": "tester"}

    def run(code: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=environment
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate(timeout=10)


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _status(address: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor())
    for _ in range(100):
        try:
            with opener.open(address, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the page did not start")


def _page(address: str) -> tuple[str, urllib.request.OpenerDirector, str]:
    """Return the host, what opens its pages with their cookie, and the value that forms carry."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor())
    with opener.open(address) as page:
        csrf = page.read().decode().partition('name="csrf" value="')[2][:64]
    return address.partition("/?")[0], opener, csrf


def test_a_second_start_opens_the_page_of_the_first(start: Start, tmp_path: Path) -> None:
    first = start(START + "server.run_page(browser=False)")
    address = _first_line(first)
    assert address.startswith("http://127.0.0.1:")
    assert _status(address) == 200

    second = start(START + "server.run_page(browser=False)")
    assert _first_line(second) == address
    assert second.wait(20) == 0

    first.send_signal(signal.SIGINT)
    assert first.wait(20) == 0
    assert list(tmp_path.iterdir()) == []


def test_the_button_ends_it(start: Start, tmp_path: Path) -> None:
    process = start(START + "server.run_page(browser=False)")
    address = _first_line(process)
    assert _status(address) == 200
    host, opener, csrf = _page(address)
    with opener.open(f"{host}/quit", f"csrf={csrf}".encode()) as last:
        assert "程序已经结束" in last.read().decode()

    assert _status(f"{host}/static/app.css") == 200
    assert process.wait(20) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_port_may_be_chosen_and_may_be_taken(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(START + f"server.run_page({port}, browser=False)")
        _, problem = process.communicate(timeout=30)

    assert f"端口{port}不能使用" in problem


def test_it_ends_after_an_idle_time(start: Start, tmp_path: Path) -> None:
    process = start(START + "server.IDLE_SECONDS = 1.0; server.run_page(browser=False)")
    assert _first_line(process)

    assert process.wait(30) == 0
    assert list(tmp_path.iterdir()) == []


def test_the_idle_time_is_an_hour() -> None:
    from balancedu.app.server import IDLE_SECONDS

    assert IDLE_SECONDS == 3600


def test_it_works_without_a_console_and_writes_a_log(start: Start, tmp_path: Path) -> None:
    code = "import sys, webbrowser; sys.stdout = sys.stderr = None; webbrowser.open = lambda url: None; "
    process = start(code + START + "server.main()")
    note, log = tmp_path / "balancedu-app-tester.json", tmp_path / "balancedu-app-tester.log"
    until = time.monotonic() + 30
    while not (note.exists() and note.read_text(encoding="utf-8")):
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.05)
    address = json.loads(note.read_text(encoding="utf-8"))["address"]

    assert _status(address) == 200
    assert "started" in log.read_text(encoding="utf-8")
    assert note.stat().st_mode & 0o077 == 0
    assert (tmp_path / "balancedu-app-tester").stat().st_mode & 0o077 == 0


def test_a_note_of_a_process_that_is_gone_is_not_believed(start: Start, tmp_path: Path) -> None:
    note = tmp_path / "balancedu-app-tester.json"
    note.write_text(json.dumps({"address": "http://127.0.0.1:1/?token=x", "token": "x", "port": 1}), encoding="utf-8")
    address = _first_line(start(START + "server.run_page(browser=False)"))

    assert not address.startswith("http://127.0.0.1:1/")
    assert _status(address) == 200


def test_killed_during_a_download_leaves_nothing_for_long(start: Start, tmp_path: Path) -> None:
    first = start(START + "server.run_page(browser=False)")
    address = _first_line(first)
    assert _status(address) == 200
    host, opener, csrf = _page(address)
    opener.open(f"{host}/example", f"csrf={csrf}&name=failing".encode()).close()

    # A client that goes away in the middle of a download does no harm.
    cookie = f"Cookie: balancedu={address.partition('token=')[2]}"
    with socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2]))) as client:
        client.sendall(f"GET /papers/forms.xlsx HTTP/1.1\r\nHost: {host[7:]}\r\n{cookie}\r\n\r\n".encode())
        time.sleep(0.1)
    assert _status(address) == 200
    # A process that is killed in the middle of one leaves its folder, which the next start empties.
    with socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2]))) as client:
        client.sendall(f"GET /papers/all.zip HTTP/1.1\r\nHost: {host[7:]}\r\n{cookie}\r\n\r\n".encode())
        until = time.monotonic() + 20
        while not any((tmp_path / "balancedu-app-tester").rglob("*.xlsx")):
            assert time.monotonic() < until
            time.sleep(0.01)
        first.kill()
        first.wait(10)
    assert list((tmp_path / "balancedu-app-tester").iterdir())

    assert _status(_first_line(start(START + "server.run_page(browser=False)"))) == 200
    assert list((tmp_path / "balancedu-app-tester").iterdir()) == []


def test_the_service_asks_for_a_long_token(start: Start, tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text("short", encoding="utf-8")
    command = f"['serve', '--port', '0', '--token-file', {str(tmp_path / 'token.txt')!r}]"
    process = start(f"from balancedu.cli import main; raise SystemExit(main({command}))")
    _, problem = process.communicate(timeout=30)

    assert "16" in problem
    assert process.returncode != 0


def test_the_service_answers_with_its_token(start: Start, tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text("a-token-of-this-run\n", encoding="utf-8")
    command = f"['serve', '--port', '0', '--token-file', {str(tmp_path / 'token.txt')!r}]"
    address = _first_line(start(f"from balancedu.cli import main; raise SystemExit(main({command}))"))

    assert _status(address) == 401
    request = urllib.request.Request(address, headers={"Authorization": "Bearer a-token-of-this-run"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
        assert "/api/evaluate" in json.load(answer)["paths"]
