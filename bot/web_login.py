"""WeChat's web login as the family pages know it: addresses and people, none of the platform."""

from __future__ import annotations

from bot.family.signing_in import SignInFailed, SnapshotVisitor
from bot.wechat.client import PlatformClient
from bot.wechat.failures import PlatformFailure, SnapshotUser


class PlatformWebLogin:
    """`bot.family.signing_in.WebLogin` over the platform's client."""

    def __init__(self, platform: PlatformClient) -> None:
        self._platform = platform

    def login_url(self, redirect_to: str, *, state: str) -> str:
        """Where to send a browser inside WeChat."""
        return self._platform.login_url(redirect_to, state=state)

    def openid_of(self, code: str) -> str:
        """Who comes with ``code``. Raises `SignInFailed`, or its `SnapshotVisitor`."""
        try:
            return self._platform.oauth_access_token(code).openid
        except SnapshotUser as failure:
            raise SnapshotVisitor(str(failure)) from failure
        except PlatformFailure as failure:
            raise SignInFailed(str(failure)) from failure
