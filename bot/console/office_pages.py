"""Working days and office hours, for the administrator; due times are counted by them."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Struct
from sqlalchemy import select

from bot.casework import working_time
from bot.casework.errors import Refused
from bot.casework.team_models import CalendarDay, Team
from bot.clock import LOCAL
from bot.console.forms import RowId
from bot.console.gate import PageRequest, installation_of
from bot.console.pages import page, refused_status, see_other
from bot.console.permissions import Permission, needs
from bot.console.words import typed_text

OFFICE = "/console/office"
NOTE_LONGEST = 40


class DayForm(Struct):
    day: str = ""
    working: str = ""
    note: str = ""


class HoursForm(Struct):
    opens: str = ""
    closes: str = ""
    lunch_from: str = ""
    lunch_to: str = ""


DayData = Annotated[DayForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
HoursData = Annotated[HoursForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get(OFFICE, opt=needs(Permission.MANAGE_OFFICE), sync_to_thread=True)
def show_office(request: PageRequest) -> Response[Any]:
    """Hours of each team, and the days that were set by hand."""
    return _page(request)


@post(f"{OFFICE}/days", opt=needs(Permission.MANAGE_OFFICE), sync_to_thread=True)
def set_day(request: PageRequest, data: DayData) -> Response[Any]:
    """Say of one day whether it is worked; it outweighs the public calendar."""
    installation = installation_of(request)
    try:
        if data.working not in ("yes", "no"):
            raise Refused("请选上班还是放假。")
        try:
            day = date.fromisoformat(data.day)
        except ValueError as error:
            raise Refused("日期没有看懂，请写成 2026-11-24 这样。") from error
        with installation.database.transaction() as session:
            working_time.set_day(
                session,
                day=day,
                working=data.working == "yes",
                note=typed_text(data.note)[:NOTE_LONGEST],
                by=request.user.by,
                now=installation.clock(),
            )
    except Refused as refused:
        return _page(request, refused=refused)
    return see_other(OFFICE, done="day_set")


@post(f"{OFFICE}/teams/{{team_id:int}}", opt=needs(Permission.MANAGE_OFFICE), sync_to_thread=True)
def set_hours(request: PageRequest, team_id: RowId, data: HoursData) -> Response[Any]:
    """Office hours and lunch break of a team."""
    installation = installation_of(request)
    try:
        try:
            opens, closes, lunch_from, lunch_to = (
                time.fromisoformat(text)
                for text in (data.opens, data.closes, data.lunch_from, data.lunch_to)
            )
        except ValueError as error:
            raise Refused("时间没有看懂，请写成 08:30 这样。") from error
        with installation.database.transaction() as session:
            if session.get(Team, team_id) is None:
                raise Refused("找不到这个组。")
            working_time.set_hours(
                session,
                team_id=team_id,
                opens=opens,
                closes=closes,
                lunch_from=lunch_from,
                lunch_to=lunch_to,
                by=request.user.by,
                now=installation.clock(),
            )
    except Refused as refused:
        return _page(request, refused=refused)
    return see_other(OFFICE, done="hours_set")


def _page(request: PageRequest, *, refused: Refused | None = None) -> Response[Any]:
    installation = installation_of(request)
    today = installation.clock().astimezone(LOCAL).date()
    with installation.database.transaction() as session:
        teams = session.scalars(select(Team).order_by(Team.id)).all()
        days = session.scalars(
            select(CalendarDay)
            .where(CalendarDay.day >= today.replace(month=1, day=1))
            .order_by(CalendarDay.day)
        ).all()
    return page(
        request,
        "office.html",
        status=refused_status(refused),
        teams=teams,
        days=days,
        today=today,
        refused=refused,
    )
