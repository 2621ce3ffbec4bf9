"""Full hour: many reminders are due at once while scheduler and worker are killed. Each is sent
once, as the phones see it, or shown to staff as unsure; none is late, none is lost."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.crowd import Morning, coming_minute, write_plans
from tests.system import wait_until

DUE_A_KILL = 40
"""2,000 due for the 50 kills of the full run."""
PROCESSES = ("worker", "scheduler")
WITHIN = 600.0


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[Morning]:
    running = Morning(tmp_path / "installation")
    running.start()
    yield running
    running.stop()


@pytest.mark.timeout(1200)
def test_killed_at_the_full_hour(morning: Morning, request: pytest.FixtureRequest) -> None:
    kills = request.config.getoption("--kills")
    due = DUE_A_KILL * kills
    chance = random.Random(8)
    openids = morning.phones.add_people(due, window="message")
    eight = coming_minute(seconds_left=5)
    write_plans(morning.url, due, due_at=eight, openids=openids)
    assert datetime.now(UTC) < eight

    wait_until(lambda: datetime.now(UTC) >= eight, seconds=90, what="the full hour")
    done: Counter[str] = Counter()
    while done.total() < kills:
        # In the middle of the work: some more have been sent since the last kill, or all.
        aim = min(_settled(morning) + chance.randint(1, DUE_A_KILL), due)
        wait_until(
            lambda aim=aim: _settled(morning) >= aim, seconds=WITHIN, what="more of them are sent"
        )
        name = chance.choices(PROCESSES, (3, 2))[0]
        morning.kill(name)
        done[name] += 1
    wait_until(lambda: _settled(morning) == due, seconds=WITHIN, what="no dose waits any more")

    received = {one.openid: one.received.get("custom", 0) for one in morning.phones.people()}
    twice = [openid for openid in openids if received[openid] > 1]
    assert twice == [], f"{len(twice)} people were reminded twice"
    arrived = sum(received[openid] for openid in openids)
    (unsure,) = morning.row("SELECT count(*) FROM dose WHERE unsure")
    print(f"killed {dict(done)}: {arrived} of {due} arrived, {unsure} unsure")  # noqa: T201
    # What did not arrive is among the unsure, and each of those has its ticket.
    assert due - arrived <= unsure
    assert unsure < due / 2, "the processes hardly ever came to send anything"
    tickets = "SELECT count(*) FROM ticket WHERE source_key LIKE 'outbox:%:unsure'"
    assert morning.row(tickets) == (unsure,)
    assert morning.row("SELECT count(*), count(*) FILTER (WHERE state = 'sent') FROM dose") == (
        due,
        due,
    )
    assert morning.row("SELECT count(*) FROM dose WHERE sent_at >= window_ends_at") == (0,)


def _settled(morning: Morning) -> int:
    return int(morning.row("SELECT count(*) FROM dose WHERE state <> 'due'")[0])
