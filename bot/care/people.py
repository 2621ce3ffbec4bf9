"""Patients and caregivers as reminders know them, and what the family chose for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.care.models import Caregiver, Patient
from bot.care.recurrence import Habits
from bot.casework.errors import Conflict
from bot.casework.models import Case
from bot.delivery.models import Contact
from bot.privacy import audit

MYSELF = "我"
SUMMARY_WEEKDAY, SUMMARY_AT = 6, "19:00"


def patient_of_contact(session: Session, *, contact_id: int, by: str, now: datetime) -> Patient:
    """The patient that a contact is themselves; made when new."""
    _lock_contact(session, contact_id)
    found = session.scalar(select(Patient).where(Patient.contact_id == contact_id))
    return found or _made(session, MYSELF, contact_id, by=by, now=now, themselves=True)


def patient_called(
    session: Session, *, contact_id: int, called: str, by: str, now: datetime
) -> Patient:
    """The patient whom this caregiver calls so (妈妈); made when new."""
    _lock_contact(session, contact_id)
    for patient in patients_of(session, contact_id=contact_id):
        if patient.called == called:
            return patient
    return _made(session, called, contact_id, by=by, now=now, themselves=False)


def patients_of(session: Session, *, contact_id: int) -> list[Patient]:
    """Those whom a contact cares for, themselves first."""
    mine = select(Caregiver.patient_id).where(Caregiver.contact_id == contact_id)
    return list(
        session.scalars(
            select(Patient)
            .where((Patient.contact_id == contact_id) | Patient.id.in_(mine))
            .order_by((Patient.contact_id == contact_id).desc().nulls_last(), Patient.id)
        )
    )


def add_caregiver(
    session: Session, *, patient_id: int, contact_id: int, by: str, now: datetime
) -> None:
    """A further caregiver, told of missed doses. Does nothing when they are one."""
    patient = locked_patient(session, patient_id)
    made = session.scalar(
        insert(Caregiver)
        .values(
            patient_id=patient_id,
            contact_id=contact_id,
            since=now,
            next_summary_at=next_summary(patient, now=now),
        )
        .on_conflict_do_nothing(index_elements=["patient_id", "contact_id"])
        .returning(Caregiver.id)
    )
    if made is not None:
        audit.record(
            session,
            by=by,
            action="care.add_caregiver",
            on=("patient", patient_id),
            now=now,
            contact=contact_id,
        )


def remove_caregiver(
    session: Session, *, patient_id: int, contact_id: int, by: str, now: datetime
) -> None:
    """Raises `Conflict` for whoever gets the reminders: somebody else must get them first."""
    patient = locked_patient(session, patient_id)
    if patient.reminded_contact_id == contact_id:
        raise Conflict("提醒现在是发给这位的，先换一个人接收提醒，再取消。")
    found = session.scalar(
        select(Caregiver).where(
            Caregiver.patient_id == patient_id, Caregiver.contact_id == contact_id
        )
    )
    if found is not None:
        session.delete(found)
        audit.record(
            session,
            by=by,
            action="care.remove_caregiver",
            on=("patient", patient_id),
            now=now,
            contact=contact_id,
        )


def remind(
    session: Session,
    *,
    patient_id: int,
    contact_id: int,
    themselves: bool,
    by: str,
    now: datetime,
) -> None:
    """Send the reminders to another contact from now on: the patient's own or a caregiver's."""
    patient = locked_patient(session, patient_id)
    if themselves:
        patient.contact_id = contact_id
    elif patient.contact_id != contact_id:
        add_caregiver(session, patient_id=patient_id, contact_id=contact_id, by=by, now=now)
    patient.reminded_contact_id = contact_id
    audit.record(
        session,
        by=by,
        action="care.remind",
        on=("patient", patient_id),
        now=now,
        contact=contact_id,
    )


def join_case(session: Session, *, patient_id: int, case_id: int, by: str, now: datetime) -> None:
    """Let a case's social worker see this patient's doses and visits."""
    patient = locked_patient(session, patient_id)
    patient.case_id = case_id
    patient.county_code = session.get_one(Case, case_id).county_code
    audit.record(
        session, by=by, action="care.join_case", on=("patient", patient_id), now=now, case=case_id
    )


def habits_of(patient: Patient) -> Habits:
    return Habits(patient.anchors, patient.timezone)


def next_summary(patient: Patient, *, now: datetime) -> datetime:
    """The coming Sunday evening."""
    habits = habits_of(patient)
    day = habits.day_of(now)
    day += timedelta((SUMMARY_WEEKDAY - day.weekday()) % 7)
    moment = habits.moment(day, SUMMARY_AT)
    return moment if moment > now else habits.moment(day + timedelta(7), SUMMARY_AT)


def locked_patient(session: Session, patient_id: int, *, active: bool = False) -> Patient:
    """The patient, locked. With ``active``, raises `Conflict` when everything was stopped."""
    patient = session.get_one(Patient, patient_id, with_for_update={"key_share": True})
    if active and patient.stopped_at is not None:
        raise Conflict("这位的提醒已经全部停了，要重新开始请联系社工。")
    return patient


def _made(
    session: Session, called: str, contact_id: int, *, by: str, now: datetime, themselves: bool
) -> Patient:
    patient = Patient(
        called=called,
        contact_id=contact_id if themselves else None,
        reminded_contact_id=contact_id,
        anchors={},
        timezone="Asia/Shanghai",
        created_at=now,
    )
    session.add(patient)
    session.flush()
    audit.record(session, by=by, action="care.add_patient", on=("patient", patient.id), now=now)
    if not themselves:
        add_caregiver(session, patient_id=patient.id, contact_id=contact_id, by=by, now=now)
    return patient


def _lock_contact(session: Session, contact_id: int) -> None:
    """Two messages at once make one patient, not two."""
    session.scalars(
        select(Contact.id).where(Contact.id == contact_id).with_for_update(key_share=True)
    ).one()
