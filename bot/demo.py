"""Demo staff of a development installation. Never beside real credentials."""

from __future__ import annotations

import json
import secrets

from bot.console.accounts import add_staff
from bot.installation import Installation

USERNAME = "demo"


def ensure_staff(installation: Installation) -> tuple[str, str]:
    """The demo login, its password made once for this data folder."""
    assert installation.settings.development
    path = installation.settings.data_dir / "demo-login.json"
    if path.exists():
        kept = json.loads(path.read_text())
        password = str(kept["password"])
    else:
        password = "-".join(secrets.token_hex(3) for _ in range(3))
    with installation.database.transaction() as session:
        add_staff(
            session,
            username=USERNAME,
            display_name="演示",
            role="social_worker",
            password=password,
            by="system:demo",
            now=installation.clock(),
        )
    path.write_text(json.dumps({"username": USERNAME, "password": password}))
    path.chmod(0o600)
    return USERNAME, password
