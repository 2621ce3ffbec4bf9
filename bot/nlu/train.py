"""Trains the dialogue model, and only when its data changed."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ("nlu", "lookups", "rules")
CODE = ("features.py", "linear.py", "component.py", "intents.py", "script.py")
KEEP = 2
"""Trained models kept: the one in use, and the one before it."""


def needed(settings: Settings) -> bool:
    """True when the data or the code of the model has changed since the last training."""
    return not _target(settings).exists()


def run(settings: Settings) -> int:
    """Train if needed; returns an exit status. Two at once train once."""
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    with _alone(settings.models_dir / "training.lock"):
        target = _target(settings)
        if target.exists():
            return 0
        print("training the dialogue model …", flush=True)  # noqa: T201 - a command line speaks
        status = _train(settings, target)
        if status == 0:
            _tidy(settings.models_dir, target)
        return status


def _train(settings: Settings, target: Path) -> int:
    from bot.rasa_process import ENVIRONMENT, rasa_environment

    drugs = settings.models_dir / "drugs.yml"
    drugs.write_text(_drug_lookup())
    command = [
        str(ENVIRONMENT / "bin" / "python"),
        *("-m", "rasa", "train", "--config", "config.yml", "--domain", "nlu_data/domain"),
        *("--data", *(f"nlu_data/{folder}" for folder in DATA), str(drugs)),
        *("--out", str(settings.models_dir), "--fixed-model-name", f".{target.name}"),
    ]
    started = time.monotonic()
    log = settings.models_dir / "training.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command, cwd=ROOT, env=rasa_environment(), stdout=output, stderr=subprocess.STDOUT
        )
        while process.poll() is None:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                print(f"  {time.monotonic() - started:.0f} s", flush=True)  # noqa: T201
    draft = target.with_name(f".{target.name}")
    if process.returncode or not draft.exists():
        print(log.read_text(errors="replace")[-3000:], file=sys.stderr)  # noqa: T201
        return 1
    draft.rename(target)
    print(f"trained in {time.monotonic() - started:.0f} s", flush=True)  # noqa: T201
    return 0


def _drug_lookup() -> str:
    """Drug names as a lookup table: Rasa's Python cannot read the TOML file they live in.

    Names of two characters are left out: as words of their own they are something else.
    """
    data = tomllib.loads((ROOT / "nlu_data" / "drugs.toml").read_text(encoding="utf-8"))
    names = dict.fromkeys(
        name
        for entry in data["drug"]
        for name in (
            entry["generic"],
            *entry.get("also", ()),
            *entry.get("brands", ()),
            *entry.get("slips", ()),
        )
        if len(name) >= 3
    )
    lines = ['version: "3.1"', "nlu:", "- lookup: drug", "  examples: |"]
    return "\n".join([*lines, *(f"    - {name}" for name in names)]) + "\n"


def _target(settings: Settings) -> Path:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return settings.models_dir / f"jingkang-{digest.hexdigest()[:12]}.tar.gz"


def _sources() -> Iterator[Path]:
    yield ROOT / "config.yml"
    yield ROOT / "requirements" / "rasa.txt"
    yield ROOT / "nlu_data" / "drugs.toml"
    yield from (ROOT / "bot" / "nlu" / name for name in CODE)
    for folder in (*DATA, "domain"):
        yield from sorted((ROOT / "nlu_data" / folder).rglob("*.yml"))


def _tidy(folder: Path, newest: Path) -> None:
    models = sorted(folder.glob("jingkang-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for old in [model for model in models if model != newest][: -(KEEP - 1)]:
        old.unlink()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
