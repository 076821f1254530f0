"""A share that a table of schools gives as a count of pupils is that count divided by the pupils of the school."""

import math
from typing import Any

import pytest

import balancedu as be

STANDARD = be.load_standard("cn-2017", ["transition"], on="2022-01-01")
SCHOOLS = {
    "学校标识": ["1", "2"],
    "学校类型": ["小学", "九年一贯制学校"],
    "小学在校生数": [200, 300],
    "初中在校生数": [None, 100],
}


def read(**columns: Any) -> be.Submission:
    return be.read_submission({"schools": {**SCHOOLS, **columns}}, standard=STANDARD)


@pytest.mark.parametrize("header", ["随迁子女人数", "进城务工人员随迁子女人数（人）"])
def test_the_count_is_divided_by_the_pupils_of_all_stages(header: str) -> None:
    submission = read(**{header: [120, 100]})

    assert submission.schools.columns["migrant_share"].tolist() == [0.6, 0.25]
    message = f"随迁子女占在校生的比例由“{header}”除以在校生数得出"
    assert message in [note.message.zh for note in submission.notes]


def test_it_is_unknown_where_pupils_of_a_stage_are_missing() -> None:
    submission = read(随迁子女人数=[120, 100], 初中在校生数=[None, None])

    shares = submission.schools.columns["migrant_share"].tolist()
    assert shares[0] == 0.6
    assert math.isnan(shares[1])


def test_a_share_beside_the_count_is_the_share() -> None:
    assert read(随迁子女人数=[120, 100], 随迁子女占比=[0.5, 0.2]).schools.columns["migrant_share"].tolist() == [
        0.5,
        0.2,
    ]


@pytest.mark.parametrize("count", [0.45, "很多", 201])
def test_what_is_no_count_of_these_pupils_is_an_error_with_its_cell(count: object) -> None:
    with pytest.raises(be.DataErrors, match=r"schools!E2.*migrant_share"):
        read(随迁子女人数=[count, 100])


def test_a_row_of_totals_is_not_compared_with_shares() -> None:
    table: dict[str, list[Any]] = {
        "学校标识": ["1", "2", "合计"],
        "学校类型": ["小学", "九年一贯制学校", None],
        "小学在校生数": [200, 300, 500],
        "初中在校生数": [None, 100, 100],
        "随迁子女人数": [120, 100, 220],
    }
    submission = be.read_submission({"schools": table}, standard=STANDARD)

    assert submission.schools.columns["migrant_share"].tolist() == [0.6, 0.25]
    assert not [note for note in submission.notes if "220" in note.message.zh]


def test_without_the_overlay_nothing_asks_for_it() -> None:
    submission = be.read_submission({"schools": {**SCHOOLS, "随迁子女人数": [120, 100]}})

    assert "migrant_share" not in submission.schools.columns
