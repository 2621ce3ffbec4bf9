"""What happens because time passes: once, in time or not at all, and told to whom it should be."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from bot.care import doses, people, plans, preferences, release, stock, visits
from bot.care.content import Content
from bot.care.models import Caregiver, Dose, Escalation
from bot.casework.models import Ticket
from bot.clock import LOCAL
from bot.delivery import consents, windows
from bot.delivery.models import Contact, NoticeConsent, OutboxMessage, SendAttempt
from bot.installation import Installation
from bot.wechat.failures import PlatformUnreachable
from tests.conftest import MovableClock
from tests.integration.care.clockwork import BY, Platform, begin, contact, deliver, refused, tick

# The clock starts on Monday, 23 November 2026, at ten in the morning.


@pytest.fixture
def platform(clock: MovableClock) -> Platform:
    return Platform(clock)


def at(clock: MovableClock, day: int, hour: int, minute: int = 0) -> None:
    clock.now = datetime(2026, 11, day, hour, minute, tzinfo=LOCAL)


def go(installation: Installation, platform: Platform) -> None:
    tick(installation)
    deliver(installation, platform)


def states(installation: Installation) -> list[tuple[str, str | None]]:
    with installation.database.transaction() as session:
        return [
            (dose.state, dose.reason)
            for dose in session.scalars(select(Dose).order_by(Dose.due_at, Dose.id))
        ]


def tickets(installation: Installation) -> list[str]:
    with installation.database.transaction() as session:
        return list(session.scalars(select(Ticket.kind).order_by(Ticket.id)))


def test_medicines_of_one_time_are_one_message(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        begin(session, "奥氮平每天晚上8点一片", clock())
        begin(session, "氯氮平每天晚上8点两片", clock())
    go(installation, platform)
    assert platform.sent == []
    at(clock, 23, 20)
    go(installation, platform)
    go(installation, platform)
    assert len(platform.sent) == 1
    assert states(installation) == [("sent", None)] * 2
    (text,) = platform.texts()
    assert "晚上8点" in text
    assert "氮平" not in text


def test_names_of_medicines_only_if_chosen(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        _, patient = begin(session, "奥氮平每天晚上8点一片半", clock())
        preferences.set_preferences(
            session, patient_id=patient.id, wording="open", by=BY, now=clock()
        )
    at(clock, 23, 20)
    go(installation, platform)
    assert "奥氮平：1片半" in platform.texts()[0]


def test_an_outage_of_days_is_one_message(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        begin(session, "奥氮平早上8点、晚上8点各一片", clock())
        begin(session, "氯氮平每天晚上8点两片", clock())
    at(clock, 26, 14)
    with installation.database.transaction() as session:
        contact(session, "测试女儿", clock())
    for _ in range(3):
        go(installation, platform)
    assert set(states(installation)) == {("missed", "outage")}
    (text,) = platform.texts()
    assert "有6次" in text  # three evenings and three mornings
    at(clock, 26, 20)
    go(installation, platform)
    assert len(platform.sent) == 2


def test_within_the_window_it_is_still_said(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        begin(session, "奥氮平每天晚上8点一片", clock())
    at(clock, 23, 21, 59)
    go(installation, platform)
    assert states(installation) == [("sent", None)]


def test_never_late_even_if_it_was_released(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        begin(session, "奥氮平每天晚上8点一片", clock())
    at(clock, 23, 20)
    tick(installation)
    at(clock, 23, 22, 1)
    deliver(installation, platform)
    tick(installation)
    assert platform.sent == []
    assert states(installation) == [("missed", "outage")]


@pytest.mark.parametrize("event", ["taken", "changed", "paused", "cancelled", "died"])
def test_what_has_passed_is_not_said(
    installation: Installation, clock: MovableClock, platform: Platform, event: str
) -> None:
    """Released and waiting, and then somebody says something: it is dropped at the last moment."""
    with installation.database.transaction() as session:
        begun, patient = begin(session, "奥氮平每天晚上8点一片", clock())
    at(clock, 23, 20)
    tick(installation)
    with installation.database.transaction() as session:
        match event:
            case "taken":
                ids = session.scalars(select(Dose.id)).all()
                doses.check_in(session, dose_ids=ids, outcome="taken", by=BY, now=clock())
            case "changed":
                plans.end_on(
                    session, plan_id=begun.plan.id, last_day=date(2026, 12, 1), by=BY, now=clock()
                )
                plans.cancel_plan(session, plan_id=begun.plan.id, by=BY, now=clock())
            case "paused":
                plans.pause_plans(session, patient_id=patient.id, by=BY, now=clock())
            case "cancelled":
                plans.cancel_plan(session, plan_id=begun.plan.id, by=BY, now=clock())
            case "died":
                plans.stop_everything(
                    session, patient_id=patient.id, why="death", by=BY, now=clock()
                )
    deliver(installation, platform)
    assert platform.sent == []
    with installation.database.transaction() as session:
        assert session.scalars(select(OutboxMessage.state)).all() == ["dropped"]


def test_a_crash_between_send_and_record_is_shown_and_not_repeated(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        begin(session, "奥氮平每天晚上8点一片", clock())
    at(clock, 23, 20)
    tick(installation)
    with installation.database.transaction() as session:
        message = session.scalars(select(OutboxMessage)).one()
        message.state = "sending"
        session.add(
            SendAttempt(
                outbox_message_id=message.id, channel="customer_service", started_at=clock()
            )
        )
    go(installation, platform)
    assert platform.sent == []
    assert tickets(installation) == ["undelivered"]
    with installation.database.transaction() as session:
        dose = session.scalars(select(Dose)).one()
        assert (dose.state, dose.unsure) == ("sent", True)


def test_no_answer_of_the_platform_is_unsure_too(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        begin(session, "奥氮平每天晚上8点一片", clock())
    at(clock, 23, 20)
    platform.failures.append(PlatformUnreachable("timeout", call="custom/send", sent=None))
    go(installation, platform)
    go(installation, platform)
    assert platform.sent == []
    assert tickets(installation) == ["undelivered"]


def test_snoozed_is_said_once_more(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        begin(session, "奥氮平每天晚上8点一片", clock())
    at(clock, 23, 20)
    go(installation, platform)
    with installation.database.transaction() as session:
        ids = session.scalars(select(Dose.id)).all()
        doses.snooze(session, dose_ids=ids, minutes=30, by=BY, now=clock())
    clock.move(minutes=29)
    go(installation, platform)
    assert len(platform.sent) == 1
    clock.move(minutes=1)
    for _ in range(2):
        go(installation, platform)
    assert len(platform.sent) == 2
    assert states(installation) == [("sent", None)]


def test_patient_then_caregiver_then_social_worker_each_once(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        _, patient = begin(session, "奥氮平每天晚上6点一片", clock())
        themselves = contact(session, "测试本人", clock())
        people.remind(
            session,
            patient_id=patient.id,
            contact_id=themselves.id,
            themselves=True,
            by=BY,
            now=clock(),
        )
    for day in (23, 24, 25, 26):
        for hour, minute in ((18, 0), (19, 0), (19, 1), (20, 0), (20, 1)):
            at(clock, day, hour, minute)
            with installation.database.transaction() as session:
                contact(session, "测试女儿", clock())
                contact(session, "测试本人", clock())
            go(installation, platform)
    assert len(platform.texts("测试本人")) == 4
    assert len(platform.texts("测试女儿")) == 4
    assert tickets(installation) == ["medication"]  # at the third, and not again at the fourth
    with installation.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Escalation)) == 5


def test_whoever_answers_is_not_told_on(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        _, patient = begin(session, "奥氮平每天晚上6点一片", clock())
        themselves = contact(session, "测试本人", clock())
        people.remind(
            session,
            patient_id=patient.id,
            contact_id=themselves.id,
            themselves=True,
            by=BY,
            now=clock(),
        )
    at(clock, 23, 18)
    go(installation, platform)
    with installation.database.transaction() as session:
        ids = session.scalars(select(Dose.id)).all()
        doses.check_in(session, dose_ids=ids, outcome="taken", by=BY, now=clock())
    at(clock, 23, 20, 30)
    go(installation, platform)
    assert platform.texts("测试女儿") == []


def test_quiet_hours_hold_back_the_telling_and_lose_nothing(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        _, patient = begin(session, "奥氮平每天晚上9点半一片", clock())
        themselves = contact(session, "测试本人", clock())
        people.remind(
            session,
            patient_id=patient.id,
            contact_id=themselves.id,
            themselves=True,
            by=BY,
            now=clock(),
        )
    at(clock, 23, 21, 30)
    go(installation, platform)
    at(clock, 23, 23, 45)
    go(installation, platform)
    assert platform.texts("测试女儿") == []
    at(clock, 24, 7, 0)
    go(installation, platform)
    assert len(platform.texts("测试女儿")) == 1


def test_who_cannot_be_reached_is_one_ticket_a_day(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        begin(session, "奥氮平早上8点、下午3点、晚上8点各一片", clock())
        session.scalars(select(Contact)).one().message_window_at = None
    for hour in (15, 20, 23):
        at(clock, 23, hour)
        go(installation, platform)
    assert platform.sent == []
    assert states(installation) == [("missed", "unreachable")] * 2
    assert tickets(installation) == ["undelivered"]


def test_a_closed_window_is_passed_by_consent_until_it_is_used_up(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        begin(session, "奥氮平每天晚上8点一片", clock())
        to = session.scalars(select(Contact)).one()
        to.message_window_at = None
        consents.add_template(
            session,
            template_id="T1",
            channel="subscription",
            purpose="dose_reminder",
            fields={"thing1": "what", "time2": "when"},
            by=BY,
            now=clock(),
        )
        assert consents.wanted_templates(session, contact_id=to.id) == ["T1"]
        for _ in range(2):  # the same push twice
            consents.chosen(
                session,
                contact_id=to.id,
                choices=[("T1", True)],
                source_key="inbox:1",
                now=clock(),
            )
    at(clock, 23, 20)
    go(installation, platform)
    ((_, template, data),) = platform.notices
    assert (template, data["time2"]) == ("T1", "2026-11-23 20:00")
    assert "药" not in data["thing1"]
    at(clock, 24, 20)
    go(installation, platform)
    assert len(platform.notices) == 1
    assert tickets(installation) == ["undelivered"]


def test_the_platform_knows_better_about_consent(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        begin(session, "奥氮平每天晚上8点一片", clock())
        to = session.scalars(select(Contact)).one()
        to.message_window_at = None
        for template_id, channel in (("T1", "subscription"), ("T2", "template")):
            consents.add_template(
                session,
                template_id=template_id,
                channel=channel,
                purpose="dose_reminder",
                fields={"thing1": "what", "time2": "when"},
                long_term=True,
                by=BY,
                now=clock(),
            )
        consents.chosen(
            session, contact_id=to.id, choices=[("T1", True)], source_key="inbox:1", now=clock()
        )
    platform.failures.append(refused(43101))
    at(clock, 23, 20)
    go(installation, platform)
    assert [template for _, template, _ in platform.notices] == ["T2"]
    with installation.database.transaction() as session:
        assert session.scalars(select(NoticeConsent.left)).one() == 0


def test_a_closing_window_asks_for_a_typed_answer(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        begin(session, "奥氮平早上8点、晚上8点各一片", clock())
        clock.move(minutes=30)
        windows.person_wrote(session.scalars(select(Contact)).one(), now=clock())
    at(clock, 23, 20)
    go(installation, platform)
    at(clock, 24, 8)
    go(installation, platform)
    at(clock, 24, 20)
    go(installation, platform)
    first, second, third = platform.texts()
    assert "|1" in first
    assert "打字" not in second
    assert "打字" in third


def test_a_visit_the_day_before_the_same_morning_and_afterwards(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        carer = contact(session, "测试女儿", clock())
        patient = people.patient_called(
            session, contact_id=carer.id, called="妈妈", by=BY, now=clock()
        )
        visits.set_visit(
            session,
            patient_id=patient.id,
            kind="follow_up",
            on_date=date(2026, 11, 25),
            at_time="09:30",
            source_key="test:visit",
            content=Content(place="测试医院三楼", bring="病历本"),
            by=BY,
            now=clock(),
        )
    for day, hour in ((24, 19), (25, 8), (25, 19), (26, 9)):
        at(clock, day, hour)
        with installation.database.transaction() as session:
            contact(session, "测试女儿", clock())
        go(installation, platform)
    before, morning, afterwards = platform.texts()
    assert "明天" in before
    assert "测试医院三楼" in before
    assert "今天" in morning
    assert "去了吗" in afterwards


def test_a_monthly_injection_is_a_visit_each_time(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        begin(session, "善思达每28天打一针，上次是10月29号打的", clock())
    for day, hour in ((24, 19), (25, 19), (26, 7), (26, 8)):
        at(clock, day, hour)
        with installation.database.transaction() as session:
            contact(session, "测试女儿", clock())
        go(installation, platform)
    assert len(platform.texts()) == 2  # the evening before, and the same morning
    clock.now = datetime(2026, 12, 23, 19, 0, tzinfo=LOCAL)
    with installation.database.transaction() as session:
        contact(session, "测试女儿", clock())
    go(installation, platform)
    assert len(platform.texts()) == 3


def test_low_stock_is_told_once_in_working_hours(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        begun, _ = begin(session, "奥氮平每天晚上8点一片", clock())
        stock.set_stock(
            session, plan_id=begun.plan.id, amount=Decimal(7), unit="片", by=BY, now=clock()
        )
    at(clock, 24, 8, 59)
    tick(installation)
    for _ in range(2):
        at(clock, 24, 9)
        with installation.database.transaction() as session:
            contact(session, "测试女儿", clock())
        go(installation, platform)
    told = [text for text in platform.texts() if "够用到" in text]
    assert len(told) == 1
    assert "11月29号" in told[0]


def test_the_week_on_sunday_evening_unless_switched_off(
    installation: Installation, clock: MovableClock, platform: Platform
) -> None:
    with installation.database.transaction() as session:
        _, patient = begin(session, "奥氮平每天下午3点一片", clock())
    for day in (23, 24):
        at(clock, day, 15)
        with installation.database.transaction() as session:
            contact(session, "测试女儿", clock())
        go(installation, platform)
        with installation.database.transaction() as session:
            ids = session.scalars(select(Dose.id).where(Dose.state == "sent")).all()
            doses.check_in(session, dose_ids=ids, outcome="taken", by=BY, now=clock())
    at(clock, 29, 19)
    with installation.database.transaction() as session:
        contact(session, "测试女儿", clock())
    for _ in range(2):
        go(installation, platform)
    (week,) = [text for text in platform.texts() if "这一周" in text]
    assert "做了2次" in week
    with installation.database.transaction() as session:
        carer = session.scalars(select(Caregiver)).one()
        preferences.set_weekly_summary(
            session,
            patient_id=patient.id,
            contact_id=carer.contact_id,
            on=False,
            by=BY,
            now=clock(),
        )
        assert carer.next_summary_at is None


def test_a_batch_leaves_out_whom_somebody_else_works_on(
    installation: Installation, clock: MovableClock
) -> None:
    with installation.database.transaction() as session:
        begin(session, "奥氮平每天晚上8点一片", clock())
        begin(session, "奥氮平每天晚上8点一片", clock(), openid="测试儿子", key="test:2")
    at(clock, 23, 20)
    with (
        installation.database.transaction() as first,
        installation.database.transaction() as second,
    ):
        assert release.release_due(first, now=clock(), limit=1) == 1
        assert release.release_due(second, now=clock(), limit=2) == 1
    assert states(installation) == [("due", None)] * 2
