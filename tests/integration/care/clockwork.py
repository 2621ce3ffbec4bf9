"""What time does to reminders, driven by hand: ticks, and a platform that notes what it was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.care import closing, people, plans, release, summaries
from bot.care.models import Patient
from bot.care.ordering import order_of
from bot.care.reading import read
from bot.care.sending import Reminders
from bot.casework.people import contact_of
from bot.delivery import sending, windows
from bot.delivery.models import Contact, OutboxMessage
from bot.installation import Installation
from bot.wechat.failures import PlatformRefused
from bot.worker import hand_over

BY = "system:test"
TICKS: tuple[Callable[..., int], ...] = (
    release.release_due,
    release.release_snoozed,
    release.release_notices,
    closing.close_windows,
    closing.tell_caregivers,
    summaries.after_outage,
    summaries.weekly,
    summaries.refills,
)


@dataclass
class Platform:
    """Takes messages at a moment; ``failures`` are raised first, one a call."""

    clock: Callable[[], datetime]
    sent: list[tuple[datetime, str, str]] = field(default_factory=list)
    """Moment, openid, text."""
    notices: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    failures: list[Exception | None] = field(default_factory=list)

    def send_text(self, openid: str, text: str) -> None:
        self._fail()
        self.sent.append((self.clock(), openid, text))

    def send_menu(
        self, openid: str, *, head: str, choices: Sequence[tuple[int, str]], tail: str = ""
    ) -> None:
        self.send_text(openid, head + "".join(f"|{n}{words}" for n, words in choices))

    def send_subscription(self, openid: str, template_id: str, data: Mapping[str, str]) -> None:
        self._fail()
        self.notices.append((openid, template_id, dict(data)))

    def send_template(
        self, openid: str, template_id: str, data: Mapping[str, str], *, client_msg_id: str
    ) -> str:
        self.send_subscription(openid, template_id, data)
        return client_msg_id

    def texts(self, openid: str = "测试女儿") -> list[str]:
        return [text for _, to, text in self.sent if to == openid]

    def _fail(self) -> None:
        if self.failures and (failure := self.failures.pop(0)) is not None:
            raise failure


def refused(code: int) -> PlatformRefused:
    return PlatformRefused(code, "test", call="custom/send")


def tick(installation: Installation, *batches: Callable[..., int]) -> None:
    for batch in batches or TICKS:
        with installation.database.transaction() as session:
            batch(session, now=installation.clock())


def deliver(installation: Installation, platform: Platform) -> None:
    """What the worker does with everything that waits."""
    delivery = sending.Delivery(
        installation.database, platform, hand_over, installation.clock, Reminders()
    )
    with installation.database.transaction() as session:
        waiting = session.scalars(
            select(OutboxMessage.contact_id)
            .where(OutboxMessage.state.in_(("queued", "sending")))
            .distinct()
        ).all()
    sending.deliver_many(delivery, waiting)


def contact(session: Session, openid: str, now: datetime, *, wrote: bool = True) -> Contact:
    found = contact_of(session, openid=openid, now=now)
    if wrote:
        windows.person_wrote(found, now=now)
    return found


def begin(
    session: Session,
    text: str,
    now: datetime,
    *,
    openid: str = "测试女儿",
    called: str = "妈妈",
    key: str | None = None,
) -> tuple[plans.Begun, Patient]:
    """A plan for somebody's mother, from a sentence."""
    carer = contact(session, openid, now)
    patient = people.patient_called(session, contact_id=carer.id, called=called, by=BY, now=now)
    (reading,) = read(text)
    begun = plans.set_plan(
        session,
        patient_id=patient.id,
        order=order_of(reading, habits=people.habits_of(patient), now=now),
        source_key=key or f"test:{text}",
        by=BY,
        now=now,
    )
    return begun, patient
