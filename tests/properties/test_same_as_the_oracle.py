"""Every value, coefficient and verdict is that of exact arithmetic on the numbers as written."""

from comparing import Tables, assert_as_the_oracle_says
from hypothesis import given
from hypothesis import strategies as st

from balancedu.testing import tables

COUNTIES = st.integers(1, 2)


@given(tables(kind="ordinary", counties=COUNTIES))
def test_ordinary_submissions(drawn: Tables) -> None:
    assert_as_the_oracle_says(drawn)


@given(tables(kind="gappy", counties=COUNTIES))
def test_submissions_with_gaps(drawn: Tables) -> None:
    assert_as_the_oracle_says(drawn)


@given(tables(kind="on_limits", counties=COUNTIES))
def test_submissions_on_the_limits(drawn: Tables) -> None:
    assert_as_the_oracle_says(drawn)


@given(tables(kind="odd", counties=COUNTIES))
def test_submissions_that_make_no_sense(drawn: Tables) -> None:
    assert_as_the_oracle_says(drawn)
