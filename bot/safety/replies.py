"""What is said to somebody in danger: short, the number first, then the few right sentences.

The sentences are data (`replies.toml`), so that a psychiatrist can read them as a page.
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from bot.safety import lexicon
from bot.safety.screening import Screening
from bot.safety.text import DATA, normalise


def crisis_reply(screening: Screening, *, duty: bool, text: str = "") -> tuple[str, ...]:
    """Messages for a screening, in the order of sending; empty for `none`.

    `duty`: somebody is on duty now; without, the answer says so. `text`: the message itself, from
    which only is read whether it speaks of the writer or of somebody else.
    """
    if screening.level == "none":
        return ()
    kind = "fire" if _only_fire(screening) else screening.kind
    said = sentences(screening.level, kind, speaks_of_self=_of_self(text))
    if screening.level == "history":
        return (*said, *sentences("after", "history"))
    return (*said, *sentences("after", "duty" if duty else "nobody"))


def sentences(group: str, name: str, *, speaks_of_self: bool = False) -> tuple[str, ...]:
    """The messages of one entry. Raises KeyError for an entry that does not exist."""
    entry = _data()[group][name]
    if "any" in entry:
        return tuple(entry["any"])
    return tuple(entry["self" if speaks_of_self else "other"])


@cache
def _data() -> dict[str, dict[str, dict[str, Any]]]:
    return tomllib.loads((DATA / "replies.toml").read_text(encoding="utf-8"))


def _only_fire(screening: Screening) -> bool:
    return screening.level == "imminent" and "violence.fire" in screening.why


def _of_self(text: str) -> bool:
    """True if the writer speaks of herself, or of nobody: "想死"."""
    tokens = lexicon.tag(normalise(text))
    return bool(text) and not any(name in tokens for name in ("HE", "KIN", "OTHERS", "PATIENT"))
