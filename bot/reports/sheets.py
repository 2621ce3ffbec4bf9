"""Figures as a spreadsheet for those outside the office: small numbers are not shown."""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter

from bot.reports.figures import Figure, Number

FEWEST = 5
"""Fewer people than these could be recognised; the sheet says so in place of the number."""
COUNTED = ("份", "人", "次", "件", "个")
"""Units that count people or their doings; shares and times are of many already."""


def workbook(figures: Sequence[Figure], *, year: int) -> bytes:
    """An xlsx file with one sheet, figure under figure."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(
        written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True, "font_size": 13})
    soft = book.add_format({"font_color": "#555555", "text_wrap": True})
    sheet = book.add_worksheet(f"{year}年")
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 2, 14)
    line = 0
    for figure in figures:
        sheet.write_string(line, 0, figure.title, bold)
        sheet.write_string(line + 1, 0, figure.definition, soft)
        line += 2
        for row in figure.rows:
            sheet.write_string(line, 0, row.label)
            shown = outside(row.value, figure.unit)
            if isinstance(shown, str):
                sheet.write_string(line, 1, shown)
            else:
                sheet.write_number(line, 1, shown)
            sheet.write_string(line, 2, figure.unit)
            line += 1
        if figure.target:
            sheet.write_string(line, 0, figure.target, soft)
            line += 1
        line += 1
    book.close()
    return written.getvalue()


def outside(value: Number, unit: str) -> str | int | float:
    """A number as it may leave the office."""
    if value is None:
        return "没有可算的"
    if unit in COUNTED and 0 < value < FEWEST:
        return f"少于{FEWEST}"
    return value
