"""The way of an official through the page, in a real browser: from the template to the papers, in Chinese."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

import balancedu as be

pytestmark = pytest.mark.browser

expect.set_options(timeout=30_000)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address that a process of its own prints on its first line."""
    home = tmp_path_factory.mktemp("home")
    process = subprocess.Popen(
        [sys.executable, "-m", "balancedu", "app", "--no-browser"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={"PATH": "", "TMPDIR": str(home), "PYTHONPATH": ":".join(sys.path), "LOGNAME": "tester"},
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="module")
def page(address: str) -> Iterator[Page]:
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        made = browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        made.set_default_timeout(20_000)
        host = address.split("/?", maxsplit=1)[0]
        elsewhere: list[str] = []
        made.on("request", lambda request: elsewhere.append(request.url))
        made.goto(address)
        yield made
        assert [url for url in elsewhere if not url.startswith((host, "data:"))] == []
        browser.close()


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("county") / "安和县.xlsx"
    be.write_submission(be.example("failing"), path)
    return path


def test_the_way_of_an_official(page: Page, workbook: Path, tmp_path: Path) -> None:
    # The empty template is there to download.
    page.goto(page.url)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载空白模板").click()
    assert download.value.suggested_filename == "填报模板.xlsx"
    with download.value.path().open("rb") as file:
        assert "学校" in openpyxl.load_workbook(file).sheetnames

    # A workbook with a wrong cell is refused with its place.
    wrong = tmp_path / "安和县.xlsx"
    book = openpyxl.load_workbook(workbook)
    sheet = book["学校"]
    headings = [cell for row in sheet.iter_rows(max_row=6) for cell in row if "小学在校生数" in str(cell.value)]
    column = headings[0].column
    sheet.cell(sheet.max_row, column).value = "很多"
    book.save(wrong)
    page.wait_for_load_state()
    page.get_by_label("选择填好的工作簿").set_input_files(wrong)
    expect(page.get_by_text("改好之前不能评估")).to_be_visible()
    expect(page.get_by_text("很多")).to_be_visible()

    # The corrected file is judged, and the page states what was solved.
    page.wait_for_load_state()
    page.get_by_label("再选同一个文件").set_input_files(workbook)
    expect(page.get_by_text("已经解决1处")).to_be_visible()
    page.get_by_role("link", name="看结果").click()
    expect(page.get_by_role("heading", name="评估结果")).to_be_visible()
    expect(page.locator(".verdict")).to_contain_text("未达标")
    page.locator("details").first.click()
    expect(page.locator("details pre").first).not_to_be_empty()
    page.get_by_label("只看未达标的").check()
    assert page.locator("#schools tbody tr:visible").count() < page.locator("#schools tbody tr").count()
    page.locator("#schools tbody a:visible").first.click()
    expect(page.get_by_role("link", name="返回各校一览")).to_be_visible()

    # What would follow from a change.
    page.get_by_role("link", name="怎么办").click()
    page.locator("form[action='/what-if']").first.get_by_label("数量").fill("5")
    page.locator("form[action='/what-if']").first.get_by_role("button").click()
    expect(page.get_by_role("link", name="下载测算结果")).to_be_visible()

    # All papers in one file.
    page.get_by_role("link", name="材料").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="全部下载").click()
    with zipfile.ZipFile(download.value.path()) as packed:
        assert {"自查自评报告.docx", "整改台账.xlsx", "一校一策.docx", "申报表.xlsx"} <= set(packed.namelist())


@pytest.mark.parametrize("path", ["/", "/check", "/result", "/todo", "/papers", "/texts", "/years", "/school/2"])
@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=["desk", "phone"])
def test_pages_are_accessible(page: Page, address: str, path: str, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address.split("/?", maxsplit=1)[0] + path)
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = false))")
    result = Axe().run(page)

    assert [(entry["id"], entry["nodes"][0]["html"][:120]) for entry in result["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def _focus(page: Page, condition: str) -> None:
    """Press Tab until the focused element meets a condition on `element`."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate(f"((element) => {condition})(document.activeElement)"):
            return
    pytest.fail(f"not reached by the keyboard: {condition}")


def test_the_keyboard_alone_is_enough(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(address.split("/?", maxsplit=1)[0] + "/")
    _focus(page, "element.type === 'file'")
    _focus(page, "element.type === 'date'")
    _focus(page, "element.textContent.includes('打开示例县')")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="评估结果")).to_be_visible()

    _focus(page, "element.tagName === 'SUMMARY'")
    page.keyboard.press("Enter")
    expect(page.locator("details pre").first).not_to_be_empty()
    _focus(page, "element.type === 'checkbox'")
    page.keyboard.press("Space")
    _focus(page, "element.tagName === 'BUTTON' && element.textContent === '教学及辅助用房'")
    page.keyboard.press("Enter")
    shown = page.locator("#schools tbody tr:visible td:nth-child(7)").all_text_contents()
    figures = [float(text.split()[0]) for text in shown]
    assert len(figures) > 1
    assert figures == sorted(figures)
    assert page.locator("#schools th[aria-sort=ascending]").count() == 1


def test_columns_are_bound_in_the_page(page: Page, address: str, unknown_headers: bytes) -> None:
    page.goto(address.split("/?", maxsplit=1)[0] + "/")
    # The workbook is dropped, as from a folder on the desk.
    page.evaluate(
        """([content, name]) => {
            const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
            const dropped = new DataTransfer();
            dropped.items.add(new File([bytes], name));
            const event = new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true});
            document.querySelector("[data-drop]").dispatchEvent(event);
        }""",
        [base64.b64encode(unknown_headers).decode(), "我县.xlsx"],
    )
    expect(page.get_by_text("没有识别的列")).to_be_visible()
    page.get_by_label("小学生人头对应的指标").select_option(label="小学在校生数")
    page.get_by_label("中学骨干对应的指标").select_option(label="初中县级以上骨干教师数")
    page.get_by_role("button", name="按所选重新读取").click()
    expect(page.get_by_text("数据可以评估")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="保存 mapping.yaml").click()
    assert b"backbone_teachers_junior" in download.value.path().read_bytes()
    assert [entry["id"] for entry in Axe().run(page)["violations"]] == []
