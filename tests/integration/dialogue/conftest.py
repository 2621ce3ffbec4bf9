"""A conversation through the real callback, without Rasa: the same steps, led by the degraded mode."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from bot.casework.people import contact_of
from bot.delivery.models import OutboxMessage
from bot.delivery.outbox import plain_text
from bot.dialogue.models import InboxMessage
from bot.installation import Installation
from bot.web import create_app
from tests.conftest import MovableClock
from tests.families import ANSWERS, DONE
from tests.platform_side import PlatformSide
from tests.system import wait_until

_numbers = itertools.count(1)


@dataclass
class Chat:
    """One person who writes to the account; everything that is answered is seen at once."""

    client: TestClient[Any]
    platform: PlatformSide
    installation: Installation
    openid: str

    def say(self, text: str) -> str:
        """Write something; returns the whole answer, bubble after bubble."""
        return "\n\n".join(self.bubbles(text))

    def bubbles(self, text: str) -> list[str]:
        return self._push(self.platform.text(self.openid, text))

    def send(self, **fields: str) -> str:
        """Send something that is not text."""
        message = self.platform.xml(self.openid, MsgId=f"9{next(_numbers)}", **fields)
        return "\n\n".join(self._push(self.platform.sealed(message)))

    def apply(self, opening: str, name: str) -> str:
        """Fill in an application; returns the last answer, with the receipt number."""
        shown = self.say(opening)
        for _ in range(20):
            if DONE in shown:
                return shown
            shown = self.answer(shown, name)
        raise AssertionError(shown)

    def answer(self, shown: str, name: str) -> str:
        """Answer the last question of the form that is shown."""
        asked = [(shown.rfind(part), words) for part, words in ANSWERS if part in shown]
        assert asked, shown
        return self.say(max(asked)[1].format(name=name, telephone="13900001234"))

    def _push(self, push: Any) -> list[str]:
        answer = self.client.post(push.url, content=push.body)
        assert answer.status_code == 200
        message_id = wait_until(self._settled, seconds=30, what="the turn ends")
        with self.installation.database.transaction() as session:
            rows = session.scalars(
                select(OutboxMessage)
                .where(OutboxMessage.in_reply_to == message_id)
                .order_by(OutboxMessage.seq)
            ).all()
            for row in rows:
                row.state = "sent"  # as the worker leaves it
                row.settled_at = row.settled_at or self.installation.clock()
            return [plain_text(row.body) for row in rows]

    def _settled(self) -> int | None:
        """The last message, once its turn has ended."""
        with self.installation.database.transaction() as session:
            contact = contact_of(session, openid=self.openid, now=self.installation.clock())
            last = session.scalars(
                select(InboxMessage)
                .where(InboxMessage.contact_id == contact.id)
                .order_by(InboxMessage.id.desc())
                .limit(1)
            ).one()
            return None if last.state == "received" else last.id


@pytest.fixture
def new_chat(installation: Installation, clock: MovableClock) -> Iterator[Callable[[], Chat]]:
    """Somebody nobody has met."""
    secrets = installation.secrets
    platform = PlatformSide(secrets.token, secrets.aes_keys[0], secrets.app_id, clock)
    with TestClient(create_app(installation)) as client:
        yield lambda: Chat(client, platform, installation, f"测试家属{next(_numbers)}")


@pytest.fixture
def mother(new_chat: Callable[[], Chat]) -> Chat:
    return new_chat()
