"""``jingkang rasa``: starts Rasa from its own environment, on loopback, with its own database."""

from __future__ import annotations

import json
import os
from pathlib import Path

import psycopg
from sqlalchemy import URL

from bot.db.engine import libpq_url
from bot.db.migrate import TRACKER_ROLE, tracker_database, tracker_password
from bot.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-rasa"


def exec_rasa(settings: Settings, *, database_url: str) -> None:
    """Replace this process by Rasa. Raises `SettingsError` when it cannot run here."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        raise SettingsError(f"Rasa's environment is missing at {ENVIRONMENT}: run `make setup`.")
    model = newest_model(settings)
    if model is None:
        raise SettingsError(f"No trained model in {settings.models_dir}: run `make train`.")
    folder = settings.data_dir / "rasa"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    token = settings.secrets.rasa_token
    endpoints = {
        "tracker_store": {
            "type": "SQL",
            "dialect": "postgresql",
            "url": tracker_url(database_url, rasa_token=token),
        },
        "action_endpoint": {
            "url": f"http://127.0.0.1:{settings.actions_port}/webhook",
            "token": token,
        },
    }
    # JSON is YAML; both files hold secrets and are readable by the owner alone.
    _write(folder / "endpoints.yml", endpoints)
    _write(folder / "credentials.yml", {"bot.nlu.channel.GatewayInput": {"token": token}})
    arguments = [
        str(python),
        "-m",
        "bot.nlu.serve",
        "--model",
        str(model),
        "--endpoints",
        str(folder / "endpoints.yml"),
        "--credentials",
        str(folder / "credentials.yml"),
        "--port",
        str(settings.rasa_port),
    ]
    os.chdir(ROOT)
    os.execve(python, arguments, rasa_environment() | {"JINGKANG_RASA_TOKEN": token})  # noqa: S606


def rasa_environment() -> dict[str, str]:
    """Environment variables for every start of Rasa: no telemetry, our components importable."""
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "SANIC_HOST": "127.0.0.1",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def newest_model(settings: Settings) -> Path | None:
    """The trained model to serve, or None."""
    models = sorted(settings.models_dir.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    return models[-1] if models else None


def tracker_url(database_url: str, *, rasa_token: str) -> str:
    """SQLAlchemy URL of the tracker store, for psycopg2 in Rasa's environment."""
    parts = psycopg.conninfo.conninfo_to_dict(libpq_url(database_url))
    host = str(parts.get("host") or "")
    socket = host.startswith("/")
    return URL.create(
        "postgresql+psycopg2",
        username=TRACKER_ROLE,
        password=tracker_password(rasa_token),
        host=None if socket else host or None,
        port=int(str(parts["port"])) if parts.get("port") and not socket else None,
        database=tracker_database(database_url),
        query={"host": host} if socket else {},
    ).render_as_string(hide_password=False)


def _write(path: Path, content: object) -> None:
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=1))
    draft.replace(path)
