"""The queue: what waits for staff, its counts, and search."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromQuery, QueryParameter

from bot.casework import queries
from bot.clock import LOCAL
from bot.console import export, forms, words
from bot.console.gate import IN_BACKGROUND, PageRequest, installation_of
from bot.console.pages import page, see_other
from bot.console.permissions import Permission, may, needs, start_page
from bot.privacy import audit

ROWS = 25
_LAST_PAGE = 10_000


@get("/console", opt=needs(Permission.SIGN_OUT), sync_to_thread=True)
def queue(
    request: PageRequest,
    show: FromQuery[str] = "unclaimed",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=_LAST_PAGE)] = 1,
) -> Response[Any]:
    """The queue; whoever has no cases goes to their own first page."""
    me = request.user
    if not may(me.role, Permission.READ_CASES):
        return see_other(start_page(me.role))
    if show not in queries.SHOWS:
        show = queries.SHOWS[0]
    installation = installation_of(request)
    now = installation.clock()
    with installation.database.transaction() as session:
        counts = queries.counts(session, staff_id=me.staff_id, now=now)
        rows = queries.queue(
            session, show=show, staff_id=me.staff_id, now=now, page=number, size=ROWS
        )
    return page(
        request,
        "queue.html",
        show=show,
        counts=counts,
        rows=[(row, words.kind_name(row.kind, row.stage)) for row in rows],
        empty=words.EMPTY[show],
        number=number,
        last=max(1, -(-counts[show] // ROWS)),
    )


@get(
    "/console/counts",
    opt={**needs(Permission.READ_CASES), IN_BACKGROUND: True},
    sync_to_thread=True,
)
def counts(request: PageRequest) -> dict[str, int]:
    """How many rows each view has, asked now and then by an open queue page."""
    installation = installation_of(request)
    with installation.database.transaction() as session:
        return queries.counts(session, staff_id=request.user.staff_id, now=installation.clock())


@post("/console/export", opt=needs(Permission.WORK_CASES), status_code=200, sync_to_thread=True)
def export_queue(request: PageRequest, data: forms.Export) -> Response[bytes]:
    """One view of the queue as xlsx."""
    show = data.show if data.show in queries.SHOWS else queries.SHOWS[0]
    installation = installation_of(request)
    now = installation.clock()
    me = request.user
    with installation.database.transaction() as session:
        rows = queries.queue(
            session, show=show, staff_id=me.staff_id, now=now, page=1, size=export.MOST_ROWS
        )
        audit.record(
            session,
            by=me.by,
            action="case.export",
            on=("staff", me.staff_id),
            now=now,
            show=show,
            rows=len(rows),
        )
    day = now.astimezone(LOCAL).date().isoformat()
    return Response(
        export.sheet(rows),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"content-disposition": f'attachment; filename="{show}-{day}.xlsx"'},
    )


@post("/console/search", opt=needs(Permission.READ_CASES), status_code=200, sync_to_thread=True)
def search(request: PageRequest, data: forms.Search) -> Response[Any]:
    """Find by receipt number, telephone or name. Posted: a name belongs in no address or log."""
    said = words.typed_text(data.q)[: forms.SEARCH_LONGEST]
    installation = installation_of(request)
    with installation.database.transaction() as session:
        rows = queries.search(session, said)
    return page(
        request,
        "search.html",
        said=said,
        rows=[(row, words.kind_name(row.kind, row.stage)) for row in rows],
        more=len(rows) == queries.FOUND_AT_MOST,
    )
