"""A county whose every text tries to be something else: a formula, a tag, a link, a path."""

from typing import Any

import balancedu as be

NAMES = (
    '=HYPERLINK("http://evil.example","点我")',
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1,1)",
    "<script>document.title='owned'</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></tr></table><h1>x</h1>",
    "{{ 7*7 }}{% raw %}",
    "$\\frac{1}{2}$ 100% _a_ `code` | pipe [x](javascript:alert(1))",
    "&lt;b&gt; &amp; 学校",
)
COUNTY = "../../etc/<b>=1"


def hostile(counties: tuple[str, ...] = (COUNTY,)) -> be.Submission:
    """Return counties full of hostile names, with something failing, something met and something unknown."""
    rows = [(county, n, name) for county in counties for n, name in enumerate(NAMES)]
    schools: dict[str, list[Any]] = {
        "county": [county for county, _, _ in rows],
        "school": [f"={n}" if n % 2 else f"<i>{n}" for _, n, _ in rows],
        "name": [name for _, _, name in rows],
        "type": ["小学" if n % 3 else "九年一贯制学校" for _, n, _ in rows],
        "organizer": [7 if n else 10 for _, n, _ in rows],
        "pupils_primary": [2100 if n == 1 else 200 + n for _, n, _ in rows],
        "pupils_junior": [None if n % 3 else 150 + n for _, n, _ in rows],
        "degree_teachers_primary": [20] * len(rows),
        "backbone_teachers_primary": [n for _, n, _ in rows],
        "teaching_area": [None if n == 5 else 900 + 90 * n for _, n, _ in rows],
        "indoor_sports_area": [0] * len(rows),
        "sports_ground_area": [1800] * len(rows),
        "equipment_value": [500_000 * (1 + n) for _, n, _ in rows],
        "multimedia_rooms": [8] * len(rows),
        "classes_primary": [6] * len(rows),
    }
    classes: dict[str, list[Any]] = {
        "county": [county for county, _, _ in rows],
        "school": schools["school"],
        "stage": ["primary"] * len(rows),
        "pupils": [44 + n for _, n, _ in rows],
    }
    monitoring: dict[str, list[Any]] = {
        "county": list(counties),
        "subject": ["=数学"] * len(counties),
        "level": [3] * len(counties),
        "between_school_rate": [0.1] * len(counties),
    }
    facts = {
        county: {
            "layout_rational": {"value": True, "evidence": "=cmd|'/C calc'!A0 <script>alert(1)</script>"},
            "rotation_eligible": 100,
            "rotated": 9,
        }
        for county in counties
    }
    return be.Submission(schools=schools, classes=classes, monitoring=monitoring, facts=facts)
