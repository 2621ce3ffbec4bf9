"""``jingkang keys`` and ``jingkang audit``: encryption keys renewed, the audit log checked."""

from __future__ import annotations

import argparse
import base64
import os
import sys
from collections.abc import Callable

from bot.db import migrate
from bot.installation import Installation
from bot.privacy import rotation, seals
from bot.privacy.fields import FieldUnreadable, keyring
from bot.tables import Base

Open = Callable[[], Installation]


def add_keys(keys: argparse.ArgumentParser, opened: Open) -> None:
    """The subcommands of ``keys``."""
    actions = keys.add_subparsers(metavar="ACTION", required=True)
    new = actions.add_parser("new", help="print a new key, to be put first in the setting")
    new.set_defaults(run=_new_key)
    rotate = actions.add_parser("rotate", help="seal everything again with the newest key")
    rotate.set_defaults(run=lambda _: _rotate(opened()))


def add_audit(audit: argparse.ArgumentParser, opened: Open) -> None:
    """The subcommands of ``audit``."""
    actions = audit.add_subparsers(metavar="ACTION", required=True)
    verify = actions.add_parser("verify", help="check that nobody changed the audit log")
    verify.set_defaults(run=lambda _: _verify(opened()))


def _new_key(_: argparse.Namespace) -> int:
    print(base64.urlsafe_b64encode(os.urandom(32)).decode())
    return 0


def _rotate(installation: Installation) -> int:
    try:
        for column in rotation.rotate(installation.database, Base.metadata, keyring.cipher):
            if column.renewed:
                print(f"{column.place}: {column.renewed} sealed again", flush=True)
        migrate.rewrap_keys(installation.database.url, installation.secrets.encryption_keys)
        remaining = rotation.left(installation.database, Base.metadata, keyring.cipher)
    except FieldUnreadable as error:
        print(f"jingkang: {error}: put that key back into the setting.", file=sys.stderr)
        return 1
    finally:
        installation.close()
    if remaining:
        # A process that was started with the old keys has written meanwhile.
        print(
            f"jingkang: {remaining} fields came under an older key meanwhile."
            " Restart every process with the new keys, then run this again.",
            file=sys.stderr,
        )
        return 1
    print("Everything is sealed with the newest key. Older keys may leave JINGKANG_ENCRYPTION_KEYS")
    print("once no backup that you still want to read needs them.")
    return 0


def _verify(installation: Installation) -> int:
    with installation.database.transaction() as session:
        verdict = seals.verify(session)
    installation.close()
    if verdict.broken_at is not None:
        first, last = verdict.broken_at
        print(
            f"jingkang: the audit log was changed among the rows {first} to {last};"
            f" the {verdict.rows} rows before them are as they were written.",
            file=sys.stderr,
        )
        return 1
    print(
        f"The audit log is as it was written: {verdict.rows} rows under {verdict.seals} seals,"
        f" {verdict.unsealed} not yet sealed."
    )
    return 0
