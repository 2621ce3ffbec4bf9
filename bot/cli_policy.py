"""``jingkang policy import`` and ``jingkang policy ask``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.clock import LOCAL
from bot.installation import (
    Installation,
    database_url,
    migrate_installation,
    open_installation,
)
from bot.policy import library
from bot.policy.answer import answer
from bot.policy.documents import DocumentError, read_document
from bot.policy.regions import parse
from bot.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe both commands."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    importing = actions.add_parser(
        "import", help="take in official documents (txt, docx, pdf, html)"
    )
    importing.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    importing.add_argument("--region", help="where they apply, as name or code; else as they say")
    importing.set_defaults(run=run_import)
    asking = actions.add_parser("ask", help="answer questions from documents and cards")
    asking.add_argument("question", nargs="?")
    asking.add_argument("--region", help="where the person lives")
    asking.add_argument("--input", type=Path, help="one JSON object a line: question, region")
    asking.add_argument("--json", action="store_true", help="one JSON object a line")
    asking.set_defaults(run=run_ask)


def run_import(arguments: argparse.Namespace) -> int:
    """Import every file that can be read; the others are named, and the status is 1."""
    region = None
    if arguments.region is not None:
        region = parse(arguments.region)
        if region is None:
            return _refuse(f"没有认出地区“{arguments.region}”，请写省、市、县的名字或代码。")
    paths = list(_files(arguments.paths))
    if not paths:
        return _refuse("文件夹里没有文件。")
    installation = _open()
    failed = False
    for path in paths:
        try:
            document = read_document(path, region=region)
        except (DocumentError, OSError) as error:
            failed = True
            print(f"{path}: {_reason(error)}", file=sys.stderr)
            continue
        with installation.database.transaction() as session:
            done = library.import_document(
                session, document=document, by="system:command-line", now=installation.clock()
            )
        clauses = sum(1 for clause in document.clauses if clause.kind == "body")
        print(
            f"{path}: {'替换' if done.replaced else '收下'}《{document.title.strip('《》')}》"
            f" {document.number or '（无文号）'}，{clauses} 条"
        )
        for doubt in document.doubts:
            print(f"  请核对：{doubt}")
    installation.close()
    return 1 if failed else 0


def run_ask(arguments: argparse.Namespace) -> int:
    """Answer one question or a file of them; a line that cannot be read is named, not skipped."""
    if (arguments.question is None) == (arguments.input is None):
        return _refuse("give either a QUESTION or --input FILE")
    lines: list[str] = []
    if arguments.input is not None:
        try:
            lines = arguments.input.read_text(encoding="utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError):
            return _refuse(f"{arguments.input}: 打不开，或者不是 UTF-8 编码的文本。")
    installation = _open()
    today = installation.clock().astimezone(LOCAL).date()
    with installation.database.transaction() as session:
        index = library.build_index(session)
    failed = False
    for asked in _questions(arguments.question, lines):
        if "error" in asked:
            failed = True
            print(json.dumps(asked, ensure_ascii=False))
            continue
        found = answer(
            asked["question"],
            region=asked.get("region") or arguments.region,
            index=index,
            today=today,
        )
        if arguments.json or arguments.input:
            print(json.dumps(found.to_contract(), ensure_ascii=False))
        else:
            print(found.text)
    installation.close()
    return 1 if failed else 0


def _questions(question: str | None, lines: list[str]) -> Iterator[dict[str, Any]]:
    """The one question, or those of the lines; a line that is none gives an `error`."""
    if question is not None:
        yield {"question": question}
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            texts = (asked["question"], asked.get("region") or "")
            if not all(isinstance(text, str) for text in texts):
                raise TypeError
        except (ValueError, KeyError, TypeError):
            error = f"line {number} is not a JSON object with `question`"
            yield {"question": None, "answered": False, "citations": [], "error": error}
            continue
        yield asked


def _files(paths: list[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.iterdir() if p.is_file() and p.name[0] != ".")
        else:
            yield path


def _reason(error: Exception) -> str:
    return f"打不开（{error.strerror}）" if isinstance(error, OSError) else str(error)


def _refuse(sentence: str) -> int:
    print(f"jingkang: {sentence}", file=sys.stderr)
    return 2


def _open() -> Installation:
    """The installation of this command, migrated where its database is the embedded one."""
    settings = Settings()
    url = database_url(settings)
    if not settings.database_url:
        migrate_installation(settings, url)
    return open_installation(settings, url=url, pool_size=2)
