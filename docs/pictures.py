"""Draw the pictures of the guides: workbooks as on a screen, papers as they are printed, and results of planning.

Run ``python docs/pictures.py``. Needs LibreOffice, pdftoppm, and what the tests need; the pictures of workbooks show
what these make of them, with the letters of columns and the numbers of rows.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import get_args

import openpyxl
from openpyxl.styles import Border, Side
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image, ImageChops

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

import balancedu as be
from balancedu.core.fields import Language
from balancedu.document import Result
from balancedu.files.layout import COVER, sheet_titles
from balancedu.plots import figure

ENDINGS = {"zh": ".zh-CN.png", "en": ".png"}
WRONG = ("pupils_primary", 6, "约560")
"""A cell filled in wrongly, as the guide has it: column, row, content."""
AREAS = {"cover": "A1:C25", "schools": "A1:K9", "facts": "A1:G12"}
COLOURS = 32
PAPERS = {"report": "docx", "ledger": "xlsx", "notices": "docx", "forms": "xlsx"}
"""The papers in pictures, and how their files end."""


def workbooks(folder: Path, lang: Language) -> dict[str, Path]:
    """Write a workbook for each picture: the sheet that it shows, alone."""
    std = be.load_standard()
    titles = {"cover": COVER.text(lang), **sheet_titles(std, lang)}
    whole = folder / "whole.xlsx"
    be.write_submission(be.example("failing"), whole, lang=lang)
    result = {}
    for name, area in AREAS.items():
        book = openpyxl.load_workbook(whole)
        for sheet in book.worksheets:
            if sheet.title != titles[name]:
                del book[sheet.title]
        shown(book[titles[name]], area, headings=name != "cover")
        if name == "schools":
            spoil(book[titles[name]])
        result[name] = folder / f"{name}.xlsx"
        book.save(result[name])
    return result


def shown(sheet: Worksheet, area: str, *, headings: bool) -> None:
    """Print an area on one page, as it is on the screen."""
    sheet.print_area = area
    sheet.print_title_rows = sheet.print_title_cols = None
    sheet.page_setup.orientation = "landscape" if headings else "portrait"
    sheet.page_setup.fitToHeight = sheet.page_setup.fitToWidth = 1
    sheet.print_options.headings = sheet.print_options.gridLines = headings
    sheet.oddFooter.center.text = ""


def spoil(sheet: Worksheet) -> None:
    """Fill in a cell wrongly, with a red frame for the picture."""
    column, row, content = WRONG
    ids = [cell.value for cell in sheet[2]]
    cell = sheet.cell(row, ids.index(column) + 1, content)
    cell.border = Border(*(Side("thick", color="C00000") for _ in range(4)))


def picture(workbook: Path, target: Path, resolution: int = 130) -> None:
    """Draw the first page of a workbook or paper, without its margins and in few colours."""
    folder = workbook.parent
    home = f"-env:UserInstallation={(folder / 'office').as_uri()}"
    office = ["soffice", "--headless", home, "--convert-to", "pdf", "--outdir", str(folder), str(workbook)]
    subprocess.run(office, check=True, capture_output=True)
    drawn = workbook.with_suffix("")
    page = ["pdftoppm", "-r", str(resolution), "-singlefile", "-png", str(workbook.with_suffix(".pdf")), str(drawn)]
    subprocess.run(page, check=True, capture_output=True)
    image = Image.open(drawn.with_suffix(".png")).convert("RGB")
    left, top, right, bottom = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox() or (0,) * 4
    cut = image.crop((max(0, left - 10), max(0, top - 10), right + 10, bottom + 10))
    cut.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


def results() -> dict[str, Result]:
    """Return the results of the guides' own examples."""
    ev = be.evaluate(be.example("failing"))
    whole = be.what_if(ev, [{"do": "set", "school": "012", "values": {"multimedia_rooms": 12}}]).evaluation
    years = {2021: ev}
    for year, bought in ((2022, 30_000), (2023, 42_000), (2024, 40_000)):
        changes: list[dict[str, object]] = [{"do": "add", "school": "004", "amounts": {"equipment_value": bought}}]
        if year == 2023:
            changes.append({"do": "add", "school": "007", "amounts": {"backbone_teachers_primary": 1}})
        years[year] = be.what_if(years[year - 1], changes).evaluation
    changes = [
        {"do": "merge", "schools": ["005"], "into": "004", "leave": ["sports_ground_area"]},
        {"do": "add", "school": "007", "amounts": {"backbone_teachers_primary": 1}},
        {"do": "move_pupils", "out_of": "001", "to": "003", "stage": "primary", "pupils": 36},
    ]
    errors = {"equipment_value": 0.05, "pupils_primary": {"absolute": 5}}
    return {
        "shortfalls": be.shortfalls(ev),
        "margins": be.margins(ev),
        "robustness": be.robustness(ev, errors, draws=2_000, seed=1),
        "what-if": be.what_if(ev, changes),
        "plan": be.plan(whole),
        "trend": be.trend(years),
    }


def papers(folder: Path) -> dict[str, Path]:
    """Write the Chinese papers of the example that the guide shows the first page of."""
    ev = be.evaluate(be.example("failing"))
    result = {name: folder / f"{name}.{ending}" for name, ending in PAPERS.items()}
    be.write_report(ev, result["report"], kind="rectification", lang="zh")
    be.write_ledger(ev, result["ledger"], lang="zh")
    be.write_notices(ev, result["notices"], lang="zh")
    be.write_forms(ev, result["forms"])
    for name, title in (("forms", "表Ⅱ-2"), ("ledger", "整改台账")):
        book = openpyxl.load_workbook(result[name])
        for sheet in book.worksheets:
            if sheet.title != title:
                del book[sheet.title]
        # Without what is at the foot of the page, the picture ends with the table.
        for foot in (book[title].oddFooter.left, book[title].oddFooter.center, book[title].oddFooter.right):
            foot.text = ""
        book.save(result[name])
    return result


def main() -> None:
    """Draw every picture in both languages."""
    images = ROOT / "docs" / "images"
    for name, result in results().items():
        for lang in get_args(Language):
            # Pixels alone, so that a picture is the same file on every machine.
            figure(result, lang).savefig(images / f"{name}{ENDINGS[lang]}", dpi=100, metadata={"Software": None})
    for lang in get_args(Language):
        with tempfile.TemporaryDirectory() as folder:
            for name, workbook in workbooks(Path(folder), lang).items():
                picture(workbook, images / f"workbook-{name}{ENDINGS[lang]}")
    with tempfile.TemporaryDirectory() as folder:
        for name, paper in papers(Path(folder)).items():
            picture(paper, images / f"paper-{name}.png", 100)


if __name__ == "__main__":
    main()
