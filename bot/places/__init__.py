"""Administrative divisions of China to county level, and finding them in everyday text. Pure.

    find("我们南乐那边")[0].full_name  →  "河南省濮阳市南乐县"

Codes are the six digits of GB/T 2260. `data/` holds the tables, each with its source and date.
"""

from bot.places.finder import Certainty, PlaceMatch, find, is_within
from bot.places.gazetteer import Level, Place, children, places

__all__ = [
    "Certainty",
    "Level",
    "Place",
    "PlaceMatch",
    "ancestors",
    "counties",
    "find",
    "get",
    "is_within",
    "name",
]


def get(code: str) -> Place | None:
    """The division with this code, abolished ones included (`current` is then false)."""
    return places().get(code)


def name(code: str) -> str:
    """Its own name (思明区). Raises KeyError for an unknown code."""
    return places()[code].name


def ancestors(code: str) -> tuple[str, ...]:
    """Codes above, nearest first: the city, then the province. Empty for a province.

    Raises KeyError for an unknown code.
    """
    above: list[str] = []
    while parent := places()[code].parent:
        above.append(parent)
        code = parent
    return tuple(above)


def counties(code: str) -> tuple[str, ...]:
    """Codes of the counties in a province or city, development zones left out.

    Empty for a county, and for the few cities that have none (东莞, 中山, 儋州, 嘉峪关): these are
    themselves what one asks for.
    """
    found: list[str] = []
    for below in children().get(code, ()):
        found.extend(counties(below) if places()[below].level == "city" else (below,))
    return tuple(found)
