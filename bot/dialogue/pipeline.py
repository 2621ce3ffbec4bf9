"""A contact's messages on their way to replies, in order, one turn at a time.

The stages of a turn: screen → owner → shortcut → mask → understand → reply. A push is stored and
led up to understanding in one short transaction, and what follows is another; none is open while
Rasa thinks. A turn that dies is taken up again from the inbox, and what it already did is found
by its source key.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.models import Contact
from bot.dialogue import inbox, stages
from bot.dialogue.rasa import Rasa, RasaAway
from bot.dialogue.turn import Turn
from bot.dialogue.waiting import WaitingRoom
from bot.installation import Installation
from bot.wechat import inbound

log = structlog.get_logger()

MAX_ATTEMPTS = 5
AT_ONCE = 20
"""Messages of one contact looked up together; more are looked up after these."""


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


@dataclass(frozen=True)
class Taken:
    """A push that is stored, and how far its answer came in the same moment."""

    accepted: inbox.Accepted
    progress: _Progress

    @property
    def settled(self) -> bool:
        """Nothing more will come of this push: ``text`` is all its passive reply."""
        accepted = self.accepted
        return (accepted.repeated and accepted.done) or (
            accepted.message_id in self.progress.settled
        )

    @property
    def text(self) -> str | None:
        """The passive reply of a settled push; None: nothing is said in it."""
        if self.accepted.repeated and self.accepted.done:
            return self.accepted.passive_text
        return self.progress.settled[self.accepted.message_id]

    @property
    def work_left(self) -> bool:
        """The contact is leased to us, and `Pipeline.work` has to go on with it."""
        return self.accepted.lease is not None and (
            self.progress.for_rasa is not None or not self.settled
        )


class Pipeline:
    """Works on contacts' messages. One per process, used from one event loop."""

    def __init__(
        self, installation: Installation, rasa: Rasa, waiting: WaitingRoom | None = None
    ) -> None:
        self._installation = installation
        self._rasa = rasa
        self._waiting = waiting or WaitingRoom()

    async def take(self, push: inbound.AnyInbound) -> Taken:
        """Store a push, and answer it at once where no understanding is needed.

        Raises `sqlalchemy.exc.SQLAlchemyError` when the database is away: nothing is stored then.
        """
        taken = await asyncio.to_thread(self._take, push)
        self._hand_out(taken.progress)
        return taken

    async def work(
        self, contact_id: int, lease: uuid.UUID, *, begun: _ForRasa | None = None
    ) -> None:
        """Answer the contact's messages until none is left. The lease ends here.

        ``begun`` is the turn that now waits for Rasa, where `take` came so far.
        """
        understood = None if begun is None else await self._understand(begun)
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
            self._hand_out(progress)
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

    def _take(self, push: inbound.AnyInbound) -> Taken:
        """One transaction: the push stored, and its turn begun where its contact is free."""
        installation = self._installation
        progress = _Progress()
        try:
            with installation.database.transaction() as session:
                accepted = inbox.accept(session, push=push, now=installation.clock())
                if accepted.lease is not None:
                    contact = session.get_one(Contact, accepted.contact_id)
                    self._go_through(
                        session, contact, accepted.lease, progress, asking=accepted.message_id
                    )
                return Taken(accepted, progress)
        except (OperationalError, PoolExhausted):
            raise  # the database is away, and nobody was promised anything
        except Exception:
            log.exception("turn_failed_at_once", message=progress.at)
        with installation.database.transaction() as session:
            # The message must be kept whatever its turn does; `work` counts the attempts.
            return Taken(inbox.accept(session, push=push, now=installation.clock()), _Progress())

    def _hand_out(self, progress: _Progress) -> None:
        for message_id, text in progress.settled.items():
            self._waiting.settle(message_id, text)

    def _go_on(
        self,
        contact_id: int,
        lease: uuid.UUID,
        understood: _Understood | None,
        progress: _Progress,
    ) -> None:
        """One transaction: end the understood turn, begin the next ones, up to Rasa's part."""
        with self._installation.database.transaction() as session:
            if understood is None:
                contact = inbox.locked_contact(session, contact_id)
            else:
                progress.at = understood.message_id
                turn = load_turn(session, understood.message_id, self._installation)
                contact = turn.contact
                if turn.message.state == "received":
                    stages.after_understanding(turn, said=understood.said)
                    self._end(turn, progress)
            self._go_through(session, contact, lease, progress)

    def _go_through(
        self,
        session: Session,
        contact: Contact,
        lease: uuid.UUID,
        progress: _Progress,
        *,
        asking: int | None = None,
    ) -> None:
        """Take the locked contact's messages in order, until one waits for Rasa or none is left.

        The caller itself carries the passive reply to the message ``asking``.
        """
        if contact.lease_token != lease:
            return
        now = self._installation.clock()
        while True:
            batch = inbox.unfinished(session, contact, limit=AT_ONCE)
            for stored in batch:
                progress.at = stored.message.id
                turn = _turn_of(session, stored, contact, self._installation)
                # After a crash the replies may be composed already: then they only have to go.
                masked = None if turn.replied else stages.before_understanding(turn)
                if masked is not None:
                    write_drafts(turn)
                    contact.lease_until = now + inbox.LEASE
                    progress.for_rasa = _ForRasa(
                        stored.message.id, str(contact.conversation_id), masked
                    )
                    return
                self._end(turn, progress, asked_here=stored.message.id == asking)
            if len(batch) < AT_ONCE:
                # The contact is locked: nothing has arrived since.
                inbox.end_lease(contact)
                return

    def _end(self, turn: Turn, progress: _Progress, *, asked_here: bool = False) -> None:
        """Store the end of a turn: its replies leave, passively where a request still waits."""
        write_drafts(turn)
        message = turn.message
        passive = asked_here or self._waiting.claim(message.id)
        progress.settled[message.id] = None
        message.state, message.done_at = "parked" if turn.parked else "done", turn.now
        progress.settled[message.id] = outbox.release(
            turn.session,
            message_id=message.id,
            contact=turn.contact,
            passive=passive,
            now=turn.now,
            rows=None if turn.composed else turn.written,
        )

    def _failed(self, message_id: int) -> str | None:
        """Count the attempt; after several, give the message to a person and say so."""
        with self._installation.database.transaction() as session:
            turn = load_turn(session, message_id, self._installation)
            message = turn.message
            message.attempts += 1
            if message.attempts < MAX_ATTEMPTS or message.state != "received":
                return None
            stages.give_up(turn)
            write_drafts(turn)
            message.state, message.done_at = "failed", turn.now
            return outbox.release(
                session,
                message_id=message_id,
                contact=turn.contact,
                passive=self._waiting.claim(message_id),
                now=turn.now,
                rows=None if turn.composed else turn.written,
            )

    def _lease_abandoned(self) -> list[tuple[int, uuid.UUID]]:
        now = self._installation.clock()
        leased = []
        with self._installation.database.transaction() as session:
            for contact_id in inbox.abandoned(session, now=now):
                lease = inbox.take_lease(inbox.locked_contact(session, contact_id), now=now)
                if lease is not None:
                    leased.append((contact_id, lease))
        return leased


def load_turn(session: Session, message_id: int, installation: Installation) -> Turn:
    """The turn of one stored message; it and its contact are locked until the transaction ends.

    With the contact locked, who answers it cannot change while the bot writes its reply.
    """
    stored, contact = inbox.stored(session, message_id)
    return _turn_of(session, stored, contact, installation)


def _turn_of(
    session: Session, stored: inbox.Stored, contact: Contact, installation: Installation
) -> Turn:
    return Turn(
        session=session,
        contact=contact,
        message=stored.message,
        text=stages.text_of(stored.message),
        now=installation.clock(),
        replied=stored.replied,
        composed=stored.composed,
        origin=installation.settings.own_origin,
    )


def write_drafts(turn: Turn) -> None:
    """Write what the turn says to the outbox, in its transaction."""
    if turn.drafts:
        turn.written += outbox.compose(
            turn.session,
            contact_id=turn.contact.id,
            drafts=turn.drafts,
            by="bot",
            now=turn.now,
            in_reply_to=turn.message.id,
            first=turn.composed + len(turn.written),
        )
        turn.drafts = []
