"""Figures: what is counted is counted right, beside a slow count of our own."""

from __future__ import annotations

import io
import random
from collections import Counter
from datetime import datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import text

from bot.casework.complaints import actions
from bot.casework.complaints.words import KINDS
from bot.clock import LOCAL
from bot.reports.figures import DEFINITIONS, figures
from bot.reports.sheets import outside
from tests.integration.console.office import Office

SAID = ("多收钱", "态度凶", "记录造假", "绑人", "别的什么")


def _rows(office: Office, key: str, year: int) -> dict[str, object]:
    with office.transaction() as session:
        found = {f.key: f for f in figures(session, year=year, now=office.now)}
    return {row.label: row.value for row in found[key].rows}


def test_complaints_by_kind_agree_with_a_slow_count(office: Office) -> None:
    chance = random.Random(5)
    counted: Counter[tuple[int, str]] = Counter()
    with office.transaction() as session:
        for _ in range(60):
            # Around New Year, where a wrong time zone moves a complaint into another year.
            at = datetime(2026, 1, 1, tzinfo=LOCAL) + timedelta(hours=chance.uniform(-20, 20))
            complaint, _code = actions.lodge(
                session,
                about_what=chance.choice(SAID),
                about_whom=None,
                manner="anonymous",
                urgent=False,
                contact_id=None,
                source_key="",
                now=at,
            )
            counted[at.year, KINDS[complaint.kind]] += 1
    for year in (2025, 2026):
        slow = {kind: number for (of, kind), number in counted.items() if of == year}
        assert _rows(office, "complaints", year) == slow


def test_applications_and_stages(office: Office) -> None:
    for number in range(3):
        office.case(f"o-{number}")
    assert sum(v or 0 for v in _rows(office, "applications", 2026).values()) == 3  # type: ignore[misc]
    assert _rows(office, "applications", 2026)["11月"] == 3
    assert sum(_rows(office, "stages", 2026).values()) == 3  # type: ignore[arg-type]


def test_waiting_by_how_long(office: Office) -> None:
    for number, days in enumerate((5, 40, 100, 200)):
        case = office.case(f"o-{number}")
        with office.transaction() as session:
            session.execute(text("SET session_replication_role = replica"))  # no steps here
            session.execute(
                text("""UPDATE "case" SET stage = 'waiting', examined_at = :at WHERE id = :id"""),
                {"at": office.now - timedelta(days=days), "id": case.id},
            )
    assert list(_rows(office, "waiting", 2026).values()) == [1, 1, 2]


def test_an_empty_office_has_every_figure(office: Office) -> None:
    with office.transaction() as session:
        found = figures(session, year=2026, now=office.now)
    assert [f.key for f in found] == [d.key for d in DEFINITIONS]
    assert all(f.definition.endswith("。") for f in found)
    office.staff("boss", "supervisor")
    assert office.browser("boss").get("/console/figures?year=2024").status_code == 200


def test_the_spreadsheet_hides_small_numbers(office: Office) -> None:
    for number in range(3):
        office.case(f"o-{number}")
    office.staff("boss", "supervisor")
    answer = office.browser("boss").get("/console/figures.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    cells = {str(cell.value) for line in sheet.iter_rows() for cell in line}
    assert "少于5" in cells
    assert "3" not in cells
    assert office.browser().get("/console/figures.xlsx").status_code in (302, 303)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [(0, "人", 0), (1, "人", "少于5"), (4, "件", "少于5"), (5, "人", 5), (3.5, "天", 3.5), (None, "%", "没有可算的")],
)  # fmt: skip
def test_what_may_leave(value: float | None, unit: str, shown: object) -> None:
    assert outside(value, unit) == shown
