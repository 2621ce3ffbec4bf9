"""Contacts, and what each is to a case: patient, caregiver, guardian are separate facts."""

from __future__ import annotations

import secrets
import unicodedata
import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.casework.course_models import BINDING_ROLES, VERIFIED, Binding, BindingCode
from bot.casework.errors import Conflict, Refused
from bot.delivery.models import Contact
from bot.privacy import audit
from bot.privacy.fields import blind_index

OPENID_PLACE = "contact.openid"
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without letters and digits that look alike."""
CODE_LENGTH = 8
CODE_LASTS = timedelta(days=3)
_STRENGTH = tuple(VERIFIED)


def contact_of(session: Session, *, openid: str, now: datetime, locked: bool = False) -> Contact:
    """The contact of an openid, made when it is new; ``locked`` until the transaction ends."""
    index = blind_index(openid, place=OPENID_PLACE)
    wanted = select(Contact).where(Contact.openid_index == index)
    if locked:
        # Rows that refer to the contact may still be written by others.
        wanted = wanted.with_for_update(key_share=True)
    found = session.scalar(wanted)
    if found is not None:
        return found
    session.execute(
        insert(Contact)
        .values(
            openid=openid,
            openid_index=index,
            conversation_id=uuid.uuid4(),
            subscribed=True,
            first_seen_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Contact.openid_index])
    )
    return session.scalars(wanted).one()


def bind(
    session: Session,
    *,
    case_id: int,
    contact_id: int,
    role: str,
    verified: str,
    by: str,
    now: datetime,
) -> Binding:
    """Note that a contact is the patient, a caregiver or the guardian, and how that is known.

    Known already, it is only strengthened, never weakened. Several caregivers may be bound; the
    patient is one person and so is the guardian. Raises `Refused` when somebody else is.
    """
    current = session.scalars(
        select(Binding).where(
            Binding.case_id == case_id, Binding.role == role, Binding.ended_at.is_(None)
        )
    ).all()
    mine = next((binding for binding in current if binding.contact_id == contact_id), None)
    if mine is None:
        if current and role != "caregiver":
            raise Refused(f"{BINDING_ROLES[role]}已经绑了另一个微信，先请社工核对、解绑。")
        mine = Binding(
            case_id=case_id,
            contact_id=contact_id,
            role=role,
            verified=verified,
            verified_by=by,
            at=now,
        )
        session.add(mine)
    elif _STRENGTH.index(verified) > _STRENGTH.index(mine.verified):
        mine.verified, mine.verified_by, mine.at = verified, by, now
    session.flush()
    audit.record(
        session,
        by=by,
        action="binding.make",
        on=("case", case_id),
        now=now,
        contact=contact_id,
        role=role,
        verified=verified,
    )
    return mine


def unbind(session: Session, *, binding_id: int, by: str, now: datetime) -> Binding:
    """End a binding: the contact no longer acts in this role, nor sees the case by it."""
    binding = session.get(Binding, binding_id, with_for_update=True)
    if binding is None or binding.ended_at is not None:
        raise Conflict("这个绑定已经解开了。")
    binding.ended_at = now
    audit.record(
        session,
        by=by,
        action="binding.end",
        on=("case", binding.case_id),
        now=now,
        contact=binding.contact_id,
        role=binding.role,
    )
    return binding


def verify(session: Session, *, binding_id: int, verified: str, by: str, now: datetime) -> Binding:
    """Staff have seen a document, or the person: ``document`` or ``in_person``."""
    binding = session.get(Binding, binding_id, with_for_update=True)
    if binding is None or binding.ended_at is not None:
        raise Conflict("这个绑定已经解开了。")
    return bind(
        session,
        case_id=binding.case_id,
        contact_id=binding.contact_id,
        role=binding.role,
        verified=verified,
        by=by,
        now=now,
    )


def make_code(session: Session, *, case_id: int, role: str, by: str, now: datetime) -> str:
    """A code for one phone and one role, valid for three days and once; only its hash is kept."""
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    session.add(
        BindingCode(
            case_id=case_id,
            role=role,
            code_index=_code_index(code),
            made_by=by,
            expires_at=now + CODE_LASTS,
        )
    )
    session.flush()
    audit.record(session, by=by, action="binding.code", on=("case", case_id), now=now, role=role)
    return code


def bind_by_code(
    session: Session, *, code: str, contact_id: int, by: str, now: datetime
) -> Binding:
    """Use a code; raises `Refused` with one sentence for unknown, used and expired alike."""
    found = session.scalar(
        select(BindingCode).where(BindingCode.code_index == _code_index(code)).with_for_update()
    )
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise Refused("这个绑定码不对，或者已经用过、过期了。请社工或家里人再给您一个。")
    found.used_at = now
    return bind(
        session,
        case_id=found.case_id,
        contact_id=contact_id,
        role=found.role,
        verified="code",
        by=by,
        now=now,
    )


def roles_of(session: Session, *, case_id: int, contact_id: int) -> frozenset[str]:
    """What a contact is to a case (`BINDING_ROLES`); empty for somebody unbound."""
    return frozenset(
        session.scalars(
            select(Binding.role).where(
                Binding.case_id == case_id,
                Binding.contact_id == contact_id,
                Binding.ended_at.is_(None),
            )
        )
    )


def bindings_of(session: Session, *, case_id: int) -> list[Binding]:
    """Everybody bound to a case, oldest first."""
    return list(
        session.scalars(
            select(Binding)
            .where(Binding.case_id == case_id, Binding.ended_at.is_(None))
            .order_by(Binding.id)
        )
    )


def forget_codes(session: Session, *, now: datetime) -> int:
    """Delete the codes that can no longer be used; returns how many."""
    gone = session.execute(
        delete(BindingCode).where(
            or_(BindingCode.expires_at <= now, BindingCode.used_at.is_not(None))
        )
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _code_index(code: str) -> bytes:
    """Keyed hash of a code however it was typed: widths, case, blanks, dashes."""
    plain = unicodedata.normalize("NFKC", code).upper()
    return blind_index(
        "".join(letter for letter in plain if letter in CODE_LETTERS), place="binding_code.code"
    )
