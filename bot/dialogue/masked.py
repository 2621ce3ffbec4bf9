"""The words of a turn without personal data: all that the model, Rasa and its tracker ever see."""

from __future__ import annotations

from bot.dialogue import form
from bot.dialogue.turn import Turn
from bot.privacy.masking import mask

_EXPECTING = {"patient_name": "name", "telephone": "phone"}


def masked(turn: Turn, words: str) -> str:
    """Words of this turn, masked with what is known of the contact and what was asked."""
    application = form.application_of(turn)
    expecting = None
    if application is not None and not application.paused:
        expecting = _EXPECTING.get(application.asked or "")
    return mask(words, known=form.known_values(turn), expecting=expecting).text
