"""Accounts, for the administrator; the audit log, for the auditor. Neither shows content."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import QueryParameter
from sqlalchemy import func, select

from bot.casework import queries
from bot.casework.errors import Refused
from bot.casework.institution_models import Institution
from bot.casework.models import Case, Staff
from bot.casework.stages import CLOSED_STAGES
from bot.clock import LOCAL
from bot.console import absences, accounts, words
from bot.console.forms import RowId
from bot.console.gate import PageRequest, installation_of
from bot.console.pages import page, refused_status, see_other
from bot.console.permissions import Permission, needs
from bot.privacy.models import AuditEvent

LOG_ROWS = 50
Before = Annotated[int | None, QueryParameter(ge=1, le=2**62)]


@get("/console/staff", opt=needs(Permission.READ_ACCOUNTS), sync_to_thread=True)
def list_staff(request: PageRequest) -> Response[Any]:
    """All accounts, open ones first."""
    return staff_page(request)


@post(
    "/console/staff/{staff_id:int}/deactivate",
    opt=needs(Permission.MANAGE_ACCOUNTS),
    sync_to_thread=True,
)
def deactivate(request: PageRequest, staff_id: RowId) -> Response[Any]:
    """Close an account and sign out its browsers."""
    return _change(request, staff_id, active=False)


@post(
    "/console/staff/{staff_id:int}/activate",
    opt=needs(Permission.MANAGE_ACCOUNTS),
    sync_to_thread=True,
)
def activate(request: PageRequest, staff_id: RowId) -> Response[Any]:
    """Open an account again."""
    return _change(request, staff_id, active=True)


@get("/console/log", opt=needs(Permission.READ_LOG), sync_to_thread=True)
def show_log(request: PageRequest, before: Before = None) -> Response[Any]:
    """Who did what and when, newest first."""
    with installation_of(request).database.transaction() as session:
        query = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(LOG_ROWS + 1)
        if before is not None:
            query = query.where(AuditEvent.id < before)
        events = session.scalars(query).all()
        names = queries.staff_names(session, [event.by for event in events])
    shown = events[:LOG_ROWS]
    return page(
        request,
        "log.html",
        events=[
            (
                event,
                words.actor(event.by, names),
                words.AUDIT_WORDS.get(event.action, event.action),
                words.OBJECT_NAMES.get(event.object_type, event.object_type),
            )
            for event in shown
        ],
        before=before,
        earlier=shown[-1].id if len(events) > LOG_ROWS else None,
    )


def _change(request: PageRequest, staff_id: int, *, active: bool) -> Response[Any]:
    installation = installation_of(request)
    change = accounts.activate_staff if active else accounts.deactivate_staff
    try:
        with installation.database.transaction() as session:
            change(session, staff_id=staff_id, by=request.user.by, now=installation.clock())
    except Refused as refused:
        return staff_page(request, refused=refused)
    return see_other("/console/staff", done="activated" if active else "deactivated")


def staff_page(request: PageRequest, *, refused: Refused | None = None) -> Response[Any]:
    """All accounts, with what was refused just now."""
    installation = installation_of(request)
    now = installation.clock()
    with installation.database.transaction() as session:
        away = absences.absences(session, now=now)
        places = session.execute(
            select(Institution.id, Institution.name).order_by(Institution.name)
        ).all()
        staff = session.scalars(
            select(Staff).order_by(Staff.active.desc(), Staff.role, Staff.display_name)
        ).all()
        holding = dict(
            session.execute(
                select(Case.assigned_to, func.count())
                .where(Case.assigned_to.is_not(None), Case.stage.not_in(CLOSED_STAGES))
                .group_by(Case.assigned_to)
            ).all()
        )
    return page(
        request,
        "staff.html",
        status=refused_status(refused),
        staff=staff,
        holding=holding,
        away=away,
        places=places,
        WORKERS=absences.WORKERS,
        today=now.astimezone(LOCAL).date().isoformat(),
        refused=refused,
    )
