"""The county of the patient's home, from the divisions named in an answer."""

from __future__ import annotations

import re
from itertools import groupby

from bot.casework.answers.model import Field, Problem, Reading, Reason
from bot.places import PlaceMatch, counties, find, get

_DENIED = re.compile(r"(?:不是|不在|不住|没在|不属于|离开|不归)$")
_HOME = re.compile(
    r"(?:住|住在|家在|老家|老家在|家是|户口|户口在|户籍|户籍在|现住|现居|现在住|现在在|地址|搬到|搬去|回|人在)[是：:\s，,]*$"
)
_WORK = re.compile(
    r"^(?:那边)?(?:打工|上班|工作|务工|做工|出差|看病|住院|治疗|看的|治的|医院|的医院|上学|读书|市场|厂)"
)
_LIVES = re.compile(r"(?:现在住|现住|现居|现在在|住在|住|搬到|搬去|人在)[是：:\s，,]*$")


def read_county(
    text: str, *, asked: bool, near: str | None
) -> tuple[Reading[str] | None, list[Problem]]:
    """The code of the county. A city or province alone comes back as a candidate to narrow down."""
    for match in find(text, near=near, expected=asked):
        if denied := _DENIED.search(text, 0, match.start):
            blank = "，" * (match.end - denied.start())
            text = text[: denied.start()] + blank + text[match.end :]
    found = find(text, near=near, expected=asked)
    mentions = [list(group) for _, group in groupby(found, key=lambda m: (m.start, m.end))]
    homes = [mention for mention in mentions if all(_is_home_level(m) for m in mention)]
    chosen = _most_at_home(text, homes)
    if len(chosen) == 1:
        codes = tuple(match.code for match in chosen[0])
        if len(codes) == 1 and (chosen[0][0].certainty != "possible"):
            return Reading(codes[0]), []
        return Reading(None, codes), [Problem(Field.COUNTY, "ambiguous")]
    if chosen:
        codes = tuple(match.code for mention in chosen for match in mention)
        return Reading(None, tuple(dict.fromkeys(codes))), [Problem(Field.COUNTY, "several")]
    if mentions and (asked or not _only_passing(text, mentions)):
        codes = tuple(dict.fromkeys(m.code for mention in mentions for m in mention))
        only: Reason = (
            "only_province"
            if all(m.level == "province" for x in mentions for m in x)
            else "only_city"
        )
        return Reading(None, codes), [Problem(Field.COUNTY, only)]
    return None, []


def _is_home_level(match: PlaceMatch) -> bool:
    place = get(match.code)
    return match.level == "county" or (
        place is not None and place.level == "city" and not counties(match.code)
    )


def _most_at_home(text: str, mentions: list[list[PlaceMatch]]) -> list[list[PlaceMatch]]:
    """Of several places the one where somebody lives, not where somebody works or was treated."""
    if len(mentions) < 2:
        return mentions
    lives = [m for m in mentions if _LIVES.search(text[: m[0].start])]
    if len(lives) == 1:
        return lives
    homes = [m for m in mentions if _HOME.search(text[: m[0].start])]
    if len(homes) == 1:
        return homes
    rest = [m for m in mentions if not _WORK.match(text[m[0].end :])]
    if len({match.code for mention in rest for match in mention}) == 1:
        return rest[:1]
    return rest or mentions


def _only_passing(text: str, mentions: list[list[PlaceMatch]]) -> bool:
    """Named in passing: where somebody works or was treated."""
    return all(_WORK.match(text[m[0].end :]) or m[0].certainty == "possible" for m in mentions)
