"""Runs every test in an order that fails early, and says what each part took."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = (
    ("unit", "pure functions"),
    ("integration", "real PostgreSQL"),
    ("conversation", "real Rasa through the real callback"),
    ("browser", "pages in Chromium; screenshots in test-output/screenshots"),
    ("acceptance", "real processes, killed"),
)


def main() -> int:
    failed = []
    for part, what in PARTS:
        print(f"\n== tests/{part}: {what}", flush=True)
        started = time.monotonic()
        code = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", f"tests/{part}", *sys.argv[1:]],
            cwd=ROOT,
            check=False,
        ).returncode
        print(f"== tests/{part}: {time.monotonic() - started:.0f} s", flush=True)
        if code:
            failed.append(part)
    if failed:
        print(f"\nFailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
