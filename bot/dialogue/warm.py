"""Loads what the first message would otherwise wait for: word lists, sounds, rules, the index."""

from __future__ import annotations

import contextlib
from datetime import date

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.casework.answers import read_answers
from bot.dialogue.wishes import wishes_of
from bot.installation import Installation
from bot.nlu.drugs import find_drugs
from bot.nlu.model import NoModel, current
from bot.policy.library import library
from bot.privacy.masking import mask
from bot.safety import screen

log = structlog.get_logger()


def warm(installation: Installation) -> None:
    """Takes some seconds; call once at the start of a process that answers people.

    A first policy question that waited for its index would outlast the turn, and the form's
    question after it would be lost.
    """
    sentence = "王测试今天吃了利培酮"
    screen(sentence)
    find_drugs(sentence)
    mask(sentence)
    read_answers(sentence, asked=None, today=date(2026, 1, 1))
    with contextlib.suppress(NoModel):  # then the degraded mode parks what it cannot read
        wishes_of(sentence, current())
    try:
        with installation.database.transaction() as session:
            library.index(session)
    except SQLAlchemyError as error:
        # The process starts all the same: a crisis is answered without the database.
        log.warning("index_not_warmed", error=type(error).__name__)
