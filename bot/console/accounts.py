"""Accounts of staff."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.casework.errors import Refused
from bot.casework.models import ROLES, Staff
from bot.console import passwords, sessions
from bot.privacy import audit

_USERNAME = re.compile(r"[^\W_](?:[\w.-]{0,30}[^\W_])?")
_LONGEST_NAME = 20


class AccountRefused(Refused):
    """The account cannot be made as asked; the message says why, ``中文 / English``."""


def normal_username(typed: str) -> str:
    """The one spelling of a username: what is typed on any keyboard, in any case."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def add_staff(
    session: Session,
    *,
    username: str,
    display_name: str,
    role: str,
    password: str,
    by: str,
    now: datetime,
) -> Staff:
    """Make an account; one that exists gets the new password and role, and is signed out.

    Nothing changes when both are what they were. An existing display name is kept when none
    other than the username is given. Raises `AccountRefused`.
    """
    username = normal_username(username)
    if not _USERNAME.fullmatch(username):
        raise AccountRefused(
            "登录名用字母或数字，可以有 . - _，最多 32 个字符。"
            " / Usernames have letters, digits, and . - _ between them, at most 32."
        )
    if role not in ROLES:
        raise AccountRefused(f"没有这种角色：{role} / Unknown role: {role}")
    if problem := passwords.problem_with(password, username=username):
        raise AccountRefused(problem)
    display_name = " ".join(unicodedata.normalize("NFKC", display_name).split()) or username
    if len(display_name) > _LONGEST_NAME or not display_name.isprintable():
        raise AccountRefused(
            f"姓名最多 {_LONGEST_NAME} 个字。"
            f" / The display name has more than {_LONGEST_NAME} characters."
        )
    staff = session.scalar(select(Staff).where(Staff.username == username).with_for_update())
    if staff is None:
        made: Staff | None = session.scalar(
            insert(Staff)
            .values(
                username=username,
                display_name=display_name,
                role=role,
                password_hash=passwords.hashed(password),
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=[Staff.username])
            .returning(Staff)
        )
        if made is None:
            raise AccountRefused(
                "这个登录名刚刚有人建了，请再试一次。"
                " / This username was made just now; please try again."
            )
        audit.record(session, by=by, action="staff.add", on=("staff", made.id), now=now, role=role)
        return made
    if display_name != username:
        staff.display_name = display_name
    if staff.active and staff.role == role and passwords.matches(password, staff.password_hash):
        return staff
    staff.password_hash, staff.role, staff.active = passwords.hashed(password), role, True
    sessions.revoke_all(session, staff_id=staff.id, now=now)
    audit.record(session, by=by, action="staff.renew", on=("staff", staff.id), now=now, role=role)
    return staff


def deactivate_staff(session: Session, *, staff_id: int, by: str, now: datetime) -> Staff:
    """Close an account and sign out its browsers at once. Nobody closes their own."""
    staff = _locked(session, staff_id)
    if by == f"staff:{staff_id}":
        raise Refused("不能停用自己的账号，请让另一位管理员来做。")
    ended = sessions.revoke_all(session, staff_id=staff_id, now=now)
    if staff.active:
        staff.active = False
        audit.record(
            session, by=by, action="staff.deactivate", on=("staff", staff_id), now=now, ended=ended
        )
    return staff


def activate_staff(session: Session, *, staff_id: int, by: str, now: datetime) -> Staff:
    """Open a closed account again, with the password it had."""
    staff = _locked(session, staff_id)
    if not staff.active:
        staff.active = True
        audit.record(session, by=by, action="staff.activate", on=("staff", staff_id), now=now)
    return staff


def _locked(session: Session, staff_id: int) -> Staff:
    staff = session.get(Staff, staff_id, with_for_update=True)
    if staff is None:
        raise Refused("找不到这个账号。")
    return staff
