"""A real browser without a window: what it makes of a file."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import axe_core_python

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=20000",
)


def opened(page: Path, script: str) -> Any:
    """Return what a script finds in a page, opened offline; the script resolves a promise called `found`."""
    browser = next((path for name in _NAMES if (path := shutil.which(name))), None)
    assert browser, "these tests open reports in a real browser: apt-get install chromium"
    with tempfile.TemporaryDirectory() as profile:
        copy = Path(profile) / "page.html"
        ending = (
            f"<script>window.found = (async () => {{ {script} }})();"
            "window.found.then(r => { document.documentElement.innerHTML = '<pre id=result></pre>';"
            "document.getElementById('result').textContent = JSON.stringify(r); });</script></body>"
        )
        html = page.read_text(encoding="utf-8")
        assert html.count("</body>") == 1
        copy.write_text(html.replace("</body>", ending), encoding="utf-8")
        command = [browser, *_OPTIONS, f"--user-data-dir={profile}/user", "--dump-dom", copy.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    dumped = done.stdout.decode("utf-8")
    _, result, rest = dumped.partition('<pre id="result">')
    assert result, f"the page did not finish: {dumped[:500]}"
    import html as escapes

    return json.loads(escapes.unescape(rest.partition("</pre>")[0]))


def axe() -> str:
    """Return the accessibility checker axe-core as a script."""
    return (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
