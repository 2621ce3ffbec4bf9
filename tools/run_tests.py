"""Runs every test in an order that fails early, and says what each part took."""

from __future__ import annotations

import subprocess
import sys
import tempfile
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
    # A folder of our own: pytest tidies away old ones that another run may still be using.
    with tempfile.TemporaryDirectory(prefix="jingkang-tests-") as folder:
        for part, what in PARTS:
            if not _run(part, what, Path(folder)):
                failed.append(part)
    if failed:
        print(f"\nFailed: {', '.join(failed)}")
    return 1 if failed else 0


def _run(part: str, what: str, folder: Path) -> bool:
    print(f"\n== tests/{part}: {what}", flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", f"tests/{part}"]
    code = subprocess.run(
        [*command, f"--basetemp={folder / part}", *sys.argv[1:]], cwd=ROOT, check=False
    ).returncode
    print(f"== tests/{part}: {time.monotonic() - started:.0f} s", flush=True)
    return code == 0


if __name__ == "__main__":
    sys.exit(main())
