"""Which of a contact's people is meant: by name, by kinship, as first or second, or as before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_HAN = "一二三四五六七八九"
_NUMBERED = re.compile(
    rf"第\s*([1-9{_HAN}])\s*(?:个|位|份|条)|^\s*([1-9{_HAN}])\s*(?:号|个)?[。.、]?\s*$"
)
_CHILD = re.compile(
    r"老([大二三四五六]|小)|(?:^|[^不太多])([大小])的(?:那个)?(?:$|[，,。的])|([大小])(?:儿子|女儿|妹|弟)"
)
_LAST = re.compile("最后(?:那|一)个|后(?:面|头|边)(?:那|的)|另(?:外)?一个")
_FIRST = re.compile("前(?:面|头|边)(?:那|的)|头一个")
_AS_BEFORE = re.compile(
    "(?:还是|就是|刚才|刚刚|上面|之前)(?:说)?的?(?:那个|那位|他|她|这个)|^(?:他|她)(?:的)?$"
)
_CHILDREN = {"大": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5}


@dataclass(frozen=True)
class Person:
    """Somebody this contact cares for. ``term``: what the contact calls them, 儿子 or 妹妹."""

    name: str
    term: str = ""


def meant(text: str, people: Sequence[Person], *, last: Person | None = None) -> Person | None:
    """The one person whom a text speaks of, or None where it does not say.

    ``people`` are in the order in which they were listed to the family, the eldest first.
    ``last``: of whom was spoken last.
    """
    named = [person for person in people if _names(text, person)]
    if len(named) == 1:
        return named[0]
    if named:
        return None
    if (place := _place(text, len(people))) is not None:
        return people[place] if place < len(people) else None
    of_kin = [person for person in people if person.term and person.term in text]
    if len(of_kin) == 1:
        return of_kin[0]
    if not of_kin and last is not None and _AS_BEFORE.search(text):
        return last
    return None


def _names(text: str, person: Person) -> bool:
    """The full name, or a given name of two characters."""
    given = person.name[-2:] if len(person.name) > 2 else ""
    return person.name in text or bool(given and given in text)


def _place(text: str, people: int) -> int | None:
    """A place in the list, from 0."""
    if (numbered := _NUMBERED.search(text)) is not None:
        number = numbered[1] or numbered[2]
        return int(number) - 1 if number.isdigit() else _HAN.index(number)
    if (child := _CHILD.search(text)) is not None:
        word = child[1] or child[2] or child[3]
        return people - 1 if word == "小" else _CHILDREN[word]
    if _LAST.search(text):
        return people - 1
    return 0 if _FIRST.search(text) else None
