"""Delivery to one contact: order, windows, what each errcode does, crashes between send and record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from bot.casework.models import Ticket
from bot.casework.people import contact_of
from bot.delivery import outbox, sending, windows
from bot.delivery.models import Contact, OutboxMessage, SendAttempt
from bot.delivery.outbox import Draft
from bot.installation import Installation
from bot.wechat.errors import TABLE, Action
from bot.wechat.failures import PlatformRefused, PlatformUnreachable
from bot.worker import hand_over
from tests.conftest import MovableClock


@dataclass
class FakeChannel:
    """Takes messages, or fails in the given ways, one after the other."""

    failures: list[Exception | None] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def send_text(self, openid: str, text: str) -> None:
        if self.failures and (failure := self.failures.pop(0)) is not None:
            raise failure
        self.sent.append(text)

    def send_menu(
        self, openid: str, *, head: str, choices: Sequence[tuple[int, str]], tail: str = ""
    ) -> None:
        self.send_text(openid, head + "".join(f"|{number}{words}" for number, words in choices))


def _post(installation: Installation, text: str, *, to: str = "测试妈妈") -> int:
    """Queue a message to a contact that has just written; returns the contact's id."""
    now = installation.clock()
    with installation.database.transaction() as session:
        contact = contact_of(session, openid=to, now=now)
        if contact.message_window_at is None:
            windows.person_wrote(contact, now=now)
        outbox.post(
            session,
            contact_id=contact.id,
            draft=Draft(text, purpose="case_news"),
            by="system:test",
            now=now,
        )
        return contact.id


def _deliver(
    installation: Installation, contact_id: int, channel: FakeChannel
) -> sending.TryLater | None:
    return sending.deliver(
        installation.database,
        contact_id=contact_id,
        channel=channel,
        hand_over=hand_over,
        clock=installation.clock,
    )


def _states(installation: Installation) -> list[tuple[str, str | None]]:
    with installation.database.transaction() as session:
        rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        return [(row.state, row.reason) for row in rows]


def _tickets(installation: Installation) -> list[str]:
    with installation.database.transaction() as session:
        return list(session.scalars(select(Ticket.kind)))


def test_in_order_and_once(installation: Installation) -> None:
    channel = FakeChannel()
    for text in ("一", "二", "三"):
        contact_id = _post(installation, text)
    assert _deliver(installation, contact_id, channel) is None
    assert _deliver(installation, contact_id, channel) is None
    assert channel.sent == ["一", "二", "三"]


def test_five_in_the_window_and_then_a_person(
    installation: Installation, clock: MovableClock
) -> None:
    channel = FakeChannel()
    for number in range(6):
        contact_id = _post(installation, f"{number}")
    _deliver(installation, contact_id, channel)
    assert channel.sent == ["0", "1", "2", "3", "4"]
    assert _states(installation)[-1] == ("failed", "no_window")
    assert _tickets(installation) == ["undelivered"]


def test_the_window_ends_after_48_hours(installation: Installation, clock: MovableClock) -> None:
    channel = FakeChannel()
    contact_id = _post(installation, "早")
    clock.move(hours=48)
    _deliver(installation, contact_id, channel)
    assert channel.sent == []
    assert _tickets(installation) == ["undelivered"]


OUTCOMES = {
    Action.RETRY: ("queued", None),
    Action.REFRESH_TOKEN: ("queued", None),
    Action.SLOW_DOWN: ("queued", None),
    Action.ALARM: ("queued", None),
    Action.OTHER_CHANNEL: ("failed", "no_window"),
    Action.CONSENT_MISSING: ("failed", "no_window"),
    Action.STOP_FOR_PERSON: ("failed", "unreachable"),
    Action.ALREADY_SENT: ("sent", None),
    Action.FIX_CONTENT: ("failed", "refused"),
    Action.IGNORE: ("failed", "refused"),
    Action.LOGIN_AGAIN: ("failed", "refused"),
}
LATER = {Action.RETRY: 0, Action.REFRESH_TOKEN: 0, Action.SLOW_DOWN: 60, Action.ALARM: 60}
"""Actions after which it is tried again, and after how many seconds at the earliest."""


@pytest.mark.parametrize("action", Action)
def test_each_errcode(installation: Installation, action: Action) -> None:
    codes = [code for code, meaning in TABLE.items() if meaning.action is action]
    assert codes
    for code in codes:
        channel = FakeChannel([PlatformRefused(code, "test", call="custom/send")])
        contact_id = _post(installation, "词", to=f"测试{code}")
        later = _deliver(installation, contact_id, channel)
        assert _states(installation)[-1] == OUTCOMES[action], code
        if action in LATER:
            assert later is not None, code
            assert later.delay.total_seconds() >= LATER[action], code
            assert _deliver(installation, contact_id, channel) is None
            assert channel.sent == ["词"], code
        else:
            assert later is None, code
            assert channel.sent == [], code
        with installation.database.transaction() as session:
            contact = session.get_one(Contact, contact_id)
            assert contact.subscribed is (action is not Action.STOP_FOR_PERSON), code
    handed_over = OUTCOMES[action][0] == "failed"
    assert len(_tickets(installation)) == (len(codes) if handed_over else 0)


def test_what_surely_did_not_leave_does_not_count(installation: Installation) -> None:
    failure = PlatformUnreachable("refused", call="custom/send", sent=False)
    channel = FakeChannel([failure])
    contact_id = _post(installation, "词")
    assert _deliver(installation, contact_id, channel) is not None
    with installation.database.transaction() as session:
        assert session.scalars(select(Contact.message_window_used)).one() == 0
    assert _deliver(installation, contact_id, channel) is None
    assert channel.sent == ["词"]


def test_a_crash_between_send_and_record_repeats_words(installation: Installation) -> None:
    contact_id = _post(installation, "词")
    with installation.database.transaction() as session:
        message = session.scalars(select(OutboxMessage)).one()
        message.state = "sending"
        session.add(
            SendAttempt(
                outbox_message_id=message.id,
                channel="customer_service",
                started_at=installation.clock(),
            )
        )
    channel = FakeChannel()
    assert _deliver(installation, contact_id, channel) is None
    assert channel.sent == ["词"]


def test_nothing_to_who_left(installation: Installation) -> None:
    contact_id = _post(installation, "词")
    with installation.database.transaction() as session:
        session.get_one(Contact, contact_id).subscribed = False
    channel = FakeChannel()
    _deliver(installation, contact_id, channel)
    assert channel.sent == []
    assert _states(installation) == [("dropped", "unsubscribed")]


def test_a_stale_message_is_not_sent(installation: Installation, clock: MovableClock) -> None:
    contact_id = _post(installation, "词")
    with installation.database.transaction() as session:
        session.scalars(select(OutboxMessage)).one().not_after = installation.clock()
    clock.move(seconds=1)
    channel = FakeChannel()
    _deliver(installation, contact_id, channel)
    assert _states(installation) == [("dropped", "stale")]


def test_given_up_after_several_attempts(installation: Installation) -> None:
    failures = [PlatformRefused(-1, "busy", call="custom/send")] * sending.MAX_ATTEMPTS
    channel = FakeChannel(list(failures))
    contact_id = _post(installation, "词")
    for _ in failures:
        assert _deliver(installation, contact_id, channel) is not None
    assert _deliver(installation, contact_id, channel) is None
    assert _states(installation) == [("failed", "gave_up")]
    assert _tickets(installation) == ["undelivered"]
