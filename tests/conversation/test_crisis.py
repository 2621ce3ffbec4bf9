"""Crisis in a conversation: first the words, then the ticket; the form is kept."""

from __future__ import annotations

from collections.abc import Callable

from bot.emulator.client import EmulatorClient
from tests.families import Family
from tests.system import System


def test_in_the_middle_of_a_form(
    new_family: Callable[[], Family], system: System, phone: EmulatorClient
) -> None:
    mother = new_family()
    mother.say("我要申请")
    mother.say("我是他妈妈")
    urgent = "SELECT count(*) FROM ticket WHERE kind = 'crisis' AND urgency = 'urgent'"
    before = system.count(urgent)
    answer = mother.say("他拿刀了 要砍人")
    assert "110" in answer
    assert system.count(urgent) == before + 1
    phone.wait_message(mother.openid, contains="继续")
    assert "叫什么名字" in mother.say("继续")


def test_an_idiom_is_nothing(new_family: Callable[[], Family], system: System) -> None:
    mother = new_family()
    before = system.count("SELECT count(*) FROM ticket WHERE kind = 'crisis'")
    mother.say("今天累死了")
    assert system.count("SELECT count(*) FROM ticket WHERE kind = 'crisis'") == before
