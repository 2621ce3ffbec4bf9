"""The actions of `nlu_data/domain/dialogue.yml`."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.run import NothingToDo, turn_of
from bot.casework.application_form import FIELDS
from bot.dialogue import form, steps
from bot.dialogue.turn import Turn
from bot.installation import Installation

FORM = "application_form"


class _InstallationAction(Action):
    """An action that works on the installation, in a thread: the database calls are blocking."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        return await asyncio.to_thread(self._run, tracker)

    def _run(self, tracker: Tracker) -> list[EventType]:
        raise NotImplementedError


class Respond(_InstallationAction):
    """Does what the intent asks for."""

    def name(self) -> str:
        return "action_respond"

    def _run(self, tracker: Tracker) -> list[EventType]:
        in_form = tracker.active_loop_name == FORM
        try:
            with turn_of(self._installation, tracker) as turn:
                if not in_form and (back := _back_into_the_form(turn)):
                    return back
                steps.respond(turn)
                return _slots(turn)
        except NothingToDo:
            return []


class NotUnderstood(_InstallationAction):
    """Nothing fits: one question with choices, then a person."""

    def name(self) -> str:
        return "action_not_understood"

    def _run(self, tracker: Tracker) -> list[EventType]:
        try:
            with turn_of(self._installation, tracker) as turn:
                if tracker.active_loop_name != FORM and (back := _back_into_the_form(turn)):
                    return back
                if not turn.replied:
                    steps.not_understood(turn)
        except NothingToDo:
            pass
        return []


class ValidateApplicationForm(_InstallationAction):
    """Reads the answer. What it is not, Rasa's rules answer in between."""

    def name(self) -> str:
        return f"validate_{FORM}"

    def _run(self, tracker: Tracker) -> list[EventType]:
        try:
            with turn_of(self._installation, tracker) as turn:
                if _is_unread(tracker) and form.read_answer(turn) is form.Outcome.NOT_AN_ANSWER:
                    return []  # nothing was set: Rasa rejects the form and looks for a rule
                return [*_slots(turn), *_end_of_form(turn)]
        except NothingToDo:
            return []


class AskNext(_InstallationAction):
    """Asks the question of the field that Rasa requests."""

    def __init__(self, installation: Installation, field: str) -> None:
        super().__init__(installation)
        self._field = field

    def name(self) -> str:
        return f"action_ask_{FORM}_{self._field}"

    def _run(self, tracker: Tracker) -> list[EventType]:
        try:
            with turn_of(self._installation, tracker) as turn:
                application = form.application_of(turn)
                if application is not None and not application.paused:
                    form.ask_next(turn, application)
        except NothingToDo:
            pass
        return []


def all_actions(installation: Installation) -> list[Action]:
    """Every action of the domain."""
    return [
        Respond(installation),
        NotUnderstood(installation),
        ValidateApplicationForm(installation),
        *(AskNext(installation, field) for field in FIELDS),
    ]


def _is_unread(tracker: Tracker) -> bool:
    """The form is the first to act on the message: another action has not answered it before."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return True
        if event["event"] == "action" and event["name"] not in (FORM, "action_extract_slots"):
            return False
    return False


def _back_into_the_form(turn: Turn) -> list[EventType]:
    """Lead on through a draft that Rasa does not know of: begun without it, or forgotten by it."""
    outcome = form.read_answer(turn)
    application = form.application_of(turn)
    if outcome is form.Outcome.NOT_AN_ANSWER:
        return []
    if application is None or application.paused:
        return _slots(turn)
    form.ask_next(turn, application)
    return [*_slots(turn), ActiveLoop(FORM), SlotSet("requested_slot", application.asked)]


def _end_of_form(turn: Turn) -> list[EventType]:
    """Ends Rasa's form when the draft is gone or left for later."""
    application = form.application_of(turn)
    if application is None or application.paused:
        return [SlotSet("requested_slot", None)]
    return []


def _slots(turn: Turn) -> list[EventType]:
    """Rasa's slots say which fields are answered; the values stay in the database."""
    application = form.application_of(turn)
    answered = set(application.answers) if application is not None else set()
    return [SlotSet(field, "answered" if field in answered else None) for field in FIELDS]
