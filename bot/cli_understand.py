"""``jingkang understand``: what the bot understands of sentences. Needs no network and no Rasa."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.dialogue.understanding import understand
from bot.nlu.model import NoModel, find_model, read_model
from bot.settings import Settings

LONGEST = 20_000
"""Characters of one sentence; WeChat ends a message far earlier."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.add_argument("text", nargs="?", metavar="TEXT")
    parser.add_argument("--input", type=Path, help="one JSON object with `text` a line")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    """Print one object a sentence, in order; a line that cannot be read is named in its place."""
    if (arguments.text is None) == (arguments.input is None):
        print("jingkang: give either a TEXT or --input FILE", file=sys.stderr)
        return 2
    settings = Settings()
    path = find_model(settings)
    try:
        if path is None:
            raise NoModel(f"no trained model in {settings.models_dir}: run `jingkang train`")
        model = read_model(path)
        texts = list(_texts(arguments))
    except (NoModel, OSError) as error:
        print(f"jingkang: {error}", file=sys.stderr)
        return 2
    failed = False
    for text, problem in texts:
        if problem:
            failed = True
            print(json.dumps({"text": text, "error": problem}, ensure_ascii=False))
            continue
        found = understand(text, model).to_contract()
        if arguments.json or arguments.input:
            print(json.dumps(found, ensure_ascii=False))
        else:
            print(json.dumps(found, ensure_ascii=False, indent=2))
    return 1 if failed else 0


def _texts(arguments: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Sentences, each with what is wrong with its line (nothing, mostly)."""
    if arguments.text is not None:
        yield _printable(arguments.text), ""
        return
    with arguments.input.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                text = json.loads(line)["text"]
            except (ValueError, KeyError, TypeError, RecursionError):
                text = None
            if not isinstance(text, str):
                shown = _printable(line.rstrip("\n"))[:LONGEST]
                yield shown, f"line {number} is not a JSON object with `text`"
            elif len(text) > LONGEST:
                yield _printable(text[:LONGEST]), f"line {number} is longer than {LONGEST}"
            else:
                yield _printable(text), ""


def _printable(text: str) -> str:
    """JSON may hold half of a character pair, which no terminal and no file can."""
    return text.encode("utf-8", "replace").decode("utf-8")
