"""Earlier years in a self-evaluation."""

from pathlib import Path

import pytest

import balancedu as be
from balancedu.cli import main
from balancedu.reporting.reports import report_document

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def test_earlier_years_are_shown_beside_this_one() -> None:
    now, before = be.evaluate(be.example("passing")), be.evaluate(be.example("failing"))

    text = report_document(now, "self-evaluation", "zh", earlier={"2022": before}, year="2024").text()

    assert "历年校际差异系数" in text
    assert "小学历年校际差异系数" in text
    row = next(line for line in text.splitlines() if "0.504" in line and "0.310" in line)
    assert row.index("0.504") < row.index("0.310")
    assert [line for line in text.splitlines() if "2022" in line and "2024" in line]


def test_without_earlier_years_the_report_has_no_trend() -> None:
    assert "历年" not in report_document(be.evaluate(be.example("passing")), "self-evaluation", "zh").text()


@pytest.mark.usefixtures("blank_pictures")
def test_the_command_takes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.html"

    before = f"2022={EXAMPLES / 'passing'}"
    status = main(["report", str(EXAMPLES / "failing"), "-o", str(path), "--earlier", before, "--lang", "en"])

    assert (status, capsys.readouterr().err) == (0, "")
    assert "Coefficients of variation over the years" in path.read_text(encoding="utf-8")
