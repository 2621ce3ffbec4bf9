"""The WeChat API of an installation, its token shared by all processes."""

from __future__ import annotations

from bot.installation import Installation
from bot.wechat.client import PlatformClient
from bot.wechat.token_store import PostgresTokenStore


def platform_client(installation: Installation) -> PlatformClient:
    """A client for this process's threads."""
    return PlatformClient(
        installation.secrets.app_id,
        installation.secrets.app_secret,
        api_base=installation.settings.platform_origin,
        token_store=PostgresTokenStore(installation.database.engine),
        clock=installation.clock,
    )
