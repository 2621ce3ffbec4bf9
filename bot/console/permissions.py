"""Who may do what on the console: declared here once, checked on every route.

Each route names what it needs (``opt=needs(...)``); a route that names nothing is refused to
everybody. Administrators keep accounts and auditors read the log: neither sees what a family
wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

_KEY = "permission"


class Permission(StrEnum):
    READ_CASES = "read_cases"
    """Queue, cases, tickets and conversations."""
    WORK_CASES = "work_cases"
    """Claim, decide, note, reply, settle."""
    READ_REFERRALS = "read_referrals"
    """An institution's own staff: the patients referred to it, and nothing else."""
    WORK_REFERRALS = "work_referrals"
    """What the institution does for them: accept, assess, serve, record."""
    READ_INSTITUTIONS = "read_institutions"
    """The directory of institutions."""
    MANAGE_OFFICE = "manage_office"
    """Import and export the directory, working days, office hours, training."""
    HANDLE_COMPLAINTS = "handle_complaints"
    """Complaints, as far as `bot.casework.complaints.sight` lets one see them."""
    READ_POLICY = "read_policy"
    """Documents, clauses and cards."""
    WORK_POLICY = "work_policy"
    """Import and publish documents, write and approve cards."""
    READ_FIGURES = "read_figures"
    """Counts over a year; nobody's data."""
    READ_ACCOUNTS = "read_accounts"
    MANAGE_ACCOUNTS = "manage_accounts"
    READ_LOG = "read_log"
    """The audit log: who did what and when, without content."""
    SIGN_OUT = "sign_out"
    EVERYBODY = "everybody"
    """Also who is not signed in: the sign-in page and the style sheets."""


_SIGNED_IN = frozenset({Permission.SIGN_OUT})
_CASES = frozenset({Permission.READ_CASES, Permission.WORK_CASES, Permission.READ_INSTITUTIONS})
_POLICY = frozenset({Permission.READ_POLICY, Permission.WORK_POLICY})
GRANTS: Mapping[str, frozenset[Permission]] = {
    "social_worker": _SIGNED_IN | _CASES | _POLICY,
    "supervisor": _SIGNED_IN
    | _CASES
    | _POLICY
    | {Permission.HANDLE_COMPLAINTS, Permission.READ_FIGURES},
    "institution_staff": _SIGNED_IN | {Permission.READ_REFERRALS, Permission.WORK_REFERRALS},
    "administrator": _SIGNED_IN
    | {
        Permission.READ_FIGURES,
        Permission.READ_ACCOUNTS,
        Permission.MANAGE_ACCOUNTS,
        Permission.READ_INSTITUTIONS,
        Permission.MANAGE_OFFICE,
    },
    "auditor": _SIGNED_IN | {Permission.READ_LOG},
}
"""By role (`bot.casework.models.ROLES`)."""

START_PAGES: tuple[tuple[Permission, str], ...] = (
    (Permission.READ_CASES, "/console"),
    (Permission.READ_REFERRALS, "/console/referrals"),
    (Permission.READ_ACCOUNTS, "/console/staff"),
    (Permission.READ_LOG, "/console/log"),
)


def needs(permission: Permission) -> dict[str, Any]:
    """The ``opt`` of a route handler."""
    return {_KEY: permission}


def needed_by(opt: Mapping[str, Any]) -> Permission | None:
    """What a route handler needs; None when it forgot to say."""
    found: Permission | None = opt.get(_KEY)
    return found


def may(role: str, permission: Permission) -> bool:
    """Whether a role may; an unknown role may nothing."""
    return permission in GRANTS.get(role, frozenset())


def start_page(role: str) -> str:
    """Where somebody of this role begins."""
    return next(path for permission, path in START_PAGES if may(role, permission))
