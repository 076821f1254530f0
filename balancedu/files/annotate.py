"""A copy of a workbook in which the cells that check complains about are marked."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path

import attrs

from balancedu.core.fields import Language
from balancedu.core.loading import DEFAULT_STANDARD
from balancedu.core.standard import Standard
from balancedu.errors import DataError, MissingExtraError, RequestError
from balancedu.files.book import check_workbook_target, no_workbook
from balancedu.files.read import read_partly
from balancedu.submission.checks import DataWarning
from balancedu.text import Phrase


@attrs.frozen
class Annotated:
    """What was marked in a copy of a workbook.

    Attributes
    ----------
    errors, hints : int
        How many of each there are.
    left_out : Phrase
        What the copy lacks of the workbook, in one line; empty if it lacks nothing.
    """

    errors: int
    hints: int
    left_out: Phrase

    def text(self, lang: Language = "zh") -> str:
        """Return what the copy lacks; empty if it lacks nothing."""
        return self.left_out.text(lang)


def write_annotated(
    path_in: str | PathLike[str],
    path_out: str | PathLike[str],
    *,
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    mapping: str | PathLike[str] | None = None,
    lang: Language = "zh",
    replace: bool = False,
) -> Annotated:
    """Write a copy of a workbook in which every cell with a problem is coloured and has a comment with the reason.

    A sheet at the front lists the problems, each with a link to its cell. Cells, formats, formulas, widths and merged
    cells stay as they are. The copy is written also if nothing is wrong.

    Parameters
    ----------
    path_in : path
        The workbook: .xlsx, .xlsm, .xls, .et or .ods.
    path_out : path
        The copy, an .xlsx. Of .xls, .et and .ods it has the values and merged cells.
    standard : id, path or Standard
        Whose measures the columns are checked against.
    mapping : path, optional
        What sheets and columns mean, as `read_submission` takes it.
    lang : 'zh' or 'en'
        The language of the comments.
    replace : bool
        Whether an existing file is replaced; the workbook itself never is.

    Returns
    -------
    Annotated
        How many problems there are, and what the copy lacks: macros, pictures and other things that openpyxl does not
        carry over.

    Raises
    ------
    RequestError
        If the path is a folder or a text file, or the target exists, is the workbook itself or does not end in .xlsx.
    DataErrors
        If the file cannot be opened as a workbook.
    MissingExtraError
        If openpyxl is not installed.

    Examples
    --------
    >>> import balancedu as be, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     be.write_submission(be.example("failing"), pathlib.Path(folder, "county.xlsx"))
    ...     result = be.write_annotated(pathlib.Path(folder, "county.xlsx"), pathlib.Path(folder, "marked.xlsx"))
    >>> result.errors, result.text("en")
    (0, '')
    """
    check_annotated(path_in, path_out, replace=replace)
    submission, errors = read_partly([path_in], standard=standard, mapping=mapping)
    hints = submission.warnings if submission else ()
    return annotate(path_in, path_out, errors, hints, lang=lang, replace=replace)


def annotate(
    path_in: str | PathLike[str],
    path_out: str | PathLike[str],
    errors: Iterable[DataError],
    hints: Iterable[DataWarning],
    *,
    lang: Language = "zh",
    replace: bool = False,
) -> Annotated:
    """Write a copy of a workbook with problems that are known already; see `write_annotated`."""
    check_annotated(path_in, path_out, replace=replace)
    try:
        from balancedu.files.marking import marked_copy
    except ImportError as error:
        raise MissingExtraError("openpyxl", "excel", Phrase("标注工作簿", "marking a workbook")) from error
    return Annotated(*marked_copy(Path(path_in), Path(path_out), errors, hints, lang, replace=replace))


def check_annotated(path_in: str | PathLike[str], path_out: str | PathLike[str], *, replace: bool = False) -> None:
    """Refuse what cannot be marked, and a target that must not be written, before any work is done."""
    source = Path(path_in)
    if source.is_dir() or source.suffix.lower() in (".csv", ".tsv", ".txt"):
        raise no_workbook(source)
    if source.exists() and Path(path_out).exists() and source.samefile(path_out):
        raise RequestError(
            Phrase(
                f"标注后的工作簿不能覆盖原工作簿“{source}”；请换一个文件名",
                f"the marked copy cannot replace the workbook {str(source)!r} itself; choose another name",
            )
        )
    check_workbook_target(path_out, replace=replace)
