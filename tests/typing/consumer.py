"""Code as users write it. It is never run: `test_typing.py` has mypy read it, strictly.

Lines that must be refused are marked; mypy complains about every such mark that is not needed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, assert_type
from zipfile import Path as ZipPath

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

import balancedu
import balancedu as be
import balancedu.evaluate
from balancedu import evaluate
from balancedu.evaluate import evaluate as from_module

# Standards

std = be.load_standard("cn-2017")
assert_type(std, be.Standard)
assert_type(be.available_standards(), tuple[str, ...])
threshold = std.indicators["R4"].thresholds.primary
if threshold is not None:
    assert_type(threshold.met(4.5), bool | None)
    assert_type(threshold.margin(4.5), float)
assert_type(std.items["G5"].title.zh, str)
assert_type(str(std.items["G5"].source), str)

# What goes in

schools = {"school": ["001", "002"], "type": ["primary_school", "junior_school"], "pupils_primary": [400, None]}
be.Submission(schools=schools)
be.Submission({"school": np.array(["001"]), "type": ["primary_school"]}, facts={"layout_rational": True})
be.Submission(schools=pd.DataFrame(schools), classes=pl.DataFrame(schools), standard=std)
be.Submission(schools=np.zeros(3, [("school", "U3"), ("type", "U20")]))
be.Submission(schools=schools, facts={"990101": {"teachers": {"value": 3, "evidence": "名册"}}})
be.Submission(schools=3)  # type: ignore[arg-type]
be.Submission()
sub = be.read_submission(Path("county"), standard="cn-2017")
be.read_submission("county/")
be.read_submission(ZipPath("counties.zip", "county/"))
be.read_submission(3)  # type: ignore[arg-type]
assert_type(be.example("failing"), be.Submission)
be.example("falling")  # type: ignore[arg-type]

# Evaluating, after every kind of import

ev = be.evaluate(sub, "cn-2017")
assert_type(ev, be.Evaluation)
# pyright takes `balancedu.evaluate` for the module once it is imported by this name; mypy and Python see the function.
assert_type(balancedu.evaluate(sub), be.Evaluation)  # pyright: ignore
assert_type(evaluate(sub, standard=Path("editions/ours")), be.Evaluation)
assert_type(from_module(sub, std), be.Evaluation)
be.evaluate("county/")  # type: ignore[arg-type]
be.evalute(sub)  # type: ignore[attr-defined]

# What comes out

assert_type(ev.verdict, be.Verdict)
assert_type(ev.verdicts, dict[str, be.Verdict])
assert_type(ev["210102"], be.Evaluation)
assert_type(ev.counties, tuple[str, ...])
assert_type(ev.parts, dict[str, be.Verdict])
assert_type(ev.items, dict[str, be.Finding])
finding = ev.items["G11"]
assert_type(finding.verdict, be.Verdict)
assert_type((finding.observed, finding.required, finding.margin), tuple[float, float, float])
assert_type(finding.reason(lang="zh"), str)
assert_type(finding.schools, tuple[str, ...])
assert_type(str(finding.source), str)
finding.reason(lang="fr")  # type: ignore[arg-type]
sections: Mapping[str, NDArray[Any]] = ev.sections
assert_type(ev.indicators, tuple[str, ...])
assert_type(ev.values, NDArray[np.float64])
assert_type(ev.standing, NDArray[np.int8])
assert_type(ev.section_verdicts, NDArray[np.int8])
assert_type(ev.cv, NDArray[np.float64])
assert_type(ev.stages, tuple[Literal["primary", "junior", "senior"], ...])
names: list[str] = [section.school for section in ev.failing_sections()]
reasons: list[str] = [entry.reason for entry in ev.excluded]
assert_type(ev.to_dict(), dict[str, Any])
assert_type(ev.to_json(indent=2), str)
assert_type(ev.to_frame("sections"), pd.DataFrame)
ev.to_frame("section")  # type: ignore[call-overload]
ev.verdict = be.Verdict.MET  # type: ignore[misc]

match ev.verdict:
    case be.Verdict.MET | be.Verdict.NOT_APPLICABLE:
        pass
    case be.Verdict.NOT_MET | be.Verdict.UNKNOWN:
        pass

cv: float = be.coefficient_of_variation([1.0, 2.0], weights=[3, 4])
cvs: NDArray[np.float64] = be.coefficient_of_variation([1.0, 2.0], groups=["a", "b"])
cvs = be.coefficient_of_variation([[1.0, 2.0]], axis=0)
one: float = be.coefficient_of_variation([[1.0, 2.0]], axis=0)  # type: ignore[assignment]
be.coefficient_of_variation([1.0, 2.0], [3, 4], ["a", "b"])  # type: ignore[call-overload]
low: float = be.dispersion_interval([1.0, 2.0]).low

try:
    be.read_submission("county/")
except be.DataErrors as errors:
    assert_type(errors.errors, tuple[be.DataError, ...])
    assert_type(errors.errors[0].place, str)
except (be.SpecErrors, be.UnknownStandardError, be.BalanceduError):
    pass
