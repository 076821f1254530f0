"""Take the pictures of the guide to the page, from the page itself in a real browser.

Run ``python docs/page_pictures.py``. Needs Chromium and what the tests need.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl
from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

import balancedu as be

IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1180, "height": 720}
OWN_HEADERS = {"H1": "小学生人数合计", "N1": "中学骨干"}
COLOURS = 64
WRONG = ("H5", "约560")


def workbooks(folder: Path) -> dict[str, Path]:
    """Write a workbook as it is filled in, one with a wrong cell, and one with headers of its own."""
    result = {name: folder / f"{name}.xlsx" for name in ("安和县", "清源区", "有误", "本县表格")}
    be.write_submission(be.example("failing"), result["安和县"])
    be.write_submission(be.example("passing"), result["清源区"])
    book = openpyxl.load_workbook(result["安和县"])
    book["学校"][WRONG[0]] = WRONG[1]
    book.save(result["有误"])
    book = openpyxl.load_workbook(result["安和县"])
    for cell, header in OWN_HEADERS.items():
        book["学校"][cell] = header
    book["学校"].delete_rows(2)
    book.save(result["本县表格"])
    return result


def take(page: Page, host: str, books: dict[str, Path]) -> None:
    """Go the way of an official, and take a picture of each step."""

    def shot(name: str) -> None:
        page.wait_for_load_state()
        target = IMAGES / f"page-{name}.png"
        page.screenshot(path=str(target))
        with Image.open(target) as image:
            image.convert("RGB").quantize(COLOURS).save(target, optimize=True)

    def opened(*names: str) -> None:
        page.goto(host)
        page.get_by_label("选择填好的工作簿").set_input_files([books[name] for name in names])
        page.wait_for_url(lambda url: not url.endswith("/"))

    shot("start")
    opened("有误")
    shot("check")
    opened("本县表格")
    page.locator("select").first.select_option(index=1)
    shot("columns")
    opened("安和县")
    shot("result")
    page.get_by_label("筛选").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#schools').scrollIntoView({block: 'center'})")
    shot("schools")
    page.goto(f"{host}/school/2")
    shot("school")
    page.goto(f"{host}/todo")
    form = page.locator("form").filter(has_text="建专用教室")
    form.get_by_label("学校").select_option(label="安和县第一初级中学")
    form.get_by_label("用途").select_option(label="美术")
    form.get_by_label("每间面积").fill("96")
    form.get_by_label("间数").fill("1")
    form.get_by_role("button").click()
    page.get_by_role("link", name="下载测算结果").wait_for()
    page.evaluate("document.querySelector('#what-if').scrollIntoView()")
    shot("what-if")
    page.goto(f"{host}/texts")
    page.locator("details").first.click()
    page.evaluate("document.querySelector('details').scrollIntoView()")
    shot("texts")
    page.goto(f"{host}/papers")
    shot("papers")
    opened("安和县", "清源区")
    shot("counties")


def main() -> None:
    """Start the page, take the pictures, and end it."""
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = {**os.environ, "TMPDIR": folder, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "balancedu", "app", "--no-browser"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", env=environment)
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            options = ["--no-sandbox", "--disable-gpu", "--lang=zh-CN"]
            browser = playwright.chromium.launch(
                executable_path=browser_path, args=options, env={**environment, "LANGUAGE": "zh_CN"}
            )
            page = browser.new_page(viewport=SIZE, locale="zh-CN")
            page.goto(address)
            take(page, address.partition("/?")[0], workbooks(Path(folder)))
            browser.close()
        finally:
            process.terminate()
            process.wait(10)


if __name__ == "__main__":
    main()
