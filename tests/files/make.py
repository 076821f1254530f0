"""Makes the files of this folder anew: `python tests/files/make.py`, with openpyxl and LibreOffice (`soffice`)."""

from __future__ import annotations

import datetime
import subprocess
import tempfile
from pathlib import Path

import openpyxl

HERE = Path(__file__).parent
SCHOOLS: list[list[str | float | None]] = [
    [
        *("县", "学校标识", "学校名称", "学校类型", "小学在校生数", "初中在校生数", "小学高于规定学历教师数"),
        *("初中高于规定学历教师数", "教学及辅助用房面积", "运动场地面积", "教学仪器设备值"),
    ],
    ["990101", "001", "清河第一小学", "小学", 420, None, 24, None, 2310.5, 3780, 1386000],
    ["990101", "002", "清河第二小学", "小学", 185, None, 11, None, 1010, 1580.25, 520000],
    ["990101", "003", "清河初级中学", "初级中学", None, 610, None, 58, 3721, 6466, 1769000],
    ["990101", "004", "柳树九年一贯制学校", "九年一贯制学校", 240, 130, 15, 12, 2146, 3510, 999000],
]
CLASSES: list[list[str | float]] = [
    ["县", "学校标识", "学段", "年级", "起始年级", "学生数"],
    ["990101", "001", "小学", 1, "是", 44],
    ["990101", "001", "小学", 2, "否", 45],
    ["990101", "002", "小学", 1, "是", 31],
    ["990101", "003", "初中", 7, "是", 50],
    ["990101", "003", "初中", 8, "否", 49],
    ["990101", "004", "小学", 1, "是", 40],
    ["990101", "004", "初中", 7, "是", 43],
]
COLUMNS: dict[str, list[object]] = {
    "A": ["编号", 7],
    "B": [
        *("日期", datetime.date(2023, 9, 1), datetime.datetime(2023, 9, 1, 8, 30), datetime.time(8, 30)),
        datetime.timedelta(hours=30),
    ],
    "C": ["公式", "=1/0", "=NA()", "=6*7", '="甲"&"乙"', "=1=1"],
    "D": ["比例", 0.985],
    "E": ["文本", "0012", " 甲 & 乙 <丙>\n丁", "", True],
    "F": ["合并", "清河县"],
}


def main() -> None:
    """Write the workbook with openpyxl, and with LibreOffice what is made of it; then the texts."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    schools = book.create_sheet("学校")
    schools.append(["清河县义务教育学校基本情况（2023年）"])
    schools.merge_cells("A1:K1")
    for row in [*SCHOOLS, [None, None, "合计", None, "=SUM(E3:E6)", "=SUM(F3:F6)"]]:
        schools.append(row)
    classes = book.create_sheet("班级")
    for row in CLASSES:
        classes.append(row)
    kinds = book.create_sheet("杂项")
    for column, cells in COLUMNS.items():
        for number, cell in enumerate(cells, 1):
            kinds[f"{column}{number}"] = cell
    kinds["A2"].number_format, kinds["D2"].number_format = "000", "0.0%"
    kinds.merge_cells("F2:G4")
    kinds.row_dimensions[5].hidden = kinds.column_dimensions["D"].hidden = True
    old = book.create_sheet("旧表")
    old.sheet_state = "hidden"
    old["A1"] = "不读"
    book.save(HERE / "openpyxl.xlsx")
    _convert(HERE / "openpyxl.xlsx")
    text = "".join("\t".join("" if cell is None else str(cell) for cell in row) + "\r\n" for row in SCHOOLS)
    (HERE / "unicode.txt").write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    (HERE / "gbk.csv").write_bytes(text.replace("\t", ",").encode("gbk"))


def _convert(book: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("xlsx", "ods", "xls"):
            command = ["soffice", "--headless", "--convert-to", ending, "--outdir", folder, str(book)]
            subprocess.run(command, check=True, capture_output=True)
            (HERE / f"libreoffice.{ending}").write_bytes(Path(folder, f"openpyxl.{ending}").read_bytes())


if __name__ == "__main__":
    main()
