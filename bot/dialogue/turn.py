"""One turn of a conversation: a message, whom it is from, and what is said in reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casework.models import Application
from bot.delivery.models import Contact, OutboxMessage
from bot.delivery.outbox import Draft
from bot.dialogue.models import InboxMessage


@dataclass
class Turn:
    """What a step of the dialogue works with. The session is one open transaction."""

    session: Session
    contact: Contact
    message: InboxMessage
    text: str
    """What the person wrote, unmasked; never handed to Rasa or a log."""
    now: datetime
    intent: str = ""
    """Fine intent, as Rasa or the linear model understood it."""
    confidence: float = 0.0
    replied: bool = False
    """Replies to this message were composed before; nothing is to be done again."""
    origin: str = ""
    """Address of our pages as phones see it, for links; empty: none can be given."""
    parked: bool = False
    """Nothing here can understand the message just now: it waits, and the family is told."""
    drafts: list[Draft] = field(default_factory=list)
    composed: int = 0
    """How many replies to this message were written in earlier transactions."""
    written: list[OutboxMessage] = field(default_factory=list)
    """The replies written in this one."""

    application: Application | None = None
    """The contact's open draft, once it was looked up (`bot.dialogue.form.application_of`)."""
    looked_up: bool = False
    _said_last: dict[str, Any] | None = None

    @property
    def by(self) -> str:
        return f"contact:{self.contact.id}"

    @property
    def source(self) -> str:
        """Key from which work made in this turn is made once."""
        return f"inbox:{self.message.id}"

    def stands_for(self, words: str) -> None:
        """A menu key or a number means these words, now and when the turn is taken up again."""
        if words != self.text:
            self.text = self.message.meant = words

    def said_last(self) -> dict[str, Any]:
        """Body of the last message that reached the contact before this turn; empty: none did."""
        if self._said_last is None:
            body = self.session.scalar(
                select(OutboxMessage.body)
                .where(OutboxMessage.contact_id == self.contact.id, OutboxMessage.state == "sent")
                .order_by(OutboxMessage.id.desc())
                .limit(1)
            )
            self._said_last = body or {}
        return self._said_last

    def say(self, text: str, *, choices: tuple[str, ...] = ()) -> None:
        """Add a reply; ``choices`` are answers that can be tapped or typed by number."""
        self.drafts.append(Draft(text, choices))


Step = Callable[[Turn], None]
