"""Understanding without Rasa: the same linear model, read from the model's own file.

Rasa's forms and rules are few, so what they lead to is done here in the same order: first the
open form, then the intent, then the form's next question.
"""

from __future__ import annotations

import structlog

from bot.dialogue import form, several, steps
from bot.dialogue.masked import masked
from bot.dialogue.turn import Turn
from bot.nlu import model

log = structlog.get_logger()

THRESHOLD = 0.3
"""As ``nlu_fallback_threshold`` in config.yml; a test compares both."""


def understand_without_rasa(turn: Turn) -> None:
    """Take the whole turn here. Raises `bot.nlu.model.NoModel` where no model is trained."""
    several.answer_others(turn)
    parsed = model.current().parse(masked(turn, turn.text))
    turn.intent, turn.confidence = parsed.intent, parsed.confidence
    if parsed.confidence < THRESHOLD:
        turn.intent = "nlu_fallback"
    outcome = form.read_answer(turn)
    if outcome is form.Outcome.NOT_AN_ANSWER:
        steps.respond(turn)
    application = form.application_of(turn)
    if application is not None and not application.paused:
        form.ask_next(turn, application)
