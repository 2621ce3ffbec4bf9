"""One process of several that share a token: prints the token it gets.

``python -m tests.unit.wechat.token_process DATABASE_URL PLATFORM_ORIGIN APP_ID``
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from sqlalchemy import create_engine

from bot.db.engine import sqlalchemy_url
from bot.wechat.client import PlatformClient
from bot.wechat.token_store import PostgresTokenStore


def main(url: str, origin: str, app_id: str) -> None:
    client = PlatformClient(
        app_id,
        "not-a-real-secret",
        api_base=origin,
        token_store=PostgresTokenStore(create_engine(sqlalchemy_url(url))),
        clock=lambda: datetime.now(UTC),
    )
    sys.stdout.write(client._keeper.token())


if __name__ == "__main__":
    main(*sys.argv[1:])
