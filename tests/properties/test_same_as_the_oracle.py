"""Every value, coefficient and verdict is that of exact arithmetic on the numbers as written."""

from comparing import Tables, assert_as_the_oracle_says
from hypothesis import given, settings
from hypothesis import strategies as st

from balancedu.testing import tables

COUNTIES = st.integers(1, 2)
ATTACHED_TO = {
    "primary": ("junior_school", "complete_secondary_school"),
    "junior": ("primary_school", "vocational_school"),
    "senior": ("junior_school", "nine_year_school"),
}


@given(tables(kind="ordinary", counties=COUNTIES))
def test_ordinary_submissions(drawn: Tables) -> None:
    assert_as_the_oracle_says(drawn)


@given(tables(kind="gappy", counties=COUNTIES))
def test_submissions_with_gaps(drawn: Tables) -> None:
    assert_as_the_oracle_says(drawn)


# Every limit has to come up.
@settings(max_examples=4 * settings().max_examples)
@given(tables(kind="on_limits", counties=COUNTIES))
def test_submissions_on_the_limits(drawn: Tables) -> None:
    assert_as_the_oracle_says(drawn)


@given(tables(kind="arbitrary", counties=COUNTIES))
def test_submissions_that_make_no_sense(drawn: Tables) -> None:
    assert_as_the_oracle_says(drawn)


@given(tables(kind="on_limits", counties=COUNTIES), st.data())
def test_schools_with_pupils_of_a_stage_attached(drawn: Tables, data: st.DataObject) -> None:
    schools = drawn["schools"]
    for stage, types in ATTACHED_TO.items():
        column = schools.setdefault(f"pupils_{stage}", [None] * len(schools["type"]))
        for row, kind in enumerate(schools["type"]):
            if kind in types:
                column[row] = data.draw(st.sampled_from((None, 0, 10, 25, 60)))
    assert_as_the_oracle_says(drawn)


def test_halls_that_nearly_fill_their_schools() -> None:
    """Per pupil 0.1 and 0.3 m² are left for teaching: the coefficient is exactly one half."""
    assert_as_the_oracle_says(
        {
            "schools": {
                "county": ["1", "1"],
                "school": ["a", "b"],
                "type": ["primary_school", "primary_school"],
                "pupils_primary": [1, 1],
                "teaching_area": [100000000.1, 0.3],
                "indoor_sports_area": [100000000, 0],
            },
            "facts": {"1": {}},
        }
    )
