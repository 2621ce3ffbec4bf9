"""The pieces that a message about reminders is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto
from fractions import Fraction


class T(StrEnum):
    """Kinds of token. What `value`, `items` and `number` hold is said beside each."""

    DRUG = auto()  # value: generic or ""; items: name as written, "group"/"other" marks
    SUBJECT = auto()  # value: a kind of the contract, what the reminder is about
    PART = auto()  # value: part of the day
    CLOCK = auto()  # value: "H:MM"; items: "24h" when the half of the day is certain
    MEAL = auto()  # value: before, after, with; items: meals, none if unnamed; number: minutes
    DOSE = auto()  # value: unit; number: amount; items: "range", "package", "total"
    BARE = auto()  # number: a number without a unit where a dose or an hour may stand
    EACH = auto()  # each time, at each of the times before
    FREQ = auto()  # number: times a day; items: times that the term itself names
    SPLIT = auto()  # number: a daily amount is divided into so many doses
    EVERY = auto()  # value: a `repeat`
    TIMES_A = auto()  # value: week or month; number: times in it
    DATE = auto()  # value: a date in the words of `once:`; items: "vague", "lunar", "past", "after"
    WEEKDAY = auto()  # value: every, except, next, this or ""; items: days
    DELTA = auto()  # number: minutes from now
    SPAN = auto()  # value: "7d", "2mon"; number: days
    PHASE = auto()  # value: first, nth, after, range; number: days of one step
    THEN = auto()  # the next step of a series
    LEAD = auto()  # value: "2d", "30m" before the event
    LAST = auto()  # the date beside it is that of the last time
    NEXT = auto()  # the date beside it is that of the next time
    FROM = auto()  # the date before it is the first day
    UNTIL = auto()  # the date after it is the last day
    PRN = auto()  # as needed
    ALSO = auto()  # the same again
    CHANGE = auto()  # what stands after it replaces what stands before it
    NOISE = auto()  # a number that is none of ours: a ward, a floor, an age, a price
    STRAY = auto()  # a number that nothing else explains


SIGNIFICANT = frozenset(
    {
        T.DRUG,
        T.PART,
        T.CLOCK,
        T.MEAL,
        T.DOSE,
        T.BARE,
        T.FREQ,
        T.SPLIT,
        T.EVERY,
        T.TIMES_A,
        T.DATE,
        T.WEEKDAY,
        T.DELTA,
        T.SPAN,
        T.PHASE,
        T.LEAD,
        T.PRN,
        T.ALSO,
        T.STRAY,
    }
)
"""Tokens that a plan must account for: nothing of these may get lost without a question."""

SLOTS = frozenset({T.PART, T.CLOCK, T.MEAL})
AMOUNTS = frozenset({T.DOSE, T.BARE})
DAYS = frozenset({T.EVERY, T.DATE, T.WEEKDAY, T.TIMES_A})


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """One piece: the normalised text from `start` to `end`. Two tokens are never equal."""

    kind: T
    start: int
    end: int
    value: str = ""
    items: tuple[str, ...] = ()
    number: Fraction | None = None

    def at(self, start: int, end: int) -> Token:
        return Token(self.kind, start, end, self.value, self.items, self.number)


_STRENGTH = {"\n": 4, ";": 3, "。": 3, "!": 3, "?": 3, ",": 2, "、": 1}


def boundary(gap: str) -> float:
    """How strongly the text between two tokens parts them: 0 for none, 4 for a new line."""
    strength = max((float(_STRENGTH.get(char, 0)) for char in gap), default=0.0)
    if strength < 1.5 and any(word in gap for word in ("还有", "另外", "然后", "以及", "再就是")):
        return 1.5
    if not strength and " " in gap:
        return 0.8
    return strength
