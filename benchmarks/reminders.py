"""Eight o'clock: many plans, a part of them due in the same minute, handed to the emulated platform.

Run by itself with ``python -m benchmarks.reminders --plans 1000000 --due 100000``; the numbers
without arguments are a tenth of that. Processes are those of an installation: one scheduler, one
worker, the emulator; PostgreSQL is the embedded one with its own settings.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg

from benchmarks.table import Row
from scheduler import reminders
from tests.crowd import Morning, coming_minute, write_plans
from tests.system import System, wait_until

PLANS, DUE = 100_000, 10_000
SMALL = 10_000
PER_TICK = 1_000
TICKS = 7


def measure(system: System | None = None, *, plans: int = PLANS, due: int = DUE) -> Iterator[Row]:
    """Rows of the table; an installation of its own, ``system`` is left alone."""
    del system
    with tempfile.TemporaryDirectory(prefix="jingkang-reminders-") as folder:
        bench = _Bench(Path(folder))
        yield from bench.ticks(plans)
        yield from bench.full_hour(plans, due)


class _Bench:
    def __init__(self, folder: Path) -> None:
        self.morning = Morning(folder)
        self.url = self.morning.url
        self.plans = 0

    def ticks(self, plans: int) -> Iterator[Row]:
        """What a tick costs beside few plans and beside many, for as many due."""
        costs = {}
        for beside in (SMALL, plans):
            self.fill(beside - self.plans)
            costs[beside] = self._tick_costs()
            idle = self._seconds_of_tick()
            yield Row(f"tick, nothing due, {beside:,} plans", f"{idle * 1000:.1f} ms", "")
            yield Row(
                f"tick, {PER_TICK:,} due, {beside:,} plans", f"{costs[beside] * 1000:.0f} ms", ""
            )
        ratio = costs[plans] / costs[SMALL]
        yield Row(f"tick cost, {plans:,} plans / {SMALL:,}", f"{ratio:.2f}", "≤ 1.2")

    def full_hour(self, plans: int, due: int) -> Iterator[Row]:
        """All that is due at one minute goes out."""
        self.fill(plans - due - self.plans)
        self.morning.start()
        try:
            openids = self.morning.phones.add_people(due, window="message")
            eight = coming_minute(seconds_left=10 + due / 2000)
            self.fill(due, due_at=eight, openids=openids)
            assert datetime.now(UTC) < eight, "writing the plans took longer than was allowed for"
            memory = _Memory(self.morning.processes())
            with memory.watched():
                self.morning.phones.wait_delivered("custom", due, timeout=3600)
                wait_until(
                    lambda: (
                        self.morning.row("SELECT count(*) FROM dose WHERE state = 'sent'") == (due,)
                    ),
                    seconds=60,
                    what="every dose is noted as sent",
                )
            yield from self._results(plans, due, eight, memory)
        finally:
            self.morning.stop()

    def _results(self, plans: int, due: int, eight: datetime, memory: _Memory) -> Iterator[Row]:
        last, p50, p99, tries, released = self.morning.row(
            "SELECT max(lag), percentile_cont(0.5) WITHIN GROUP (ORDER BY lag),"
            " percentile_cont(0.99) WITHIN GROUP (ORDER BY lag), count(*),"
            " (SELECT extract(epoch FROM max(created_at) - %s) FROM outbox_message"
            "  WHERE created_at >= %s)"
            " FROM (SELECT extract(epoch FROM ended_at - %s) AS lag FROM send_attempt) AS lags",
            (eight, eight, eight),
        )
        assert tries == due, f"{tries} attempts for {due} doses"
        yield Row(
            f"{due:,} due at once beside {plans:,} plans: all handed over after",
            f"{last:.0f} s",
            "< 600 s for 100,000",
        )
        yield Row("sent a second", f"{due / float(last):.0f}", "> 170")
        yield Row("lag p50 / p99 / max", f"{p50:.0f} / {p99:.0f} / {last:.0f} s", "")
        yield Row("plans released a second", f"{due / max(float(released), 0.001):.0f}", "")
        for name, peak in memory.peaks.items():
            yield Row(f"memory of {name}", f"{peak / 2**20:.0f} MB", "< 300 MB")

    def fill(
        self, count: int, *, due_at: datetime | None = None, openids: Sequence[str] = ()
    ) -> None:
        if count > 0:
            write_plans(self.url, count, due_at=due_at, openids=openids)
            self.plans += count

    def _tick_costs(self) -> float:
        """Median seconds of a tick that finds `PER_TICK` plans; the first ones only warm up."""
        costs = []
        for _ in range(TICKS):
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(
                    "UPDATE plan SET next_due = now() - interval '1 second' WHERE id IN"
                    " (SELECT id FROM plan WHERE next_due > now() + interval '1 hour'"
                    "  ORDER BY id LIMIT %s)",
                    (PER_TICK,),
                )
            costs.append(self._seconds_of_tick())
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute("TRUNCATE dose, outbox_message, pgqueuer CASCADE")
        return statistics.median(costs[2:])

    def _seconds_of_tick(self) -> float:
        started = time.perf_counter()
        reminders.doses(self.morning.installation)
        return time.perf_counter() - started


class _Memory:
    """The most that each process ever held."""

    def __init__(self, processes: dict[str, psutil.Process]) -> None:
        self._processes = processes
        self.peaks = dict.fromkeys(processes, 0)

    @contextmanager
    def watched(self) -> Iterator[None]:
        over = threading.Event()

        def look() -> None:
            while not over.wait(0.5):
                for name, process in self._processes.items():
                    self.peaks[name] = max(self.peaks[name], process.memory_info().rss)

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=PLANS)
    parser.add_argument("--due", type=int, default=DUE)
    wanted = parser.parse_args()
    for row in measure(plans=wanted.plans, due=wanted.due):
        print(f"{row.what}: {row.value}  {row.target}", flush=True)


if __name__ == "__main__":
    main()
