"""What happens to complaints because time passes."""

from __future__ import annotations

from bot.casework.complaints import actions, drafts
from bot.installation import Installation


def trouble(installation: Installation) -> int:
    """A month after the answer: did anybody make it hard for them?"""
    with installation.database.transaction() as session:
        return actions.ask_about_trouble(session, now=installation.clock())


def silent(installation: Installation) -> int:
    """Answered, and nobody said anything since."""
    with installation.database.transaction() as session:
        return actions.close_silent(session, now=installation.clock())


def emptied(installation: Installation) -> int:
    """Words that must not stay where they were said: replies, drafts that were left."""
    with installation.database.transaction() as session:
        now = installation.clock()
        return actions.empty_replies(session, now=now) + drafts.forget_left(session, now=now)
