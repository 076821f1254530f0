"""One setting for the language of results and errors."""

import contextvars
import threading

import pytest

import balancedu as be
from balancedu.text import Phrase

ERROR = be.RequestError(Phrase("没有这所学校", "no such school"))


def in_a_new_context(code: object) -> object:
    assert callable(code)
    return contextvars.Context().run(code)


def test_errors_and_results_are_chinese_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BALANCEDU_LANG", raising=False)
    shortfalls = be.shortfalls(be.evaluate(be.example("failing")))

    assert in_a_new_context(lambda: (be.options.lang, str(ERROR), str(shortfalls))) == (
        "zh",
        "没有这所学校",
        shortfalls.text("zh"),
    )


@pytest.mark.parametrize(("value", "lang"), [("en", "en"), ("EN_us", "en"), ("zh", "zh"), ("fr", "zh"), ("", "zh")])
def test_the_environment_sets_the_language(value: str, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALANCEDU_LANG", value)

    assert in_a_new_context(lambda: be.options.lang) == lang


def test_results_and_errors_follow_the_setting() -> None:
    shortfalls = be.shortfalls(be.evaluate(be.example("failing")))
    for lang in ("zh", "en"):
        with be.options.using(lang):
            assert (str(ERROR), shortfalls.text()) == (ERROR.text(lang), shortfalls.text(lang))


def test_threads_do_not_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BALANCEDU_LANG", raising=False)
    seen: list[str] = []
    thread = threading.Thread(target=lambda: seen.append(be.options.lang))
    with be.options.using("en"):
        thread.start()
        thread.join()

    assert seen == ["zh"]


def test_other_languages_are_refused() -> None:
    with pytest.raises(ValueError, match="found 'fr'"):
        be.options.lang = "fr"  # type: ignore[assignment]
