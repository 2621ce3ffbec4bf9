"""Resolves both environments again, with hashes. Called by `make lock`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import setup

ROOT = setup.ROOT
REQUIREMENTS = ROOT / "requirements"


def compile_lock(uv: str, output: str, source: str, *options: str) -> None:
    subprocess.run(
        [
            uv,
            "pip",
            "compile",
            "--quiet",
            "--generate-hashes",
            "--no-header",
            *options,
            source,
            "--output-file",
            str(REQUIREMENTS / output),
        ],
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    print(f"requirements/{output}")


def main() -> None:
    uv = setup.find_uv()
    application = ("--universal", "--python-version", "3.11")
    compile_lock(uv, "app.txt", "pyproject.toml", *application)
    # The development set is the application's with tools beside it, never other versions of it.
    constrained = ("--constraints", "requirements/app.txt")
    compile_lock(uv, "dev.txt", "pyproject.toml", "--group", "dev", *constrained, *application)
    compile_lock(uv, "rasa.txt", "requirements/rasa.in", "--python-version", "3.10")


if __name__ == "__main__":
    main()
