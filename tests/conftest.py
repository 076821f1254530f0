"""How thorough the property tests are (`pytest --hypothesis-profile=deep` looks much further), and blank pictures."""

import base64
import gc
from importlib.util import find_spec

import pytest

_BLANK = {
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' width='200' height='100'/>",
    "png": base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
    ),
}

if find_spec("hypothesis"):
    from hypothesis import HealthCheck, settings

    _SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
    settings.register_profile(
        "quick", max_examples=20, deadline=None, derandomize=True, print_blob=True, suppress_health_check=_SLOW
    )
    settings.register_profile("deep", max_examples=2000, deadline=None, print_blob=True, suppress_health_check=_SLOW)
    settings.load_profile("quick")


def pytest_collection_finish() -> None:
    """Leave what was loaded by now, which stays to the end, out of every search for garbage: these take a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


@pytest.fixture
def blank_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pictures of reports blank, for tests of the text around them: drawing them takes seconds."""
    for module in ("html", "word"):
        monkeypatch.setattr(f"balancedu.reporting.{module}.picture_bytes", lambda _picture, form: _BLANK[form])
