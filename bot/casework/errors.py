"""Why an action was not done; the message is Chinese and shown to staff as it is."""

from __future__ import annotations


class Refused(Exception):
    """A condition of the step is missing; the message names it."""


class Conflict(Refused):
    """Somebody else acted in between, or the step does not start here."""
