"""Staff's training, for the administrator: without it nobody may sign a needs assessment."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Struct
from sqlalchemy import select

from bot.casework import training
from bot.casework.errors import Refused
from bot.casework.models import Staff
from bot.casework.team_models import TRAINING_KINDS, Training
from bot.clock import LOCAL
from bot.console import forms
from bot.console.absences import WORKERS
from bot.console.gate import PageRequest, installation_of
from bot.console.pages import page, refused_status, see_other
from bot.console.permissions import Permission, needs
from bot.console.words import typed_text

TRAININGS = "/console/trainings"
CERTIFICATE_LONGEST = 60


class TrainingForm(Struct):
    staff: forms.Number = 0
    kind: str = ""
    passed_on: str = ""
    valid_until: str = ""
    hours: forms.Number = 0
    certificate: str = ""


TrainingData = Annotated[TrainingForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get(TRAININGS, opt=needs(Permission.MANAGE_OFFICE), sync_to_thread=True)
def list_trainings(request: PageRequest) -> Response[Any]:
    """Who was trained in what and until when it holds."""
    return _page(request)


@post(TRAININGS, opt=needs(Permission.MANAGE_OFFICE), sync_to_thread=True)
def record_training(request: PageRequest, data: TrainingData) -> Response[Any]:
    """Keep a training that somebody has passed."""
    installation = installation_of(request)
    try:
        with installation.database.transaction() as session:
            person = session.get(Staff, data.staff)
            if person is None or person.role not in WORKERS:
                raise Refused("请选一位社工或督导。")
            training.record_training(
                session,
                staff_id=person.id,
                kind=data.kind,
                passed_on=_day(data.passed_on, "通过日期"),
                valid_until=_day(data.valid_until, "有效期"),
                hours=data.hours,
                certificate_number=typed_text(data.certificate)[:CERTIFICATE_LONGEST],
                by=request.user.by,
                now=installation.clock(),
            )
    except Refused as refused:
        return _page(request, refused=refused, typed=data)
    return see_other(TRAININGS, done="trained")


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{name}没有看懂，请写成 2026-11-24 这样。") from error


def _page(
    request: PageRequest,
    *,
    refused: Refused | None = None,
    typed: TrainingForm | None = None,
) -> Response[Any]:
    installation = installation_of(request)
    today = installation.clock().astimezone(LOCAL).date()
    with installation.database.transaction() as session:
        people = session.scalars(
            select(Staff).where(Staff.active, Staff.role.in_(WORKERS)).order_by(Staff.id)
        ).all()
        rows = session.scalars(
            select(Training)
            .where(Training.staff_id.in_([person.id for person in people]))
            .order_by(Training.valid_until.desc(), Training.id)
        ).all()
        hours = training.hours_in_year(session, year=today.year)
    return page(
        request,
        "trainings.html",
        status=refused_status(refused),
        people=people,
        trainings={person.id: [r for r in rows if r.staff_id == person.id] for person in people},
        hours=hours,
        HOURS_A_YEAR=training.HOURS_A_YEAR,
        KINDS=TRAINING_KINDS,
        today=today,
        refused=refused,
        typed=typed or TrainingForm(),
    )
