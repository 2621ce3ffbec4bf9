"""Full hour: many reminders are due at once while scheduler and workers are killed. Each is sent
once, as the phones see it, or shown to staff as unsure; none is late, none is lost."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from bot.db import embedded
from bot.installation import open_installation
from bot.settings import Settings
from tests.crowd import coming_minute, write_plans
from tests.system import System, wait_until

DUE_A_KILL = 40
"""2,000 due for the 50 kills of the full run."""
PROCESSES = ("worker", "scheduler")
WITHIN = 600.0


@pytest.mark.timeout(1200)
def test_killed_at_the_full_hour(system: System, request: pytest.FixtureRequest) -> None:
    kills = request.config.getoption("--kills")
    due = DUE_A_KILL * kills
    chance = random.Random(8)
    openids = system.emulator().add_people(due, window="message")
    settings = Settings(data_dir=system.data_dir, _env_file=None)
    url = embedded.url_of(embedded.start(system.data_dir), "jingkang")
    open_installation(settings, url=url).close()  # its keys are this process's now
    eight = coming_minute(seconds_left=5)
    write_plans(url, due, due_at=eight, openids=openids)
    assert datetime.now(UTC) < eight

    wait_until(lambda: datetime.now(UTC) >= eight, seconds=90, what="the full hour")
    done: Counter[str] = Counter()
    deadline = time.monotonic() + WITHIN
    while done.total() < kills:
        assert time.monotonic() < deadline, f"only {dict(done)} killed"
        name = chance.choices(PROCESSES, (3, 2))[0]
        if system.kill(name):
            done[name] += 1
        time.sleep(chance.uniform(0.1, 0.7))  # the rhythm of the kills, not a wait for anything
    wait_until(
        lambda: system.count("SELECT count(*) FROM dose WHERE state <> 'due'") == due,
        seconds=WITHIN,
        what="no dose waits any more",
    )

    received = Counter(
        {one.openid: one.received.get("custom", 0) for one in system.emulator().people()}
    )
    twice = [openid for openid in openids if received[openid] > 1]
    assert twice == [], f"{len(twice)} people were reminded twice"
    unsure = system.count("SELECT count(*) FROM dose WHERE unsure")
    arrived = sum(received[openid] for openid in openids)
    print(f"killed {dict(done)}: {arrived} of {due} arrived, {unsure} unsure")  # noqa: T201
    # What did not arrive is among the unsure, and each of those has its ticket.
    assert due - arrived <= unsure
    assert system.count("SELECT count(*) FROM dose WHERE state = 'sent'") == due
    assert (
        system.count("SELECT count(*) FROM ticket WHERE source_key LIKE 'outbox:%:unsure'")
        == unsure
    )
    assert system.count("SELECT count(*) FROM dose WHERE sent_at >= window_ends_at") == 0
    assert system.count("SELECT count(*) FROM dose") == due
