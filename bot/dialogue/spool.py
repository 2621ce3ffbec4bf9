"""Crisis without a database: the answer goes out, the ticket is written when it can be.

A spooled push is a file in the data folder, encrypted like a field. The worker hands it to the
inbox once the database is back; the platform's own repetition of the push finds it there.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.delivery.models import Contact, OutboxMessage
from bot.dialogue import crisis, inbox
from bot.dialogue.pipeline import load_turn, write_drafts
from bot.installation import Installation
from bot.privacy.fields import FieldUnreadable, keyring
from bot.safety import screen
from bot.safety.replies import crisis_reply
from bot.wechat import inbound

log = structlog.get_logger()

PLACE = "spool.push"


def answer_without_database(installation: Installation, push: inbound.AnyInbound) -> str | None:
    """The crisis reply to a push that cannot be stored, or None when it is no crisis."""
    if not isinstance(push, inbound.Text):
        return None
    found = screen(push.content)
    if found.level not in ("imminent", "risk"):
        return None
    try:
        _keep(installation, push)
    except OSError:
        log.exception("spool_failed")  # the words still go out
    parts = crisis_reply(found, duty=False, text=push.content)
    return "\n\n".join(parts)


def take_in(installation: Installation) -> int:
    """Hand spooled pushes to the inbox; returns how many. Needs the database."""
    taken = 0
    for path in sorted(_folder(installation).glob("*.sealed")):
        try:
            payload = keyring.cipher.open_json(path.read_bytes(), place=PLACE)
        except FieldUnreadable:
            log.error("spooled_push_unreadable", file=path.name)
            path.rename(path.with_suffix(".unreadable"))
            continue
        with installation.database.transaction() as session:
            push = inbound.from_payload(payload)
            accepted = inbox.accept(session, push=push, now=installation.clock())
            if not accepted.repeated:
                _settle(session, accepted.message_id, installation)
            if accepted.lease is not None:
                inbox.end_lease(session.get_one(Contact, accepted.contact_id))
        path.unlink()
        taken += 1
    return taken


def _settle(session: Session, message_id: int, installation: Installation) -> None:
    """Write the ticket, and the reply as what it was: given already."""
    turn = load_turn(session, message_id, installation)
    crisis.screen_turn(turn)
    write_drafts(turn)
    session.flush()
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.in_reply_to == message_id)
        .values(state="sent", channel="passive", settled_at=turn.now)
    )
    turn.message.state, turn.message.done_at = "done", turn.now


def _keep(installation: Installation, push: inbound.Text) -> None:
    folder = _folder(installation)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f"{uuid.uuid4()}.draft"
    with draft.open("wb") as file:
        file.write(keyring.cipher.seal_json(inbound.payload_of(push), place=PLACE))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(draft.with_suffix(".sealed"))


def _folder(installation: Installation) -> Path:
    return installation.settings.data_dir / "spool"


def waits(installation: Installation) -> bool:
    """True while something is spooled on this machine."""
    return any(_folder(installation).glob("*.sealed"))
