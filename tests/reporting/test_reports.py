"""Reports in every format: what they say, what they never say, and that hostile text stays text."""

import re
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pypdf
import pytest

import balancedu as be
from balancedu.cli import main
from balancedu.core.fields import Language
from balancedu.document import Grid, Paragraph
from balancedu.reporting.problems import problems
from balancedu.reporting.reports import ReportKind, report_document
from balancedu.text import Phrase

from .browser import axe, opened
from .hostile import NAMES, hostile

FAILING = be.evaluate(be.read_submission("docs/examples/failing"))
Written = Callable[[str], Path]
PASSING = be.evaluate(be.example("passing"))
EMPTY = be.evaluate(be.Submission(schools={"school": ["1"], "type": ["小学"]}))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Write the report of the failing county, in each format once for all tests: its pictures take seconds."""
    folder = tmp_path_factory.mktemp("reports")

    @cache
    def write(suffix: str) -> Path:
        path = folder / f"report{suffix}"
        be.write_report(FAILING, path)
        return path

    return write


def text_of(document: Any) -> str:
    return "\n".join(str(block) for block in document.blocks)


def grids(document: Any) -> dict[str, Grid]:
    return {block.caption: block for block in document.blocks if isinstance(block, Grid)}


def word_text(path: Path) -> str:
    word = docx.Document(str(path))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in word.paragraphs), *cells])


# What they say


def test_the_self_evaluation_follows_the_counties_own_structure() -> None:
    result = report_document(PASSING, "self-evaluation", "zh")
    headings = [block.text for block in result.blocks if type(block).__name__ == "Heading" and block.level < 3]  # type: ignore
    assert headings == [
        "一、基本情况",
        "二、自查自评情况",
        "（一）资源配置",
        "（二）政府保障程度",
        "（三）教育质量",
        "（四）社会认可度",
        "（五）申报条件",
        "（六）否决项目",
        "三、存在的问题",
        "四、下一步工作措施",
        "五、总体结论",
        "附件1　各校指标值",
        "附件2　校际差异系数",
        "附件3　图",
        "附件4　佐证材料清单",
    ]
    text = text_of(result)
    titles = [item.title for item in PASSING.standard.items.values()]
    for title in (*titles, *(indicator.title for indicator in PASSING.standard.indicators.values())):
        assert title.zh in text
    for code in (*PASSING.standard.items, *PASSING.standard.indicators, "cn-2017", "学部个", "「"):
        assert not re.search(rf"(?<![A-Za-z0-9]){code}(?![A-Za-z0-9])", result.text(500)), code
    for evidence in PASSING.submission.evidence.values():
        assert evidence in text
    assert "小学、初中分别达到4.2人、5.3人以上；小学校际差异系数不大于0.50，初中校际差异系数不大于0.45" in text
    conclusions = [block for block in result.blocks if isinstance(block, Paragraph) and block.tone]
    assert {conclusion.tone for conclusion in conclusions} <= {"met", "not_applicable"}
    assert text.count("【待填写：") > len(PASSING.standard.items)


def test_no_report_claims_what_the_evaluation_does_not() -> None:
    result = report_document(EMPTY, "self-evaluation", "zh")
    conclusions = [block for block in result.blocks if isinstance(block, Paragraph) and block.tone]
    assert conclusions
    assert "met" not in {conclusion.tone for conclusion in conclusions}
    assert {conclusion.text for conclusion in conclusions} == {"数据缺报，暂无法判定。"}
    for block in result.blocks:
        assert not (isinstance(block, Paragraph) and re.search("均(达到|符合)|全部达标", block.text))


def test_the_rectification_plan_names_schools_and_amounts() -> None:
    document = report_document(FAILING, "rectification", "zh")
    text = text_of(document)
    shares = {row[0]: row[1:] for row in grids(document)["各项指标不达标学校的数量和比例"].rows}
    assert shares["生均教学及辅助用房面积"] == ["1", "12.5%", "0", "0", "0.0%", "0"]
    assert shares["每百名学生拥有网络多媒体教室数"] == ["0", "0.0%", "0", "0", "≥0.0%", "1"]
    for words in (
        "生均教学及辅助用房面积低于标准的85%：安和县第三小学3.78平方米（标准4.5平方米），还需增加627平方米",
        "大校额：安和县第一小学2036人（标准2000人），超出36人",
        "大班额：安和县第二小学3年级46人（标准45人），超出1人",
        "安和县双井乡小学65360元（标准72000元），还需增加6640元",
        "数据缺报：课程开齐开足",
    ):
        assert words in text


@pytest.mark.parametrize("kind", ["self-evaluation", "rectification", "implementation", "brief"])
def test_local_requirements_are_named_once_with_their_documents_and_without_codes(kind: Any) -> None:
    standard = be.load_standard("cn-2017", overlays=["shenyang", "transition"], on="2020-03-01")
    evaluation = be.evaluate(be.example("failing", standard=standard))
    text = "".join(report_document(evaluation, kind, "zh").text(500).split())
    assert re.findall("[A-Za-z]{2,}", text) == []
    if kind != "brief":
        assert text.count("以2020-03-01为准") == text.count("《过渡期放宽》（申报表及填表说明）") == 1
        # What a pupil is given less than the standard is not what it costs.
        assert "补报“课程开齐开足”" in text
        assert "约需资金0.14万元" not in text


def test_what_is_above_an_upper_limit_is_not_called_below() -> None:
    standard = be.load_standard(Path("tests/provinces/upper-limits.yaml"))
    schools = {"school": ["1"], "type": ["小学"], "pupils_primary": [400], "temporary_teachers": [9], "area": ["urban"]}
    evaluation = be.evaluate(be.Submission(schools=schools, standard=standard))

    [problem] = [entry for entry in problems(evaluation) if entry.entry == "R8"]
    assert problem.kind == Phrase(
        "每百名学生临聘教师数高于标准且超过最高限度",
        "Temporary teachers per 100 pupils above the standard and the most that is allowed",
    )
    assert (problem.lacking.zh, problem.measure.zh) == ("还需减少5人", "减少临聘教师")
    [section] = evaluation.failing_sections()
    [lack] = [lack for lack in section.lacks if lack.indicator.id == "R8"]
    assert "超过最高限度1.15" in lack.text("zh")
    assert "above the ceiling of 1.15" in lack.text("en")
    assert "above the ceiling" in be.explain(evaluation, "R8", school="1").text("en")


def test_amounts_are_those_of_the_shortfalls() -> None:
    result = problems(FAILING)
    columns = be.shortfalls(FAILING).sections
    lacking = columns["to_standard"][columns["to_standard"] > 0].tolist()
    assert [float(re.sub("[^0-9.]", "", entry.lacking.zh)) for entry in result[: len(lacking)]] == lacking


def test_oversize_classes_are_counted_by_entry_grade_where_it_is_known() -> None:
    classes: dict[str, list[Any]] = {
        "school": ["1"] * 5 + ["2"],
        "stage": ["primary"] * 6,
        "grade": ["1", "1", "2", "2", "3", "1"],
        "entry_grade": [True, True, False, False, None, True],
        "pupils": [46, 45, 47, None, 60, 50],
    }
    schools = {"school": ["1", "2"], "type": ["小学", "特殊教育学校"]}
    ev = be.evaluate(be.Submission(schools=schools, classes=classes))
    rows = list(grids(report_document(ev, "rectification", "zh"))["大班额情况"].rows)
    # The class of the special school is not judged and not counted.
    assert rows == [
        ["小学起始年级", "45", "2", "1", "50.0%", "0"],
        ["小学其他年级", "45", "2", "1", "≥50.0%", "1"],
        ["小学（未注明是否起始年级）", "45", "1", "1", "100.0%", "0"],
    ]


@pytest.mark.usefixtures("blank_pictures")
@pytest.mark.parametrize(("kind", "lang"), [("self-evaluation", "zh"), ("rectification", "en")])
def test_every_format_says_the_same(kind: ReportKind, lang: Language, tmp_path: Path) -> None:
    texts = {}
    for suffix in (".docx", ".html", ".pdf"):
        path = tmp_path / f"report{suffix}"
        be.write_report(FAILING, path, kind=kind, lang=lang)
        if suffix == ".docx":
            texts[suffix] = word_text(path)
        elif suffix == ".pdf":
            texts[suffix] = "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
        else:
            texts[suffix] = path.read_text(encoding="utf-8").replace("\\", "")
    for suffix, text in texts.items():
        flat = re.sub(r"\s", "", text)
        for problem in problems(FAILING):
            for words in (problem.kind.text(lang), problem.who.text(lang), problem.lacking.text(lang)):
                assert re.sub(r"\s", "", words) in flat, (suffix, words)


def test_the_word_document_has_styles_captions_and_page_numbers(report: Written) -> None:
    path = report(".docx")
    word = docx.Document(str(path))
    styles = {paragraph.style.name for paragraph in word.paragraphs if paragraph.style}
    assert styles >= {"Title", "Heading 1", "Heading 2", "Heading 3", "Caption"}
    with zipfile.ZipFile(path) as archive:
        footer = next(archive.read(n).decode() for n in archive.namelist() if "footer" in n and n.endswith(".xml"))
        body = archive.read("word/document.xml").decode()
    assert "PAGE" in footer
    assert "— " in footer
    assert body.count("w:tblHeader") == len(word.tables)
    assert body.count('descr="') >= len(word.inline_shapes) > 0
    for font in ("方正小标宋简体", "黑体", "楷体", "仿宋"):
        assert f'w:eastAsia="{font}"' in word.styles.element.xml
    assert 'w:eastAsia="zh-CN"' in word.styles.element.xml
    assert "en-US" not in word.styles.element.xml + word.settings.element.xml
    section: Any = word.sections[0]
    assert [round(size.mm) for size in (section.top_margin, section.left_margin, section.page_width)] == [37, 28, 210]
    assert word.core_properties.title == "安和县创建全国义务教育优质均衡发展县自查自评报告"
    for table in word.tables:
        assert sum(column.width.mm for column in table.columns) < 157


def test_the_pdf_holds_its_fonts_and_is_tagged(report: Written) -> None:
    path = report(".pdf")
    reader: Any = pypdf.PdfReader(path)
    assert len(reader.outline) > 0
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    ]
    assert fonts
    assert all("/FontFile2" in entry or "/FontFile3" in entry for entry in fonts)


# In a browser


def test_the_contents_number_nothing_that_is_numbered(report: Written) -> None:
    result = opened(report(".html"), "return getComputedStyle(document.querySelector('nav li')).listStyleType")
    assert result == "none"


@pytest.mark.browser
def test_the_page_opens_offline_and_passes_the_accessibility_check(report: Written) -> None:
    path = report(".html")
    script = (
        axe() + "; const r = await axe.run(document); return {"
        "broken: r.violations.map(v => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 200)]),"
        "passes: r.passes.length, title: document.title, images: [...document.images].map(i => i.naturalWidth),"
        "outside: performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith('data:'))};"
    )
    result = opened(path, script)
    assert result["broken"] == []
    assert result["passes"] > 20
    assert "自查自评报告" in result["title"]
    assert result["images"]
    assert min(result["images"]) > 100
    assert result["outside"] == []


@pytest.mark.usefixtures("blank_pictures")
def test_the_overview_sorts_links_and_is_accessible(tmp_path: Path) -> None:
    counties = be.evaluate(hostile(("a", "b", "../../c")))
    path = tmp_path / "overview.html"
    be.write_report(counties, path, kind="overview")
    pages = sorted(page.name for page in (tmp_path / "overview-pages").iterdir())
    assert pages == ["1-______c.html", "2-a.html", "3-b.html"]
    script = axe() + (
        "; const table = document.querySelector('table.sortable');"
        "const names = () => [...table.tBodies[0].rows].map(r => r.cells[0].textContent);"
        "const before = names(), button = table.querySelector('button'); button.click(); button.click();"
        "const r = await axe.run(document);"
        "return {before, after: names(), sort: table.querySelector('th').getAttribute('aria-sort'),"
        "links: [...table.querySelectorAll('a')].map(a => a.getAttribute('href')),"
        "broken: r.violations.map(v => [v.id, v.nodes[0].html.slice(0, 200)])};"
    )
    result = opened(path, script)
    assert result["before"] == ["../../c", "a", "b"]
    assert result["after"] == ["b", "a", "../../c"]
    assert result["sort"] == "descending"
    assert result["broken"] == []
    for link in result["links"]:
        assert (tmp_path / link).is_file()


@pytest.mark.browser
@pytest.mark.usefixtures("blank_pictures")
@pytest.mark.parametrize("kind", ["self-evaluation", "rectification"])
def test_hostile_names_do_nothing_in_a_browser(kind: ReportKind, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    be.write_report(be.evaluate(hostile()), path, kind=kind)
    script = (
        "return {title: document.title, scripts: document.scripts.length,"
        "images: [...document.images].filter(i => !i.src.startsWith('data:')).length,"
        "handlers: document.querySelectorAll('[onerror],[onclick],[onload],iframe,object,form').length,"
        "links: [...document.links].map(a => a.getAttribute('href')).filter(h => !h.startsWith('#')),"
        "headings: [...document.querySelectorAll('h1')].length, text: document.body.textContent};"
    )
    result = opened(path, script)
    assert result["title"] != "owned"
    assert result["scripts"] == 2  # its own, and the one of this test
    assert (result["images"], result["handlers"], result["links"], result["headings"]) == (0, 0, [], 1)
    shown = [name for name in NAMES if name in result["text"]]
    assert len(shown) > 5
    assert "49" not in re.sub(r"\d{3,}", "", result["text"].partition("{{")[2][:9])


@pytest.mark.usefixtures("blank_pictures")
def test_hostile_names_are_plain_text_in_word(tmp_path: Path) -> None:
    evaluation = be.evaluate(hostile())
    be.write_report(evaluation, tmp_path / "r.docx", kind="rectification")
    text = word_text(tmp_path / "r.docx")
    assert "<script>document.title='owned'</script>" in text
    assert "{{ 7*7 }}{% raw %}" in text
    with zipfile.ZipFile(tmp_path / "r.docx") as archive:
        assert "evil.example" not in archive.read("word/_rels/document.xml.rels").decode()


def test_control_characters_do_not_break_a_document(tmp_path: Path) -> None:
    schools: dict[str, list[Any]] = {
        "school": ["1"],
        "name": ["a\x00b\x0bc\x1f"],
        "type": ["小学"],
        "pupils_primary": [3000],
    }
    ev = be.evaluate(be.Submission(schools=schools))
    for suffix in (".docx", ".html"):
        be.write_report(ev, tmp_path / f"r{suffix}", kind="rectification")
    be.write_forms(ev, tmp_path / "f.xlsx")


# Refusals and the command


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("report.txt", {}, "a report ends in one of"),
        ("report.html", {"kind": "poem"}, "kind must be one of"),
    ],
)
def test_what_cannot_be_written_is_refused(name: str, options: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(be.RequestError, match=message):
        be.write_report(FAILING, tmp_path / name, **options)
    with pytest.raises(be.RequestError, match="about one county"):
        be.write_report(be.evaluate(hostile(("a", "b"))), tmp_path / "r.html")


@pytest.mark.parametrize(
    ("library", "suffix"), [("jinja2", ".html"), ("docx", ".docx"), ("weasyprint", ".pdf"), ("matplotlib", ".html")]
)
def test_a_missing_library_is_named(library: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(be.MissingExtraError, match=r"pip install balancedu\[all\]"):
        be.write_report(FAILING, tmp_path / f"r{suffix}")


@pytest.mark.usefixtures("blank_pictures")
def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "r.html"
    assert main(["report", "docs/examples/failing", "-o", str(out), "--kind", "rectification", "--lang", "en"]) == 0
    assert "school too large" in out.read_text(encoding="utf-8")
    assert main(["report", "docs/examples/failing", "-o", str(tmp_path / "r.txt")]) == 2
    assert main(["report", "docs/examples/failing", "-o", str(tmp_path / "o.html"), "--kind", "overview"]) == 0
    assert (tmp_path / "o-pages").is_dir()
    capsys.readouterr()


def conclusions_of(evaluation: be.Evaluation, lang: Language = "zh") -> list[str]:
    return [
        block.text
        for block in report_document(evaluation, "self-evaluation", lang).blocks
        if isinstance(block, Paragraph) and block.tone
    ]


def test_an_indicator_is_concluded_by_its_floor_and_its_coefficient() -> None:
    schools: dict[str, Any] = {
        "school": ["1", "2"],
        "type": ["小学"] * 2,
        "pupils_primary": [100, 100],
        "sports_ground_area": [740, 700],
        "indoor_sports_area": [0, 0],
    }
    close = be.evaluate(be.Submission(schools))
    below = be.evaluate(be.Submission(schools | {"sports_ground_area": [740, 600]}))

    assert "达标。" in conclusions_of(close)
    assert "未达标。" not in conclusions_of(close)
    assert "未达标。" in conclusions_of(below)
    assert "met." in conclusions_of(close, "en")


def test_vetoes_are_sentences() -> None:
    passing, failing = (report_document(ev, "self-evaluation", "zh").text(200) for ev in (PASSING, FAILING))
    assert "1．未发现以考试方式招生的情况。" in passing
    assert "未出现否决情形。" in passing
    assert "存在“有编不补”或长期聘用编外教师的情况。" in failing
    assert "存在否决情形（一票否决）。" in failing


def test_a_county_without_an_id_has_a_blank_for_its_name(tmp_path: Path) -> None:
    be.write_forms(EMPTY, tmp_path / "forms.xlsx")
    cover = [row[0] for row in openpyxl.load_workbook(tmp_path / "forms.xlsx")["封面"].iter_rows(values_only=True)]

    assert "县（市、区）：____" in cover
    assert be.report(EMPTY, "zh").startswith("? 本县  待定")
    assert be.report(EMPTY, "en").startswith("? the county  unknown")
    assert report_document(EMPTY, "self-evaluation", "zh").title.startswith("____创建")
    assert report_document(EMPTY, "rectification", "zh").title.startswith("____义务")
    assert report_document(FAILING, "self-evaluation", "zh").title.startswith("安和县创建")
