"""Figures of a year, drawn and as tables, and the spreadsheet for those outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import QueryParameter

from bot.clock import LOCAL
from bot.console.gate import PageRequest, installation_of
from bot.console.pages import page
from bot.console.permissions import Permission, needs
from bot.privacy import audit
from bot.reports.figures import Figure, Row, figures
from bot.reports.sheets import workbook

Year = Annotated[int | None, QueryParameter(ge=2020, le=2100)]
BAR = 170
"""Width of the longest bar."""
_READ = needs(Permission.READ_FIGURES)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Bar:
    row: Row
    width: int


@get("/console/figures", opt=_READ, sync_to_thread=True)
def show_figures(request: PageRequest, year: Year = None) -> Response[Any]:
    """Everything that is counted, this year or another."""
    wanted, counted = _counted(request, year)
    now = installation_of(request).clock()
    return page(
        request,
        "figures.html",
        year=wanted,
        this_year=now.astimezone(LOCAL).year,
        figures=[(figure, _bars(figure)) for figure in counted],
        bar=BAR,
    )


@get("/console/figures.xlsx", opt=_READ, sync_to_thread=True)
def export_figures(request: PageRequest, year: Year = None) -> Response[bytes]:
    """The same as a spreadsheet; numbers below five are not in it."""
    wanted, counted = _counted(request, year)
    installation = installation_of(request)
    with installation.database.transaction() as session:
        audit.record(
            session,
            by=request.user.by,
            action="figures.export",
            on=("figures", wanted),
            now=installation.clock(),
        )
    return Response(
        workbook(counted, year=wanted),
        media_type=_XLSX,
        headers={"Content-Disposition": f'attachment; filename="jingkang-{wanted}.xlsx"'},
    )


def _counted(request: PageRequest, year: int | None) -> tuple[int, list[Figure]]:
    installation = installation_of(request)
    now = installation.clock()
    wanted = year or now.astimezone(LOCAL).year
    with installation.database.transaction() as session:
        return wanted, figures(session, year=wanted, now=now)


def _bars(figure: Figure) -> list[Bar]:
    """Bars where there is something to compare."""
    most = max((row.value or 0 for row in figure.rows), default=0)
    if len(figure.rows) < 2 or not most:
        return []
    return [Bar(row, round((row.value or 0) / most * BAR)) for row in figure.rows]
