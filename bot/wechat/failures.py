"""How a call to the platform can fail. No message of these holds a token, a secret or an address
with one: they are made to be logged."""

from __future__ import annotations

import re
from datetime import datetime

from bot.wechat.errors import Meaning, meaning_of

_REQUEST_ID = re.compile(r"\s*rid:\s*([0-9a-zA-Z-]+)\s*$")


class PlatformFailure(Exception):
    """A call that brought no result."""

    code: int | None = None
    """The errcode, where there was one."""


class PlatformRefused(PlatformFailure):
    """The platform answered with an errcode; nothing was done."""

    code: int

    def __init__(self, code: int, errmsg: str, *, call: str) -> None:
        match = _REQUEST_ID.search(errmsg)
        self.code = code
        self.rid = match[1] if match else ""
        """The platform's request id, which its support asks for; kept there for seven days."""
        self.errmsg = (errmsg[: match.start()] if match else errmsg)[:200]
        self.call = call
        self.meaning: Meaning = meaning_of(code)
        super().__init__(f"{call}: {code} {self.meaning.meaning} ({self.errmsg}) rid {self.rid}")


class PlatformUnreachable(PlatformFailure):
    """No answer that can be understood.

    ``sent`` is False where the call surely did not arrive, None where nobody can know: then a
    message may already be on somebody's phone.
    """

    def __init__(self, reason: str, *, call: str, sent: bool | None) -> None:
        self.reason = reason
        self.call = call
        self.sent = sent
        super().__init__(f"{call}: {reason}")


class TokenUnavailable(PlatformUnreachable):
    """There is no access token now, so nothing was sent; ask again after ``retry_at``."""

    def __init__(
        self,
        reason: str = "no access token",
        *,
        errcode: int | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        self.errcode = errcode
        """What the last attempt to fetch one was refused with."""
        self.retry_at = retry_at
        if errcode is not None:
            reason = f"{reason} (errcode {errcode})"
        super().__init__(reason, call="access token", sent=False)


class SnapshotUser(PlatformFailure):
    """The page was opened as a 快照页: WeChat named a virtual user, who must never be bound."""


class UnsafeContent(ValueError):
    """Refused before sending, because the platform would refuse it; the message says what is wrong."""
