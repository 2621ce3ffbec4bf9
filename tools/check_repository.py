"""Rules about the repository itself that no linter knows. Called by `make check`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 500
OUTSIDE = re.compile(rb"<(?:script|link|img)[^>]+(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE)
INLINE = re.compile(rb"<script(?![^>]*\bsrc=)|<style|\son[a-z]+=[\"']|\sstyle=[\"']", re.IGNORECASE)


def main() -> int:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    problems = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if not path.is_file():
            continue
        if path.suffix == ".py" and not {"migrations", "tests"} & set(path.parts):
            lines = path.read_text().count("\n")
            if lines > LONGEST_MODULE:
                problems.append(f"{name}: {lines} lines; split it (at most {LONGEST_MODULE})")
        if path.suffix in (".html", ".jinja", ".j2"):
            content = path.read_bytes()
            if OUTSIDE.search(content):
                problems.append(f"{name}: loads something from outside")
            if INLINE.search(content):
                problems.append(f"{name}: inline script or style, which the pages' policy forbids")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
