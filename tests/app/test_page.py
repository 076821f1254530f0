"""The pages, as their links and forms are used: check, bind, result, what to do, papers, years and counties."""

from __future__ import annotations

import html
import io
import re
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient
from golden.counties import COUNTIES

import balancedu as be
from balancedu.app.guard import COOKIE
from balancedu.app.routes import create_app

from .conftest import TOKEN, Browser, changed

COUNTY = "990202"


@pytest.fixture
def opened(browser: Browser, failing: bytes) -> Browser:
    browser.post("/open", {"安和县.xlsx": failing})
    return browser


def test_a_workbook_leads_to_its_verdict(browser: Browser, failing: bytes) -> None:
    answer = browser.post("/open", {"安和县.xlsx": failing})

    assert answer.url.path == "/result"
    assert "未达标" in answer.text


def test_standards_are_chosen_in_words(browser: Browser, failing: bytes) -> None:
    start = browser.get("/").text
    titles = [be.load_standard(name).title.zh for name in be.available_standards()]
    browser.post("/open", {"安和县.xlsx": failing}, standard="cn-2017", overlays="transition", on="2020-03-01")

    assert all(
        title in start
        for title in (*titles, "沈阳市优质均衡督导评估的补充要求", "过渡期放宽（自2019-10-01至2022-09-30）")
    )
    assert 'value="transition" checked' in browser.get("/").text
    assert 'value="2020-03-01"' in browser.get("/").text


def test_an_overlay_of_another_edition_is_refused_in_words(browser: Browser, failing: bytes) -> None:
    answer = browser.post("/open", {"安和县.xlsx": failing}, standard="cn-2017", overlays="all-schools-2012")

    assert answer.status_code == 422
    assert "没有完成" in answer.text


def test_an_error_has_its_cell_and_a_hint(browser: Browser, failing: bytes, tmp_path: Path) -> None:
    answer = browser.post("/open", {"安和县.xlsx": changed(failing, {"学校!H5": "很多"}, tmp_path)})

    assert answer.url.path == "/check"
    for text in ("有1处问题", "H5", "小学在校生数：填报“很多”", "请只写阿拉伯数字"):
        assert text in answer.text.replace("小学在校生数（pupils_primary）", "小学在校生数")


def test_the_annotated_workbook_can_be_downloaded(browser: Browser, failing: bytes, tmp_path: Path) -> None:
    browser.post("/open", {"安和县.xlsx": changed(failing, {"学校!H5": "很多"}, tmp_path)})
    answer = browser.get("/annotated/0")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))

    assert "%E5%B7%B2%E6%A0%87%E6%B3%A8" in answer.headers["content-disposition"]
    assert book["学校"]["H5"].comment is not None
    assert browser.get("/annotated/1").status_code == 404


def test_a_correct_workbook_has_no_annotated_copy(browser: Browser, passing: bytes) -> None:
    browser.post("/open", {"county.xlsx": passing})

    assert "标注了问题" not in browser.get("/check").text


def test_a_corrected_file_says_what_changed(browser: Browser, failing: bytes, tmp_path: Path) -> None:
    wrong = changed(failing, {"学校!H5": "很多", "学校!K6": -3}, tmp_path)
    browser.post("/open", {"安和县.xlsx": wrong})
    worse = changed(failing, {"学校!H5": "很多", "学校!K7": -3}, tmp_path)
    text = browser.post("/open", {"安和县.xlsx": worse}, again="1").text
    assert "已经解决1处" in text
    assert "新出现1处" in text

    assert "已经解决2处" in browser.post("/open", {"安和县（改）.xlsx": failing}, again="1").text
    better = changed(failing, {"学校!Q5": 99999}, tmp_path)
    verdicts = browser.post("/open", {"安和县（改）.xlsx": better}).text
    assert "安和县第三小学" in verdicts
    assert "没有新的问题" in verdicts


def test_columns_are_bound_to_quantities_of_the_same_kind(browser: Browser, unknown_headers: bytes) -> None:
    page = browser.post("/open", {"我县.xlsx": unknown_headers}).text
    pupils, backbone = page.split('name="column-0"')[1].split('name="column-1"')
    backbone = backbone.partition("</select>")[0]

    assert "pupils_primary" in pupils
    assert "backbone_teachers_junior" in backbone
    assert "pupils" not in backbone
    assert "area" not in backbone
    assert "balancedu map" not in page


def test_bound_columns_are_read_and_kept(browser: Browser, unknown_headers: bytes, failing: bytes) -> None:
    fields = {"column-0": "pupils_primary", "column-1": "backbone_teachers_junior"}
    browser.post("/open", {"我县.xlsx": unknown_headers})
    assert "没有错误" in browser.post("/bind", **fields).text
    mapping = browser.get("/mapping.yaml").content

    # The same file again, in this run: its columns are known.
    assert "没有错误" in browser.post("/open", {"我县.xlsx": unknown_headers}).text
    assert browser.get("/result").status_code == 200
    # Another file has a mapping of its own.
    assert browser.post("/open", {"other.xlsx": failing}).url.path == "/result"
    assert browser.get("/mapping.yaml").status_code == 404
    # Next time, with the file that was saved; the choices are there to be changed.
    browser.post("/open", {"我县.xlsx": unknown_headers, "mapping.yaml": mapping})
    assert 'value="backbone_teachers_junior" selected' in browser.get("/check").text
    assert "改好之前不能评估" in browser.post("/bind", forget="1").text


def test_a_column_can_be_left_out(browser: Browser, unknown_headers: bytes) -> None:
    browser.post("/open", {"我县.xlsx": unknown_headers})

    assert "没有错误" in browser.post("/bind", **{"column-0": "pupils_primary", "column-1": "-"}).text


def test_a_unit_that_is_not_known_is_chosen(browser: Browser, failing: bytes, tmp_path: Path) -> None:
    workbook = changed(failing, {"学校!S1": "运动场地面积（箱）"}, tmp_path, ids=False)
    page = browser.post("/open", {"我县.xlsx": workbook}).text
    units = page.split('name="unit-0"')[1].partition("</select>")[0]

    assert "<option>亩</option>" in units
    assert "没有错误" in browser.post("/bind", **{"column-0": "sports_ground_area", "unit-0": "平方米"}).text
    assert "<option selected>平方米</option>" in browser.get("/check").text
    assert "6.75" in browser.get("/result").text


def test_a_measure_that_no_column_offers_is_refused(browser: Browser, unknown_headers: bytes) -> None:
    browser.post("/open", {"我县.xlsx": unknown_headers})

    assert browser.post("/bind", **{"column-0": "teaching_area"}).status_code == 422


def test_the_result_of_a_county(opened: Browser) -> None:
    page = opened.get("/result").text

    assert page.index("✗ 未达标</span> 各校综合评估") < page.index("✓ 达标</span> 年度监测")
    assert "由谁补报" in page
    assert "县级填报项" in page
    assert "安和县柳河镇初级中学" in page.partition("由谁补报")[2]
    assert "3.78" in opened.get("/school/2").text
    assert "4.5" in opened.get("/explain/R4?school=003&stage=primary").text
    assert opened.get("/school/999").status_code == 404
    assert opened.get("/explain/nothing").status_code == 404


def test_a_coefficient_that_waits_for_data_is_listed(opened: Browser) -> None:
    table = opened.get("/result").text.partition("影响最大的学校")[2].partition("</table>")[0]
    [row] = [row for row in table.split("<tr>") if "初中" in row and "网络多媒体教室" in row]

    assert "数据缺报" in row
    assert "待定" in row


@pytest.mark.parametrize("path", ["/result", "/school/2", "/school/9"])
@pytest.mark.parametrize("name", ["failing", "passing"])
def test_everything_opens_to_its_explanation(browser: Browser, path: str, name: str) -> None:
    browser.post("/example", name=name)
    addresses = re.findall('data-load="([^"]+)"', browser.get(path).text)

    assert len(addresses) >= 7
    for address in addresses:
        answer = browser.get(html.unescape(address))
        assert answer.status_code == 200, address
        assert answer.text


def test_relief_stands_beside_the_verdict_without_it(browser: Browser, failing: bytes) -> None:
    chosen = {"standard": "cn-2017", "overlays": "transition", "on": "2020-03-01"}
    page = browser.post("/open", {"安和县.xlsx": failing}, **chosen).text
    evaluation = be.evaluate(be.example("failing", standard=be.load_standard("transition", on="2020-03-01")))

    assert evaluation.changed_by_relief
    assert page.count("※") == len(evaluation.changed_by_relief)
    assert "过渡期放宽" in page
    assert "2020-03-01" in page


@pytest.mark.parametrize("name", ["gaps", "relief", "cn-2012", "many", "campuses", "on-limits", "one-section"])
def test_every_golden_county_has_its_pages(browser: Browser, name: str, tmp_path: Path) -> None:
    evaluation = COUNTIES[name]()
    path = tmp_path / "county.xlsx"
    be.write_submission(evaluation.submission, path)
    standard = evaluation.standard
    overlays = {"overlays": standard.overlays[0]} if standard.overlays else {}
    chosen = {"standard": standard.head.id, "on": standard.day or "", **overlays}
    answer = browser.post("/open", {"county.xlsx": path.read_bytes()}, **chosen)

    assert answer.url.path == "/result", answer.text
    county = "" if len(evaluation.counties) == 1 else f"?county={evaluation.counties[0]}"
    for page in ("/result", "/school/0", "/todo", "/papers", "/texts", "/years"):
        assert browser.get(page + county).status_code == 200
    if standard.head.id == "cn-2012":
        assert "综合差异系数" in answer.text


def test_a_school_of_two_stages_has_one_page(opened: Browser) -> None:
    schools = opened.get("/result").text
    row = re.search('href="/school/([0-9]+)[^>]*>安和县东岭镇九年一贯制学校', schools)
    assert row is not None
    page = opened.get(f"/school/{row[1]}").text

    assert "小学，418人" in page
    assert "初中，236人" in page
    with zipfile.ZipFile(io.BytesIO(opened.get(f"/school/{row[1]}/notice.docx").content)) as packed:
        assert "东岭镇九年一贯制学校" in packed.read("word/document.xml").decode()
    assert opened.get("/school/999/notice.docx").status_code == 404


def test_without_data_pages_say_where_to_begin(browser: Browser, failing: bytes, tmp_path: Path) -> None:
    assert "请先打开一份工作簿" in browser.get("/result").text
    browser.post("/open", {"安和县.xlsx": changed(failing, {"学校!H5": "很多"}, tmp_path)})
    assert "请先在“检查”中改好" in browser.get("/papers").text


def test_several_counties_have_an_overview_and_a_page_each(browser: Browser, failing: bytes, passing: bytes) -> None:
    overview = browser.post("/open", {"a.xlsx": failing, "b.xlsx": passing})

    assert "共评估2个县" in overview.text
    assert f'href="/result?county={COUNTY}"' in overview.text
    page = browser.get(f"/result?county={COUNTY}").text
    assert "返回各县总览" in page
    assert f'href="/todo?county={COUNTY}"' in page
    assert browser.get("/todo").url.path == "/result"
    assert browser.get(f"/papers?county={COUNTY}").status_code == 200
    assert browser.get("/papers?county=nothing").status_code == 404
    assert b"<svg" in browser.get(f"/overview/{overview.text.split('/overview/')[1].split('.svg')[0]}.svg").content
    assert "安和县" in browser.get("/overview.html").text


def test_files_of_the_same_name_are_all_read(browser: Browser, failing: bytes, passing: bytes) -> None:
    files = [("file", ("a/县.xlsx", failing)), ("file", ("b/县.xlsx", passing)), ("file", ("b/~$县.xlsx", b"lock"))]
    answer = browser.client.post("/open", data={"csrf": browser.csrf}, files=files)

    assert "共评估2个县" in answer.text


def test_changes_add_up_and_are_judged(opened: Browser) -> None:
    rooms = {"do": "build_rooms", "school": "010", "use": "art", "area": "96", "amount": "1"}
    pupils = {"do": "move_pupils", "school": "001", "to": "002", "stage": "primary", "amount": "40"}
    opened.post("/what-if", **rooms)
    page = opened.post("/what-if", **pupils).text

    assert "专用教室1间" in page
    assert "40名" in page
    assert opened.get("/todo/what-if.xlsx").content[:2] == b"PK"
    assert "40名" not in opened.post("/what-if", clear="1").text
    assert opened.get("/todo/what-if.xlsx").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"do": "move_pupils", "school": "001", "to": "002", "stage": "primary", "amount": "99999"},
        {"do": "add", "school": "001", "measure": "nothing", "amount": "1"},
        {"do": "merge", "school": "001", "to": "001"},
        {"do": "add", "school": "001", "measure": "multimedia_rooms", "amount": "many"},
        {"do": "destroy"},
    ],
)
def test_a_change_that_is_not_possible_is_refused_and_not_kept(opened: Browser, change: dict[str, str]) -> None:
    answer = opened.post("/what-if", **change)

    assert answer.status_code == 422
    assert "没有完成" in answer.text
    assert opened.get("/todo").status_code == 200
    assert opened.get("/todo/what-if.xlsx").status_code == 404


def _finished(browser: Browser) -> str:
    until = time.monotonic() + 90
    while browser.get("/plan/status").json()["running"]:
        assert time.monotonic() < until
        time.sleep(0.2)
    return browser.get("/todo").text


def test_a_plan_has_prices_and_caps_of_the_county(browser: Browser, failing: bytes, tmp_path: Path) -> None:
    complete = changed(failing, {"学校!U14": 12}, tmp_path)
    browser.post("/open", {"安和县.xlsx": complete})
    browser.post("/plan", **{"cost-teaching_area": "5000"})
    dear = _finished(browser)
    assert "下载测算结果" in dear
    assert browser.get("/todo/plan.xlsx").content[:2] == b"PK"

    browser.post("/plan", **{"cap-teaching_area": "0"})
    assert "没有可行的方案" in _finished(browser)
    assert browser.post("/plan", **{"cost-teaching_area": "dear"}).status_code == 422


def test_a_plan_can_be_cancelled(opened: Browser) -> None:
    assert "<progress" in opened.post("/plan").text

    assert "已取消" in opened.post("/plan/cancel").text
    assert opened.get("/plan/status").json()["running"] is False


def test_every_paper_is_there_and_in_the_zip(opened: Browser) -> None:
    page = opened.get("/papers").text
    with zipfile.ZipFile(io.BytesIO(opened.get("/papers/all.zip").content)) as packed:
        names = packed.namelist()
        assert all(packed.read(name)[:2] == b"PK" for name in names)

    assert {"填报工作簿.xlsx", "申报表.xlsx", "整改台账.xlsx", "一校一策.docx", "自查自评报告.docx"} <= set(names)
    assert all(name.partition(".")[0] in page for name in names)
    assert opened.get("/papers/../x").status_code == 404
    assert opened.get("/papers/nothing.docx").status_code == 404


def test_an_earlier_ledger_is_carried_on(opened: Browser, failing: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(opened.get("/papers/ledger.xlsx").content)
    book = openpyxl.load_workbook(path)
    titles = [cell.value for cell in book.worksheets[0][3]]
    person, progress = (titles.index(title) + 1 for title in ("责任人", "完成情况"))
    book.worksheets[0].cell(4, person).value = "王老师"
    book.save(path)
    opened.post("/open", {"安和县.xlsx": changed(failing, {"学校!Q5": 99999}, tmp_path)})

    answer = opened.post("/papers/ledger.xlsx", {"整改台账.xlsx": path.read_bytes()})
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].values)[3:]

    assert "王老师" in {row[person - 1] for row in rows}
    assert "已达标" in {row[progress - 1] for row in rows}
    assert "没有工作表“整改台账”" in opened.post("/papers/ledger.xlsx", {"x.xlsx": failing}).text
    assert "没有收到文件" in opened.post("/papers/ledger.xlsx").text


def test_typed_texts_are_in_the_papers(opened: Browser) -> None:
    page = opened.post("/texts", **{"overview": "本县<b>概况</b>", "G5.office": "基教科", "nothing.office": "x"})
    assert page.url.path == "/papers"
    assert "已填2项文字" in page.text
    assert "本县&lt;b&gt;概况&lt;/b&gt;" in opened.get("/texts").text
    with zipfile.ZipFile(io.BytesIO(opened.get("/papers/self-evaluation.docx").content)) as packed:
        assert "本县&lt;b&gt;概况" in packed.read("word/document.xml").decode()
    ledger = openpyxl.load_workbook(io.BytesIO(opened.get("/papers/ledger.xlsx").content)).worksheets[0]
    assert "基教科" in {cell.value for row in ledger for cell in row}


def test_typed_texts_survive_a_corrected_file(opened: Browser, failing: bytes, tmp_path: Path) -> None:
    opened.post("/texts", **{"G5.office": "基教科"})
    opened.post("/open", {"安和县.xlsx": changed(failing, {"学校!H5": "很多"}, tmp_path)})
    opened.post("/open", {"安和县.xlsx": failing})

    assert 'value="基教科"' in opened.get("/texts").text
    opened.post("/texts", **{"G5.office": ""})
    assert 'value="基教科"' not in opened.get("/texts").text


def test_typed_texts_are_kept_in_the_workbook(opened: Browser, browser: Browser) -> None:
    opened.post("/texts", **{"overview": "第一行\n第二行", "G5.deadline": "2026年9月"})
    workbook = opened.get("/papers/workbook.xlsx").content
    with TestClient(create_app(TOKEN), cookies={COOKIE: TOKEN}) as client:
        client.post("/open", data={"csrf": browser.csrf}, files={"file": ("明年.xlsx", workbook)})
        page = client.get("/texts").text

    assert "第一行\n第二行" in page
    assert 'value="2026年9月"' in page


def test_last_year_stands_beside_this_year(opened: Browser, failing: bytes, tmp_path: Path) -> None:
    earlier = changed(failing, {"学校!Q5": 99999}, tmp_path)
    page = opened.post("/years", {"去年.xlsx": earlier}).text

    assert "安和县第三小学" in page


def test_a_form_of_another_page_is_refused(opened: Browser) -> None:
    for path in (
        "/open",
        "/example",
        "/bind",
        "/plan",
        "/plan/cancel",
        "/what-if",
        "/years",
        "/texts",
        "/papers/ledger.xlsx",
        "/quit",
    ):
        assert opened.client.post(path, data={"csrf": "wrong"}).status_code == 403, path


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "=HYPERLINK(1)", "../../etc/passwd", '"onload="x'])
def test_names_are_texts(browser: Browser, failing: bytes, tmp_path: Path, name: str) -> None:
    browser.post("/open", {f"{name}.xlsx": changed(failing, {"学校!C5": name}, tmp_path)})

    for path in ("/check", "/result", "/school/2", "/todo", "/papers"):
        text = browser.get(path).text
        assert "<script>alert" not in text
        assert '"onload="' not in text
    assert "<script>alert" not in browser.get("/overview.html").text
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/papers/ledger.xlsx").content))
    cells = [cell for row in book.worksheets[0] for cell in row if cell.value is not None and name in str(cell.value)]
    assert cells
    assert all(cell.data_type == "s" for cell in cells)
