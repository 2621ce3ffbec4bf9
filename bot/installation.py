"""One opened installation: settings, database and keys, as every process needs them."""

from __future__ import annotations

from bot import tables  # noqa: F401 - writing needs every table to be known
from bot.clock import Clock, system_clock
from bot.db import embedded, migrate
from bot.db.engine import Database
from bot.privacy.fields import FieldCipher, keyring
from bot.settings import Secrets, Settings

DATABASE = "jingkang"


class Installation:
    """Settings, database, keys and clock of one process."""

    def __init__(
        self, *, settings: Settings, secrets: Secrets, database: Database, clock: Clock
    ) -> None:
        self.settings = settings
        self.secrets = secrets
        self.database = database
        self.clock = clock

    def close(self) -> None:
        self.database.close()


def database_url(settings: Settings) -> str:
    """The configured database, or the embedded one, started if it is not running."""
    if settings.database_url:
        return settings.database_url
    server = embedded.start(settings.data_dir)
    migrate.create_database(embedded.url_of(server), DATABASE)
    return embedded.url_of(server, DATABASE)


def migrate_installation(settings: Settings, url: str) -> None:
    """Bring the database to the current schema, with its index key and Rasa's own database."""
    migrate.upgrade(url)
    migrate.ensure_index_key(url, settings.secrets.encryption_keys)
    if not settings.rasa_url:
        # A Rasa elsewhere keeps its tracker store elsewhere too.
        migrate.prepare_tracker_store(
            url,
            rasa_token=settings.secrets.rasa_token,
            database=migrate.tracker_database(url),
        )


def open_installation(
    settings: Settings,
    *,
    url: str | None = None,
    clock: Clock = system_clock,
    pool_size: int = 8,
) -> Installation:
    """Open a migrated installation for this process.

    Raises `bot.settings.SettingsError` when a secret is missing and
    `bot.db.migrate.KeyMissing` when the keys are not those of the database.
    """
    secrets = settings.secrets
    url = url or database_url(settings)
    index_key = migrate.ensure_index_key(url, secrets.encryption_keys)
    keyring.install(FieldCipher(secrets.encryption_keys, index_key))
    return Installation(
        settings=settings,
        secrets=secrets,
        database=Database(url, pool_size=pool_size),
        clock=clock,
    )
