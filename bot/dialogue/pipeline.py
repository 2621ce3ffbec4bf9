"""A contact's messages on their way to replies, in order, one turn at a time.

The stages of a turn: screen → owner → shortcut → mask → understand → reply. Everything up to
understanding, and everything after it, happens in short transactions; none is open while Rasa
thinks. A turn that dies is taken up again from the inbox, and what it already did is found by
its source key.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.models import Contact, OutboxMessage
from bot.dialogue import inbox, stages
from bot.dialogue.models import InboxMessage
from bot.dialogue.rasa import Rasa, RasaAway
from bot.dialogue.turn import Turn
from bot.dialogue.waiting import WaitingRoom
from bot.installation import Installation

log = structlog.get_logger()

MAX_ATTEMPTS = 5


@dataclass
class _Understood:
    """A message whose understanding is over: what Rasa itself said; nothing when it was away."""

    message_id: int
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _ForRasa:
    message_id: int
    conversation_id: str
    masked: str


@dataclass
class _Progress:
    """What one transaction did: replies stored, and the turn that now waits for Rasa."""

    settled: dict[int, str | None] = field(default_factory=dict)
    for_rasa: _ForRasa | None = None
    at: int | None = None
    """The message being worked on, for the record when something breaks."""


class Pipeline:
    """Works on contacts' messages. One per process, used from one event loop."""

    def __init__(
        self, installation: Installation, rasa: Rasa, waiting: WaitingRoom | None = None
    ) -> None:
        self._installation = installation
        self._rasa = rasa
        self._waiting = waiting or WaitingRoom()

    async def work(self, contact_id: int, lease: uuid.UUID) -> None:
        """Answer the contact's messages until none is left. The lease ends here."""
        understood: _Understood | None = None
        while True:
            progress = _Progress()
            try:
                await asyncio.to_thread(self._go_on, contact_id, lease, understood, progress)
            except Exception:
                for message_id in progress.settled:
                    self._waiting.settle(message_id, None)
                if progress.at is None:
                    raise  # the database is away: the lease runs out, and somebody goes on
                log.exception("turn_failed", message=progress.at)
                text = await asyncio.to_thread(self._failed, progress.at)
                self._waiting.settle(progress.at, text)
                understood = None
                continue
            for message_id, text in progress.settled.items():
                self._waiting.settle(message_id, text)
            if progress.for_rasa is None:
                return
            understood = await self._understand(progress.for_rasa)

    async def take_up_abandoned(self) -> int:
        """Go on where a process died or the database came back; returns the contacts served."""
        contacts = await asyncio.to_thread(self._lease_abandoned)
        results = await asyncio.gather(
            *(self.work(contact, lease) for contact, lease in contacts), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                log.error("take_up_failed", error=repr(result))
        return len(contacts)

    async def _understand(self, turn: _ForRasa) -> _Understood:
        try:
            said = await self._rasa.talk(
                conversation_id=turn.conversation_id,
                text=turn.masked,
                message_id=turn.message_id,
            )
        except RasaAway as reason:
            log.warning("rasa_away", reason=str(reason))
            return _Understood(turn.message_id)
        return _Understood(turn.message_id, said=said)

    def _go_on(
        self,
        contact_id: int,
        lease: uuid.UUID,
        understood: _Understood | None,
        progress: _Progress,
    ) -> None:
        """One transaction: end the understood turn, begin the next ones, up to Rasa's part."""
        installation = self._installation
        with installation.database.transaction() as session:
            if understood is not None:
                progress.at = understood.message_id
                turn = load_turn(session, understood.message_id, installation)
                if turn.message.state == "received":
                    stages.after_understanding(turn, said=understood.said)
                    self._end(turn, progress)
            while True:
                message = inbox.next_message(
                    session, contact_id=contact_id, lease=lease, now=installation.clock()
                )
                if message is None:
                    return
                progress.at = message.id
                turn = load_turn(session, message.id, installation)
                # After a crash the replies may be composed already: then they only have to go.
                masked = None if turn.replied else stages.before_understanding(turn)
                if masked is not None:
                    write_drafts(turn)
                    progress.for_rasa = _ForRasa(
                        message.id, str(turn.contact.conversation_id), masked
                    )
                    return
                self._end(turn, progress)

    def _end(self, turn: Turn, progress: _Progress) -> None:
        """Store the end of a turn: its replies leave, passively where a request still waits."""
        write_drafts(turn)
        turn.session.flush()
        message = turn.message
        passive = self._waiting.claim(message.id)
        progress.settled[message.id] = None
        message.state, message.done_at = "parked" if turn.parked else "done", turn.now
        progress.settled[message.id] = outbox.release(
            turn.session,
            message_id=message.id,
            contact=turn.contact,
            passive=passive,
            now=turn.now,
        )
        turn.session.flush()

    def _failed(self, message_id: int) -> str | None:
        """Count the attempt; after several, give the message to a person and say so."""
        with self._installation.database.transaction() as session:
            message = session.get_one(InboxMessage, message_id, with_for_update=True)
            message.attempts += 1
            if message.attempts < MAX_ATTEMPTS or message.state != "received":
                return None
            turn = load_turn(session, message_id, self._installation)
            stages.give_up(turn)
            write_drafts(turn)
            session.flush()
            message.state, message.done_at = "failed", turn.now
            return outbox.release(
                session,
                message_id=message_id,
                contact=turn.contact,
                passive=self._waiting.claim(message_id),
                now=turn.now,
            )

    def _lease_abandoned(self) -> list[tuple[int, uuid.UUID]]:
        now = self._installation.clock()
        leased = []
        with self._installation.database.transaction() as session:
            for contact_id in inbox.abandoned(session, now=now):
                lease = inbox.take_lease(session, contact_id=contact_id, now=now)
                if lease is not None:
                    leased.append((contact_id, lease))
        return leased


def load_turn(session: Session, message_id: int, installation: Installation) -> Turn:
    """The turn of one stored message; it and its contact are locked until the transaction ends.

    With the contact locked, who answers it cannot change while the bot writes its reply.
    """
    message = session.get_one(InboxMessage, message_id, with_for_update=True)
    contact = session.get_one(Contact, message.contact_id, with_for_update=True)
    # A parked message was answered for now, before `done_at`; its real answer is still to come.
    replies = select(OutboxMessage.id).where(OutboxMessage.in_reply_to == message_id)
    if message.done_at is not None:
        replies = replies.where(OutboxMessage.created_at > message.done_at)
    replied = session.scalar(replies.limit(1))
    return Turn(
        session=session,
        contact=contact,
        message=message,
        text=stages.text_of(message),
        now=installation.clock(),
        replied=replied is not None,
    )


def write_drafts(turn: Turn) -> None:
    """Write what the turn says to the outbox, in its transaction."""
    if turn.drafts:
        outbox.compose(
            turn.session,
            contact_id=turn.contact.id,
            drafts=turn.drafts,
            by="bot",
            now=turn.now,
            in_reply_to=turn.message.id,
        )
        turn.drafts = []
