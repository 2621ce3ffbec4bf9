"""Brings the database to the current schema: one command, safe to repeat."""

from __future__ import annotations

import hashlib
import hmac
import os
from contextlib import suppress
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import sql

from bot.db.engine import libpq_url, sqlalchemy_url

TRACKER_ROLE = "jingkang_rasa"
_SOMEBODY_WAS_QUICKER = (
    psycopg.errors.DuplicateDatabase,
    psycopg.errors.DuplicateObject,
    psycopg.errors.UniqueViolation,
)
MIGRATION_LOCK = 0x6A696E67  # any fixed number: two migrations at once wait for each other


def alembic_config(url: str) -> Config:
    """Alembic without an ini file; the URL is handed over, never written down."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = sqlalchemy_url(url)
    return config


def upgrade(url: str) -> None:
    """Apply the migrations that are missing."""
    command.upgrade(alembic_config(url), "head")


def create_database(server_url: str, name: str) -> None:
    """Create a database unless it is there."""
    with psycopg.connect(libpq_url(server_url), autocommit=True) as connection:
        if not _exists(connection, "pg_database", "datname", name):
            with suppress(*_SOMEBODY_WAS_QUICKER):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def tracker_password(rasa_token: str) -> str:
    """Password of Rasa's database role, derived so that there is no further secret to keep."""
    return hmac.new(rasa_token.encode(), b"tracker store", hashlib.sha256).hexdigest()[:32]


def tracker_database(url: str) -> str:
    """Name of Rasa's database beside the application's."""
    return str(psycopg.conninfo.conninfo_to_dict(libpq_url(url))["dbname"]) + "_rasa"


def prepare_tracker_store(url: str, *, rasa_token: str, database: str) -> None:
    """Give Rasa its own database and role, with no right on the application's tables.

    Needs a role that may create roles and databases. Where the application's role may not, the
    office's database administrator does it once; `NotPrepared` says with which statements.
    """
    password = tracker_password(rasa_token)
    try:
        with psycopg.connect(libpq_url(url), autocommit=True) as connection:
            _make_tracker_store(connection, password, database)
    except psycopg.errors.InsufficientPrivilege as refused:
        if not _opens(url, password, database):
            raise NotPrepared(_statements(url, password, database)) from refused


def _make_tracker_store(connection: psycopg.Connection, password: str, database: str) -> None:
    role = sql.Identifier(TRACKER_ROLE)
    secret = sql.Literal(password)
    if not _exists(connection, "pg_roles", "rolname", TRACKER_ROLE):
        with suppress(*_SOMEBODY_WAS_QUICKER):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, secret))
    else:
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, secret))
    if not _exists(connection, "pg_database", "datname", database):
        with suppress(*_SOMEBODY_WAS_QUICKER):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), role)
            )
    application = connection.info.dbname
    connection.execute(
        sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(application))
    )


def _opens(url: str, password: str, database: str) -> bool:
    """Whether somebody has prepared Rasa's database already, with this password."""
    parts = psycopg.conninfo.conninfo_to_dict(libpq_url(url))
    parts |= {"dbname": database, "user": TRACKER_ROLE, "password": password}
    try:
        psycopg.connect(psycopg.conninfo.make_conninfo("", **parts)).close()
    except psycopg.OperationalError:
        return False
    return True


def _statements(url: str, password: str, database: str) -> str:
    application = psycopg.conninfo.conninfo_to_dict(libpq_url(url))["dbname"]
    return (
        "The database role of JINGKANG_DATABASE_URL may not create Rasa's own role and database."
        " Let an administrator of the database run this once, and start again:\n"
        f"  CREATE ROLE {TRACKER_ROLE} LOGIN PASSWORD '{password}';\n"
        f'  CREATE DATABASE "{database}" OWNER {TRACKER_ROLE};\n'
        f'  REVOKE CONNECT ON DATABASE "{application}" FROM PUBLIC;'
    )


class NotPrepared(Exception):
    """The database lacks something that this role may not make; the message says what to do."""


def ensure_index_key(url: str, keys: tuple[bytes, ...]) -> bytes:
    """The key of the blind indexes: made once, kept in the database under the newest key.

    Being apart from the encryption keys, it survives their rotation and so do the indexes.
    """
    purpose = "blind_index"
    with psycopg.connect(libpq_url(url)) as connection:
        nonce = os.urandom(12)
        fresh = nonce + AESGCM(keys[0]).encrypt(nonce, os.urandom(32), purpose.encode())
        connection.execute(
            "INSERT INTO wrapped_key (purpose, sealed) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (purpose, fresh),
        )
        row = connection.execute(
            "SELECT sealed FROM wrapped_key WHERE purpose = %s", (purpose,)
        ).fetchone()
        assert row is not None
    return unwrap_key(bytes(row[0]), keys, purpose)


def rewrap_keys(url: str, keys: tuple[bytes, ...]) -> None:
    """Put the keys that live in the database under the newest key of the installation."""
    with psycopg.connect(libpq_url(url)) as connection:
        for purpose, sealed in connection.execute(
            "SELECT purpose, sealed FROM wrapped_key FOR UPDATE"
        ).fetchall():
            key = unwrap_key(bytes(sealed), keys, purpose)
            nonce = os.urandom(12)
            fresh = nonce + AESGCM(keys[0]).encrypt(nonce, key, purpose.encode())
            connection.execute(
                "UPDATE wrapped_key SET sealed = %s WHERE purpose = %s", (fresh, purpose)
            )


def unwrap_key(sealed: bytes, keys: tuple[bytes, ...], purpose: str) -> bytes:
    """Open a wrapped key with whichever installation key sealed it; raises `KeyMissing`."""
    for key in keys:
        try:
            return AESGCM(key).decrypt(sealed[:12], sealed[12:], purpose.encode())
        except InvalidTag:
            continue
    raise KeyMissing(
        "None of JINGKANG_ENCRYPTION_KEYS opens this database: the key it was made with is missing."
    )


class KeyMissing(Exception):
    """The database was sealed with a key that this installation does not have."""


def _exists(connection: psycopg.Connection, table: str, column: str, value: str) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(
        sql.Identifier(table), sql.Identifier(column)
    )
    return connection.execute(query, (value,)).fetchone() is not None
