"""Results as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured value, and what it should reach where that is set."""

    what: str
    value: str
    target: str


def markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| Measured | Value | Target |", "|---|---|---|"]
    lines += [f"| {row.what} | {row.value} | {row.target} |" for row in rows]
    return "\n".join(lines)
