"""Reminders in conversation through the real callback: set up, a week of answers, stopped."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.care.models import Dose, Patient, Plan
from bot.care.wording import CHOICES
from bot.casework.models import Ticket
from bot.installation import Installation
from tests.conftest import MovableClock
from tests.integration.care.clockwork import Platform, deliver, tick

from .conftest import Chat


def _until(installation: Installation, clock: MovableClock, moment: datetime) -> None:
    """Let time pass in steps of twenty minutes, with the scheduler's ticks and the worker."""
    platform = Platform(clock)
    while clock.now < moment:
        clock.now = min(clock.now + timedelta(minutes=20), moment)
        tick(installation)
        deliver(installation, platform)


def _doses(installation: Installation) -> list[tuple[str, str | None]]:
    with installation.database.transaction() as session:
        return [(d.state, d.outcome) for d in session.scalars(select(Dose).order_by(Dose.due_at))]


@pytest.fixture
def begun(mother: Chat) -> Chat:
    assert "谁的药" in mother.say("帮我定个吃药的点，奥氮平，睡前一片")
    assert "奥氮平" in mother.say("我妈的")
    assert "定好了" in mother.say("对")
    return mother


def test_nothing_starts_before_yes(mother: Chat, installation: Installation) -> None:
    said = mother.say("提醒我妈8点吃利培酮一片")
    assert "早上" in said
    assert "晚上" in said
    assert "利培酮" in mother.say("晚上")
    with installation.database.transaction() as session:
        assert session.scalars(select(Plan)).all() == []
    assert "定好了" in mother.say("对")
    with installation.database.transaction() as session:
        assert len(session.scalars(select(Plan)).all()) == 1
        assert [p.called for p in session.scalars(select(Patient))] == ["妈妈"]


def test_a_no_starts_nothing(mother: Chat, installation: Installation) -> None:
    mother.say("提醒我妈睡前吃奥氮平一片")
    assert "哪里不对" in mother.say("不对")
    mother.say("对")
    with installation.database.transaction() as session:
        assert session.scalars(select(Plan)).all() == []


def test_a_week(begun: Chat, installation: Installation, clock: MovableClock) -> None:
    evening = clock.now.replace(hour=13, minute=40, second=0, microsecond=0)  # 21:40 in Shanghai
    if evening <= clock.now:
        evening += timedelta(days=1)
    for day, words in enumerate(("1", "吃了", CHOICES[0], "吐了", "他不肯吃")):
        _until(installation, clock, evening + timedelta(days=day))
        assert "记下了" in begun.say(words), words
    assert _doses(installation)[:5] == [
        ("taken", "taken"),
        ("taken", "taken"),
        ("taken", "taken"),
        ("taken", "vomited"),
        ("skipped", "refused"),
    ]
    with installation.database.transaction() as session:
        before = len(session.scalars(select(Ticket)).all())
    _until(installation, clock, evening + timedelta(days=9))
    assert [state for state, _ in _doses(installation)].count("missed") >= 3
    with installation.database.transaction() as session:
        # The window has closed with the silence: a person hears of it.
        assert len(session.scalars(select(Ticket)).all()) > before


def test_asked_paused_resumed_cancelled(begun: Chat, installation: Installation) -> None:
    assert "奥氮平" in begun.say("都有哪些提醒")
    assert "停了" in begun.say("我妈住院了，提醒先停一停")
    assert "接着发" in begun.say("出院回家了重新开始提醒")
    assert "取消了" in begun.say("取消全部提醒")
    with installation.database.transaction() as session:
        assert [plan.state for plan in session.scalars(select(Plan))] == ["cancelled"]


def test_own_wish_is_refused(begun: Chat, installation: Installation) -> None:
    begun.say("我把她的药减了一半，你照着改")
    with installation.database.transaction() as session:
        assert [plan.version for plan in session.scalars(select(Plan))] == [1]


def test_death_stops_everything(begun: Chat, installation: Installation) -> None:
    begun.say("我妈昨天去世了")
    with installation.database.transaction() as session:
        assert [p.stopped_for for p in session.scalars(select(Patient))] == ["death"]


def test_inside_an_application(mother: Chat) -> None:
    mother.say("我要申请康复")
    assert "奥氮平" in mother.say("提醒我妈睡前吃奥氮平一片")
    assert "定好了" in mother.say("对")
