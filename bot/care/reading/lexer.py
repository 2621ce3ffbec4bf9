"""The message cut into tokens: at each place the first rule that fits, in a fixed order."""

from __future__ import annotations

from bot.care.reading import lex_date, lex_dose, lex_repeat, lex_subject, lex_time, lex_week
from bot.care.reading.rules import Rule
from bot.care.reading.tokens import T, Token
from bot.nlu.drugs import DrugMention, find_drugs

_RULES: list[Rule] = [
    *lex_subject.RULES,
    *lex_dose.RULES,
    *lex_time.RULES,
    *lex_week.RULES,
    *lex_repeat.RULES,
    *lex_date.RULES,
    *lex_repeat.DAILY,
    *lex_subject.SUBJECTS,
    *lex_subject.LAST_RULES,
]


def lex(chars: str) -> list[Token]:
    """Tokens of a normalised message in order. Two may share a place, none overlap otherwise."""
    mentions = {mention.start: mention for mention in find_drugs(chars)}
    tokens: list[Token] = []
    position = 0
    while position < len(chars):
        mention = mentions.get(position)
        if mention is not None:
            tokens.append(_drug_token(mention))
            position = mention.end
            continue
        if chars[position] in " \n,。;!?":
            position += 1
            continue
        made = _first_match(chars, position, tokens, mentions)
        if made:
            tokens.extend(made)
            position = max(position + 1, *(token.end for token in made))
        else:
            position += 1
    return tokens


def _first_match(
    chars: str, position: int, before: list[Token], mentions: dict[int, DrugMention]
) -> list[Token]:
    for pattern, build in _RULES:
        match = pattern.match(chars, position)
        if match is None or match.end() == match.start():
            continue
        if any(position < start < match.end() for start in mentions):
            continue
        made = build(match, before)
        if made:
            return made
    return []


def _drug_token(mention: DrugMention) -> Token:
    marks = [mention.name]
    if mention.generic is None:
        marks.append("group")
    if not mention.psychiatric:
        marks.append("other")
    if mention.form:
        marks.append("form:" + mention.form)
    return Token(T.DRUG, mention.start, mention.end, mention.generic or "", tuple(marks))
