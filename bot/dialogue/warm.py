"""Loads what the first message would otherwise wait for: word lists, sounds, rules."""

from __future__ import annotations

from datetime import date

from bot.casework.answers import read_answers
from bot.nlu.drugs import find_drugs
from bot.privacy.masking import mask
from bot.safety import screen


def warm() -> None:
    """Takes about a second; call once at the start of a process that answers people."""
    sentence = "王测试今天吃了利培酮"
    screen(sentence)
    find_drugs(sentence)
    mask(sentence)
    read_answers(sentence, asked=None, today=date(2026, 1, 1))
