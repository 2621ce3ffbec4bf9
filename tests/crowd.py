"""A crowd of families with a plan each, written straight into the tables: for the benchmark of
reminders and for the test that kills processes at the full hour."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg

from bot.care.content import Content
from bot.care.recurrence import Schedule
from bot.clock import LOCAL
from bot.privacy.fields import blind_index, keyring


def coming_minute(*, seconds_left: float) -> datetime:
    """The first full minute that is at least so far away: plans are ordered by the minute."""
    moment = datetime.now(UTC) + timedelta(seconds=seconds_left + 60)
    return moment.replace(second=0, microsecond=0)


def write_plans(
    url: str, count: int, *, due_at: datetime | None = None, openids: Sequence[str] = ()
) -> None:
    """Add patients with one daily plan each; all due at ``due_at``, or spread over the hours
    after the next twenty. ``openids``: their contacts, who can be written to; else nobody's.

    The keys of the installation must be open.
    """
    moment = due_at or datetime.now(UTC) + timedelta(hours=20)
    schedule = Schedule(
        (moment.astimezone(LOCAL).strftime("%H:%M"),), "daily", datetime.now(LOCAL).date()
    )
    seal = keyring.cipher
    called = seal.seal("妈妈", place="patient.called")
    content = seal.seal_json(
        Content(drug="奥氮平", dose="1片").to_json(), place="plan_version.content"
    )
    nobody = seal.seal("nobody", place="contact.openid")
    with psycopg.connect(url) as connection:
        with connection.cursor().copy(
            "COPY contact (openid, openid_index, conversation_id, subscribed, first_seen_at,"
            " message_window_at) FROM STDIN (FORMAT binary)"
        ) as copy:
            copy.set_types(["bytea", "bytea", "uuid", "bool", "timestamptz", "timestamptz"])
            now = datetime.now(UTC)
            for number in range(count):
                if openids:
                    openid = openids[number]
                    sealed = seal.seal(openid, place="contact.openid")
                    index = blind_index(openid, place="contact.openid")
                else:
                    sealed, index = nobody, secrets.token_bytes(16)
                copy.write_row((sealed, index, uuid.uuid4(), True, now, now))
        connection.execute(
            "INSERT INTO patient (called, reminded_contact_id, created_at, anchors)"
            " SELECT %s, id, now(), '{}' FROM contact"
            " WHERE NOT EXISTS (SELECT FROM patient WHERE reminded_contact_id = contact.id)"
            " ORDER BY id",
            (called,),
        )
        connection.execute(
            "INSERT INTO plan (source_key, patient_id, kind, next_due, created_at, created_by)"
            " SELECT 'crowd:' || id, id, 'medication',"
            " %s + CASE WHEN %s THEN interval '0' ELSE random() * interval '3 hours' END,"
            " now(), 'system:crowd' FROM patient"
            " WHERE NOT EXISTS (SELECT FROM plan WHERE patient_id = patient.id) ORDER BY id",
            (moment, due_at is not None),
        )
        connection.execute(
            "INSERT INTO plan_version (plan_id, number, schedule, content, starts_at,"
            " created_at, created_by)"
            " SELECT id, 1, %s, %s, now() - interval '1 day', now(), 'system:crowd' FROM plan"
            " WHERE NOT EXISTS (SELECT FROM plan_version WHERE plan_id = plan.id)",
            (json.dumps(schedule.to_json() | {"timed": True}), content),
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE contact, patient, plan, plan_version")
