"""Times of the day: tokens turned into the contract's `times`.

"08:00", an anchor such as `after_lunch`, or "08:00|20:00" where the half of the day is not said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.care.reading.tokens import SLOTS, T, Token, boundary

ANCHORS = frozenset({"morning", "noon", "afternoon", "evening", "bedtime"})
_MEAL_OF = {"morning": "breakfast", "noon": "lunch", "evening": "dinner", "afternoon": "dinner"}
_TRANSPARENT = frozenset({T.SUBJECT, T.EVERY, T.DATE, T.WEEKDAY, T.EACH, T.FROM, T.FREQ})
_JOINED = re.compile(r"[\s、/和跟与及同,\-]*")


@dataclass(slots=True)
class Point:
    """One time of the day. `key` is "" for a part of the night that has no anchor."""

    key: str
    tokens: list[Token] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    @property
    def ambiguous(self) -> bool:
        return "|" in self.key


@dataclass(slots=True)
class Timing:
    """The points of a message in order, with what was said about them beside their hour."""

    points: list[Point] = field(default_factory=list)
    offset: str | None = None
    vague: bool = False
    """A range of hours, or a part of the night without an hour: ask."""


def at(hour: int, minute: int) -> str:
    return f"{hour % 24:02d}:{minute:02d}"


def _half_day(part: str, hour: int) -> int | None:
    """The hour of 24 that `hour` of 12 means in `part`; None where they do not fit."""
    ranges: dict[str, dict[range, int]] = {
        "unfixed": {},
        "morning": {range(1, 13): 0},
        "noon": {range(10, 13): 0, range(1, 4): 12},
        "afternoon": {range(1, 9): 12, range(12, 13): 0},
        "evening": {range(5, 12): 12, range(12, 13): 12, range(1, 4): 0},
        "night": {range(9, 12): 12, range(12, 13): 12, range(1, 6): 0},
        "dawn": {range(1, 8): 0, range(12, 13): 12},
        "bedtime": {range(6, 12): 12, range(12, 13): 12, range(1, 4): 0},
    }
    for hours, shift in ranges[part].items():
        if hour in hours:
            return (hour + shift) % 24
    return None


def _hour_minute(token: Token) -> tuple[int, int]:
    hour, _, minute = token.value.partition(":")
    return int(hour), int(minute)


def _clock_key(token: Token, part: str | None, certain: bool) -> str:
    hour, minute = _hour_minute(token)
    if hour == 0 or hour > 12:
        return at(hour, minute)
    if part is not None and (fitted := _half_day(part, hour)) is not None:
        return at(fitted, minute)
    if part is None and (certain or "24h" in token.items):
        return at(hour, minute)
    if hour == 12:
        return f"{at(12, minute)}|{at(0, minute)}"
    return f"{at(hour, minute)}|{at(hour + 12, minute)}"


def read_times(tokens: list[Token], chars: str) -> Timing:
    """The times named by `tokens`, which are those of one plan."""
    slots = [token for token in tokens if token.kind in SLOTS]
    timing = Timing(vague=any("range" in token.items for token in slots))
    # 7:00 beside 19:00, and 7点 beside 19点: written by the clock of 24 hours.
    written = {
        "digital" in token.items
        for token in slots
        if token.kind is T.CLOCK and "24h" in token.items
    }
    place = {id(token): n for n, token in enumerate(tokens)}
    current: Token | None = None  # the part of the day that later hours of the same list share
    n = 0
    while n < len(slots):
        token = slots[n]
        if token.kind is T.PART:
            run = _run(slots, n, tokens, place, chars)
            n += len(run)
            following = slots[n] if n < len(slots) else None
            if following is not None and _joins(run[-1], following, tokens, place, chars):
                if following.kind is T.CLOCK:
                    timing.points += _parts_with_clock(run, following, chars)
                    current = run[-1]
                    n += 1
                    continue
                if following.kind is T.MEAL and _meal_joins(run, following):
                    timing.points += _parts_with_meal(run, following)
                    _note_offset(timing, following)
                    current = None
                    n += 1
                    continue
            timing.points += _anchors(run, chars)
            current = None
        elif token.kind is T.CLOCK:
            previous = timing.points[-1] if timing.points else None
            part = (
                current.value if current and previous and _lists(previous, token, chars) else None
            )
            key = _clock_key(token, part, ("digital" in token.items) in written)
            if part is not None and previous is not None and key <= previous.key:
                key = _clock_key(token, None, ("digital" in token.items) in written)
            timing.points.append(Point(key, [token]))
            n += 1
            continue
        else:
            timing.points += _meal_points(token)
            _note_offset(timing, token)
            current = None
            n += 1
    _spread_meal(timing)
    _refine_by_meal(timing, tokens, chars)
    _refine_by_bedtime(timing, tokens, place)
    _join_apart(timing, tokens, place)
    for slot in slots:
        if slot.kind is T.PART and slot.number is not None and timing.offset is None:
            timing.offset = _signed(slot)
    timing.vague = timing.vague or any(not point.key for point in timing.points)
    return timing


def _between(left: Token, right: Token, tokens: list[Token], place: dict[int, int]) -> list[Token]:
    return tokens[place[id(left)] + 1 : place[id(right)]]


def _run(
    slots: list[Token], n: int, tokens: list[Token], place: dict[int, int], chars: str
) -> list[Token]:
    """Parts of the day named one after the other with nothing but 、 or 和 between them."""
    run = [slots[n]]
    for following in slots[n + 1 :]:
        gap = chars[run[-1].end : following.start]
        if following.kind is not T.PART or not _JOINED.fullmatch(gap):
            break
        if _between(run[-1], following, tokens, place):
            break
        run.append(following)
    return run


def _joins(
    left: Token, right: Token, tokens: list[Token], place: dict[int, int], chars: str
) -> bool:
    gap = chars[left.end : right.start]
    if boundary(gap) >= 3 or len(gap) > 12:
        return False
    if any(token.kind not in _TRANSPARENT for token in _between(left, right, tokens, place)):
        return False
    if right.kind is T.MEAL:
        return re.fullmatch(r"[\s,的]*(?:各|吃|服|都)?[\s]*", gap) is not None
    return True


_USUAL = {
    "morning": range(5, 12),
    "noon": (11, 12, 1),
    "afternoon": range(1, 7),
    "evening": range(5, 12),
}
"""Hours that one number can name in several parts of the day at once."""


def _parts_with_clock(run: list[Token], clock: Token, chars: str) -> list[Point]:
    """早晚8点 and 早上和晚上8点 are two hours; in 早上、晚上8点 it belongs to the evening."""
    hour, _ = _hour_minute(clock)
    shared = (
        "、" not in chars[run[0].start : clock.start]
        and "," not in chars[run[0].start : clock.start]
    )
    if shared and all(hour in _USUAL.get(part.value, ()) for part in run):
        keys = [_clock_key(clock, part.value, False) for part in run]
        if len(set(keys)) == len(keys):
            last = Point(keys[-1], [run[-1], clock])
            return [*(Point(key, [part]) for key, part in zip(keys, run[:-1], strict=False)), last]
    # 晚上睡前9点: two words for one hour.
    if len(run) == 2 and run[1].value == "bedtime" and not chars[run[0].end : run[1].start].strip():
        return [Point(_clock_key(clock, run[0].value, False), [*run, clock])]
    return [
        *(_anchor(part) for part in run[:-1]),
        Point(_clock_key(clock, run[-1].value, False), [run[-1], clock]),
    ]


def _anchors(run: list[Token], chars: str) -> list[Point]:
    """A point for each part of the day; 晚上睡前 is one time: bedtime."""
    points = [_anchor(run[0])]
    for part in run[1:]:
        previous = points[-1].tokens[-1]
        close = not chars[previous.end : part.start].strip()
        if close and part.value == "bedtime" and previous.value in ("evening", "night"):
            points[-1] = Point("bedtime", [previous, part])
        else:
            points.append(_anchor(part))
    return points


def _meal_joins(run: list[Token], meal: Token) -> bool:
    return meal.value == "empty" or not meal.items or len(run) == 1


def _parts_with_meal(run: list[Token], meal: Token) -> list[Point]:
    if meal.value == "empty":
        *others, last = run
        if last.value not in _MEAL_OF:
            return [*(_anchor(part) for part in run), Point("before_meal", [meal])]
        key = f"before_{_MEAL_OF[last.value]}"
        return [*(_anchor(part) for part in others), Point(key, [last, meal])]
    if meal.items:  # 早上早饭后
        first, *rest = _meal_points(meal)
        if run[-1].value in _MEAL_OF and meal.items[0] == _MEAL_OF[run[-1].value]:
            return [*(_anchor(part) for part in run[:-1]), Point(first.key, [run[-1], meal]), *rest]
        return [*(_anchor(part) for part in run), first, *rest]
    points = []
    for part in run:
        tokens = [part, meal] if part is run[-1] else [part]
        if part.value in _MEAL_OF:
            points.append(Point(f"{meal.value}_{_MEAL_OF[part.value]}", tokens))
        else:
            points.append(Point(_anchor(part).key, tokens))
    return points


def _meal_points(meal: Token) -> list[Point]:
    if meal.value == "empty":
        return [Point("before_breakfast", [meal])]
    return [Point(f"{meal.value}_{name}", [meal]) for name in meal.items or ("meal",)]


def _anchor(part: Token) -> Point:
    return Point(part.value if part.value in ANCHORS else "", [part])


def _lists(previous: Point, token: Token, chars: str) -> bool:
    return _JOINED.fullmatch(chars[previous.end : token.start]) is not None


def _signed(token: Token) -> str:
    return f"{int(token.number or 0):+d}m"


def _note_offset(timing: Timing, meal: Token) -> None:
    if meal.number is not None:
        timing.offset = _signed(meal)


def _spread_meal(timing: Timing) -> None:
    """饭后 said apart belongs to every part of the day: 早晚各一片,饭后吃."""
    for meal in [point for point in timing.points if point.key.endswith("_meal")]:
        others = [point for point in timing.points if point is not meal]
        relation = meal.key.removesuffix("_meal")
        parts = [point for point in others if point.key in _MEAL_OF]
        for point in parts:
            point.key = f"{relation}_{_MEAL_OF[point.key]}"
        clocks = any(point.key[:1].isdigit() for point in others)
        if parts or clocks or (others and relation != "before"):
            timing.points.remove(meal)
            others[-1].tokens.extend(meal.tokens)
    empty = [point for point in timing.points if point.tokens[0].value == "empty"]
    hours = [point for point in timing.points if point.key[:1].isdigit()]
    if len(empty) == 1 and hours:
        timing.points.remove(empty[0])
        hours[-1].tokens.extend(empty[0].tokens)


def _refine_by_meal(timing: Timing, tokens: list[Token], chars: str) -> None:
    """每天早上1片,早饭后吃: the meal says more exactly when, unless each has a dose of its own."""
    for part in [point for point in timing.points if point.key in _MEAL_OF]:
        meals = [point for point in timing.points if point.key.endswith("_" + _MEAL_OF[part.key])]
        if len(meals) != 1:
            continue
        first, second = sorted((part, meals[0]), key=lambda point: point.start)
        if timing.points.index(second) - timing.points.index(first) != 1:
            continue
        if re.fullmatch(r"[、和跟与及]+", chars[first.end : second.start]):
            continue  # listed side by side: two times
        others = [p.start for p in timing.points if p.start > second.start]
        ceiling = min(others, default=1 << 30)
        doses = [token.start for token in tokens if token.kind in (T.DOSE, T.BARE)]
        between = any(first.start < start < second.start for start in doses)
        after = any(second.start < start < ceiling for start in doses)
        if between and after:
            continue
        first.key = meals[0].key
        first.tokens = [*first.tokens, *second.tokens]
        timing.points.remove(second)


def _refine_by_bedtime(timing: Timing, tokens: list[Token], place: dict[int, int]) -> None:
    """每晚一片,睡觉前: one dose, and bedtime says more exactly when."""
    keys = [point.key for point in timing.points]
    doses = [token for token in tokens if token.kind in (T.DOSE, T.BARE)]
    pieces = [token for token in doses if token.value not in ("mg", "g", "ug")]
    if keys != ["evening", "bedtime"] or len(pieces or doses) != 1:
        return
    evening, bedtime = timing.points
    first = place[id(evening.tokens[0])]
    if first and tokens[first - 1].kind is T.EVERY and tokens[first - 1].end == evening.start:
        bedtime.tokens = [*evening.tokens, *bedtime.tokens]
        timing.points.remove(evening)


def _join_apart(timing: Timing, tokens: list[Token], place: dict[int, int]) -> None:
    """八点吃药 早上: one hour and one part of the day, said apart, are one time."""
    anchors = [point for point in timing.points if point.key in ANCHORS or not point.key]
    clocks = [point for point in timing.points if point.ambiguous]
    if len(timing.points) != 2 or len(anchors) != 1 or len(clocks) != 1:
        return
    (anchor,), (clock,) = anchors, clocks
    first, second = sorted((anchor, clock), key=lambda point: point.start)
    apart = _between(first.tokens[-1], second.tokens[0], tokens, place)
    after = tokens[place[id(second.tokens[-1])] + 1 :]
    doses = [token for token in (*apart, *after) if token.kind in (T.DOSE, T.BARE)]
    if any(token.kind in (T.DOSE, T.BARE) for token in apart) and len(doses) > 1:
        return
    part = next(token.value for token in anchor.tokens if token.kind is T.PART)
    hour_token = next(token for token in clock.tokens if token.kind is T.CLOCK)
    fitted = _clock_key(hour_token, part, False)
    if "|" in fitted:
        return
    clock.key = fitted
    clock.tokens = sorted((*anchor.tokens, *clock.tokens), key=lambda token: token.start)
    timing.points.remove(anchor)
