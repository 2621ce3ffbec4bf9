"""A list of the queue as xlsx. Every export leaves an audit row; no cell is taken for a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter

from bot.casework import queries
from bot.casework.institution_sheet import safe
from bot.casework.queries import WorkItem
from bot.casework.stages import STAGE_NAMES, URGENCY_NAMES
from bot.console import words

MOST_ROWS = 2000
_COLUMNS = ("什么事", "紧急程度", "患者", "县区", "进度", "从什么时候", "期限", "谁在办")


def sheet(rows: Sequence[WorkItem]) -> bytes:
    """One row each, with the patient's whole name: for the office's own use."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    page = book.add_worksheet("待办")
    page.write_row(0, 0, _COLUMNS, book.add_format({"bold": True}))
    page.freeze_panes(1, 0)
    page.set_column(0, len(_COLUMNS) - 1, 18)
    for number, row in enumerate(rows, start=1):
        cells = (
            words.kind_name(row.kind, row.stage),
            URGENCY_NAMES[row.urgency],
            row.patient_name or "",
            queries.county_name(row.county_code, full=True),
            STAGE_NAMES.get(row.stage or "", ""),
            words.full_moment(row.since),
            words.full_moment(row.due_at) if row.due_at else "",
            row.owner_name or "待认领",
        )
        for column, text in enumerate(cells):
            page.write_string(number, column, safe(text))
    book.close()
    return target.getvalue()
