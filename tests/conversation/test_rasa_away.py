"""Rasa is killed in the middle of a conversation: nobody waits for it, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from tests.families import Family
from tests.system import System, wait_until

DANGER = "他拿菜刀要砍我"
ANSWER_WITHIN = 5.0
"""Seconds after which the platform hangs up (and says that the account has a fault)."""


def _rasa_state(system: System) -> str:
    return str(httpx.get(f"{system.web_url}/readyz", trust_env=False).json().get("rasa"))


def _danger(person: Family) -> list[str]:
    return person.hears(DANGER, "马上打110", "别去夺刀", "别等我们")


def test_killed_in_mid_conversation(new_family: Callable[[], Family], system: System) -> None:
    calm = _danger(new_family())
    mother, neighbour = new_family(), new_family()
    mother.say("我想给儿子报名社区康复")
    assert system.kill("rasa")

    def say(person: Family, text: str) -> str:
        before = time.monotonic()
        answer = person.say(text)
        assert time.monotonic() - before < ANSWER_WITHIN, text
        return answer

    assert "哪一年出生" in say(mother, mother.name), "the form goes on"
    assert "哪个县" in say(mother, "34岁")
    assert "依据" in say(mother, "残疾人两项补贴怎么申请"), "a question in between is answered"
    assert "叫社工" in say(neighbour, "我想找个真人问问"), "a ticket is opened"
    assert "什么人" in say(neighbour, "我要申请"), "a form is opened"
    assert _danger(new_family()) == calm, "in danger nothing changes"
    assert _rasa_state(system) != "ok", "and nobody claims that all is well"

    wait_until(lambda: _rasa_state(system) == "ok", seconds=120, what="Rasa is back")
    assert "医院或医生" in mother.say("思明区"), "what was filled in is still there"
    number = mother.apply("没提过")
    case = next(case for case in system.cases() if case["receipt_number"] == number)
    assert case["county"].endswith("思明区")
    assert "叫什么名字" in neighbour.say("我是他妈妈"), "and the form begun without it goes on"
