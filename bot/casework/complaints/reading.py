"""What a complaint's words say: its kind, and the institution that they name."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casework.complaints.words import SIGNS
from bot.casework.institution_models import Institution
from bot.casework.models import Staff

_PLACE = re.compile(r"^.{2,9}?(?:省|市|区|县|旗|街道|镇|乡)")
_SHORTEST = 4
"""Characters of a name that are enough to recognise it by."""


def kind_of(text: str) -> str:
    """The gravest kind whose everyday words are there; ``other`` when none is."""
    for kind, signs in SIGNS:
        if any(sign in text for sign in signs):
            return kind
    return "other"


def institution_in(session: Session, text: str) -> int | None:
    """The institution of the directory whose name, with or without its place, is in the text."""
    best: tuple[int, int] | None = None
    for institution_id, name in session.execute(select(Institution.id, Institution.name)):
        for called in (name, _PLACE.sub("", name)):
            if (
                len(called) >= _SHORTEST
                and called in text
                and (best is None or len(called) > best[0])
            ):
                best = (len(called), institution_id)
    return best[1] if best else None


def staff_in(session: Session, text: str) -> list[int]:
    """Members of staff whose name is in the text, with whatever they are called after it."""
    return [
        staff_id
        for staff_id, name in session.execute(select(Staff.id, Staff.display_name))
        if name in text
        or (name and f"{name[0]}社工" in text)
        or (name and f"姓{name[0]}的社工" in text)
    ]
