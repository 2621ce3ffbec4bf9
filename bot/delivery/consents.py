"""Consent to notices (订阅通知), as a ledger: what was accepted, refused and used, and what is left.

Source: the platform's pages 订阅通知 (intro and API): a one-time consent is good for one notice and
never expires; a long-term one, for public services, for any number until it is taken back. The
platform tells of both by the events ``subscribe_msg_popup_event``, ``…_change_event`` (refusals
only) and ``…_sent_event``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.delivery.models import NoticeConsent, NoticeEvent, NoticeTemplate
from bot.privacy import audit

REFUSED_CODE = 43101


def add_template(
    session: Session,
    *,
    template_id: str,
    channel: str,
    purpose: str,
    fields: Mapping[str, str],
    long_term: bool = False,
    by: str,
    now: datetime,
) -> None:
    """Use one of the account's templates for one purpose; replaces what was said of it before.

    ``fields``: field of the template to ``what``, ``when`` or a fixed word.
    """
    values = {
        "channel": channel,
        "purpose": purpose,
        "fields": dict(fields),
        "long_term": long_term,
    }
    session.execute(
        insert(NoticeTemplate)
        .values(template_id=template_id, **values)
        .on_conflict_do_update(index_elements=["template_id"], set_=values)
    )
    audit.record(session, by=by, action="notice.add_template", on=("notice_template", 0), now=now)


def wanted_templates(session: Session, *, contact_id: int) -> list[str]:
    """Templates to ask this contact's consent for, at a moment when they are here anyway."""
    has_some = select(NoticeConsent.template_id).where(
        NoticeConsent.contact_id == contact_id, NoticeConsent.left > 0
    )
    return list(
        session.scalars(
            select(NoticeTemplate.template_id)
            .where(
                NoticeTemplate.channel == "subscription",
                NoticeTemplate.template_id.not_in(has_some),
            )
            .order_by(NoticeTemplate.template_id)
        )
    )


def chosen(
    session: Session,
    *,
    contact_id: int,
    choices: Sequence[tuple[str, bool]],
    source_key: str,
    now: datetime,
) -> None:
    """Count what a person chose: (template id, accepted). ``source_key`` names the push
    (``inbox:12``), so that one heard twice counts once."""
    for template_id, accepted in choices:
        event = "accepted" if accepted else "rejected"
        if not _new(session, contact_id, template_id, event, source_key, now):
            continue
        left = NoticeConsent.left + 1 if accepted else 0
        session.execute(
            insert(NoticeConsent)
            .values(
                contact_id=contact_id,
                template_id=template_id,
                left=1 if accepted else 0,
                updated_at=now,
            )
            .on_conflict_do_update(
                index_elements=["contact_id", "template_id"],
                set_={"left": left, "updated_at": now},
            )
        )


def arrived(
    session: Session,
    *,
    contact_id: int,
    results: Sequence[tuple[str, int]],
    source_key: str,
    now: datetime,
) -> None:
    """Learn from the platform's report of a notice: (template id, errcode, 0 is delivered)."""
    for template_id, errcode in results:
        if errcode == REFUSED_CODE:
            none_left(
                session,
                contact_id=contact_id,
                template_id=template_id,
                source_key=source_key,
                now=now,
            )


def use_one(
    session: Session, *, contact_id: int, template: NoticeTemplate, source_key: str, now: datetime
) -> bool:
    """Count one notice against the consents; False where none is left."""
    counted = select(NoticeEvent.id).where(
        NoticeEvent.source_key == source_key, NoticeEvent.template_id == template.template_id
    )
    if session.scalar(counted) is not None:
        return True  # the same message again
    used = session.scalar(
        update(NoticeConsent)
        .where(
            NoticeConsent.contact_id == contact_id,
            NoticeConsent.template_id == template.template_id,
            NoticeConsent.left > 0,
        )
        .values(
            left=NoticeConsent.left if template.long_term else NoticeConsent.left - 1,
            updated_at=now,
        )
        .returning(NoticeConsent.left)
    )
    return used is not None and _new(
        session, contact_id, template.template_id, "used", source_key, now
    )


def none_left(
    session: Session, *, contact_id: int, template_id: str, source_key: str, now: datetime
) -> None:
    """The platform knows better: it refused, so nothing is left."""
    if _new(session, contact_id, template_id, "none_left", source_key, now):
        session.execute(
            update(NoticeConsent)
            .where(NoticeConsent.contact_id == contact_id, NoticeConsent.template_id == template_id)
            .values(left=0, updated_at=now)
        )


def _new(
    session: Session,
    contact_id: int,
    template_id: str,
    event: str,
    source_key: str,
    now: datetime,
) -> bool:
    """Write the ledger's row; False where it is there already."""
    made = session.scalar(
        insert(NoticeEvent)
        .values(
            contact_id=contact_id,
            template_id=template_id,
            event=event,
            source_key=source_key,
            at=now,
        )
        .on_conflict_do_nothing(index_elements=["source_key", "template_id"])
        .returning(NoticeEvent.id)
    )
    return made is not None
