"""Twenty families apply at once while processes are killed: nothing is lost, nothing is done twice."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter

import pytest

from bot.dialogue.steps import NOTHING_OPEN
from bot.emulator.model import Push
from tests.families import Family, family
from tests.system import System, wait_until

FAMILIES = 20
PROCESSES = ("web", "worker", "scheduler", "actions", "rasa")
# Rasa takes half a minute to come back; killing it as often as the others would only ever
# test the degraded mode.
WEIGHTS = (6, 6, 3, 5, 1)
WITHIN = 900.0
OPENING = "我想给儿子报名社区康复"


def _apply(one: Family, deadline: float) -> None:
    """Talk until the receipt number is there, as a patient person does: read, answer, wait."""
    one.say(OPENING)
    answered = ""
    quiet_since = time.monotonic()
    while one.receipt_number() is None:
        assert time.monotonic() < deadline, f"no receipt for {one.openid}:\n{one.shown()[-1500:]}"
        shown = one.shown()
        if shown != answered:
            answered, quiet_since = shown, time.monotonic()
            words = one.answer_to(shown[-400:])
            if shown.endswith(NOTHING_OPEN):
                # Nobody was there for as long as the platform tries: it told the family so.
                # Had the opening been accepted, there would be something to go on with.
                openings = [
                    p for p in one.phone.pushes(openid=one.openid) if _content(p) == OPENING
                ]
                assert all(push.outcome == "failed" for push in openings), "an opening was lost"
                words = OPENING
            if words is not None:
                one.say(words)
        elif time.monotonic() - quiet_since > 25:
            # Nobody answered for long (the platform has given up as well): ask again.
            quiet_since = time.monotonic()
            one.say("继续")
        time.sleep(0.2)  # reading pace; the loop's condition is the receipt


def _content(push: Push) -> str:
    return str(push.fields.get("Content", ""))


@pytest.mark.timeout(WITHIN + 300)
def test_killed_processes_lose_nothing(system: System, request: pytest.FixtureRequest) -> None:
    kills = request.config.getoption("--kills")
    chance = random.Random(7)
    families = [family(system.emulator(), number) for number in range(FAMILIES)]
    deadline = time.monotonic() + WITHIN
    failures: list[BaseException] = []

    def run(one: Family) -> None:
        try:
            _apply(one, deadline)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in families]
    for thread in threads:
        thread.start()
    done: Counter[str] = Counter()
    while done.total() < kills and not failures:
        name = chance.choices(PROCESSES, WEIGHTS)[0]
        if system.kill(name):
            done[name] += 1
        time.sleep(chance.uniform(0.2, 1.5))  # the rhythm of the kills, not a wait for anything
    for thread in threads:
        thread.join()
    assert not failures, failures[0]
    print(f"killed: {dict(done)}")  # noqa: T201 - shown with -s
    assert done.total() == kills

    phone = system.emulator()
    wait_until(
        lambda: system.count("SELECT count(*) FROM inbox_message WHERE state = 'received'") == 0,
        seconds=60,
        what="every stored message is answered",
    )
    # Every push that the platform got 200 for is stored, once.
    answered = {push.id: push for push in phone.pushes() if push.outcome == "answered"}
    stored = system.count("SELECT count(*) FROM inbox_message")
    assert stored >= len(answered), "a push was answered and is not stored"
    assert system.count("SELECT count(*) FROM inbox_message WHERE state = 'failed'") == 0

    # Every confirmed application exists once, with its one ticket, and the family has its number.
    cases = system.cases()
    numbers = Counter(case["receipt_number"] for case in cases)
    assert numbers == Counter(one.receipt_number() for one in families)
    assert system.count("SELECT count(*) FROM ticket WHERE kind = 'application'") == FAMILIES
    assert (
        system.count(
            "SELECT count(*) FROM (SELECT application_id FROM consent"
            " WHERE purpose = 'rehabilitation_guardian' GROUP BY 1 HAVING count(*) <> 1) AS twice"
        )
        == 0
    )
