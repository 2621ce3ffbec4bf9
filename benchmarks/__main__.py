"""``make bench``: measures, prints a table, writes it to benchmarks/RESULTS.md."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import callback, policy_search, reminders, replies
from benchmarks.table import Row, markdown
from tests.system import ROOT, System

TOGETHER = {"replies": replies.measure, "callback": callback.measure}
"""Parts that share one installation."""
ALONE = {"policy": policy_search.measure, "reminders": reminders.measure}


def main() -> int:
    wanted = sys.argv[1:] or [*TOGETHER, *ALONE]
    rows: list[Row] = []
    if any(part in TOGETHER for part in wanted):
        with tempfile.TemporaryDirectory(prefix="jingkang-bench-") as folder:
            system = System(Path(folder) / "installation")
            print("starting an installation …", flush=True)
            system.start()
            try:
                for part in wanted:
                    if part in TOGETHER:
                        rows += _shown(part, TOGETHER[part](system))
            finally:
                system.stop()
    for part in wanted:
        if part in ALONE:
            rows += _shown(part, ALONE[part]())
    table = markdown(rows)
    print("\n" + table)
    if not sys.argv[1:]:
        (ROOT / "benchmarks" / "RESULTS.md").write_text(_page(table))
    return 0


def _shown(part: str, measured: Iterable[Row]) -> list[Row]:
    """The rows of one part, each printed as soon as it is known."""
    print(f"measuring {part} …", flush=True)
    rows = []
    for row in measured:
        print(f"  {row.what}: {row.value}", flush=True)
        rows.append(row)
    return rows


def _page(table: str) -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return (
        "# Results of `make bench`\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit}, {os.cpu_count()} cores, "
        f"{platform.machine()}, Python {platform.python_version()}. "
        "Load generator and servers share the machine; read the ratios.\n\n"
        f"{table}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
