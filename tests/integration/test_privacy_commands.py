"""Keys renewed while everything runs, and an audit log that shows when it was touched."""

from __future__ import annotations

import base64
import os

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from bot.casework.people import contact_of
from bot.db import migrate
from bot.db.base import Base
from bot.delivery.models import Contact
from bot.installation import Installation, open_installation
from bot.privacy import audit, rotation, seals
from bot.privacy.fields import FieldCipher, FieldUnreadable, keyring
from bot.settings import Settings, parse_encryption_keys
from tests.conftest import MovableClock


def _key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _with_keys(installation: Installation, *keys: str) -> FieldCipher:
    """The process as it would be started with these keys."""
    parsed = parse_encryption_keys(",".join(keys))
    index_key = migrate.ensure_index_key(installation.database.url, parsed)
    keyring.install(FieldCipher(parsed, index_key))
    return keyring.cipher


def test_every_field_moves_to_the_newest_key(installation: Installation) -> None:
    old = base64.urlsafe_b64encode(installation.secrets.encryption_keys[0]).decode()
    new = _key()
    with installation.database.transaction() as session:
        for number in range(rotation.BATCH + 3):
            contact_of(session, openid=f"o-{number}", now=installation.clock())
    cipher = _with_keys(installation, new, old)
    assert rotation.left(installation.database, Base.metadata, cipher) == rotation.BATCH + 3
    done = {
        c.place: c.renewed for c in rotation.rotate(installation.database, Base.metadata, cipher)
    }
    assert done["contact.openid"] == rotation.BATCH + 3
    assert rotation.left(installation.database, Base.metadata, cipher) == 0
    migrate.rewrap_keys(installation.database.url, parse_encryption_keys(f"{new},{old}"))
    _with_keys(installation, new)
    with installation.database.transaction() as session:
        # Found by its index, whose key is another, and readable without the old key.
        assert contact_of(session, openid="o-7", now=installation.clock()).openid == "o-7"
        assert session.scalar(select(Contact).limit(1)) is not None
    with pytest.raises(migrate.KeyMissing):
        _with_keys(installation, old)


def test_a_field_whose_key_is_gone_stops_it(installation: Installation) -> None:
    with installation.database.transaction() as session:
        contact_of(session, openid="o-1", now=installation.clock())
    index_key = os.urandom(32)
    strange = FieldCipher(parse_encryption_keys(_key()), index_key)
    with pytest.raises(FieldUnreadable, match="no key with id"):
        list(rotation.rotate(installation.database, Base.metadata, strange))


def _rows(installation: Installation, count: int) -> None:
    with installation.database.transaction() as session:
        for number in range(count):
            audit.record(
                session,
                by="system:test",
                action="case.read",
                on=("case", number + 1),
                now=installation.clock(),
            )


def _seal(installation: Installation) -> int:
    with installation.database.transaction() as session:
        return seals.seal(session, now=installation.clock())


def _verdict(installation: Installation) -> seals.Verdict:
    with installation.database.transaction() as session:
        return seals.verify(session)


def test_the_log_comes_under_seal_and_stays_whole(
    installation: Installation, clock: MovableClock
) -> None:
    _rows(installation, 3)
    assert _seal(installation) == 0, "too young"
    clock.move(minutes=11)
    _rows(installation, 2)
    assert _seal(installation) == 3
    clock.move(minutes=11)
    assert _seal(installation) == 2
    assert _verdict(installation) == seals.Verdict(seals=2, rows=5, unsealed=0, broken_at=None)


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE audit_event SET by = 'staff:9' WHERE id = (SELECT min(id) + 1 FROM audit_event)",
        "DELETE FROM audit_event WHERE id = (SELECT min(id) + 1 FROM audit_event)",
        "UPDATE audit_event SET details = '{\"case\": 1}' WHERE id = (SELECT max(id) FROM audit_event)",
    ],
)
def test_whoever_touches_the_log_is_found_out(
    installation: Installation, clock: MovableClock, deed: str
) -> None:
    _rows(installation, 4)
    clock.move(minutes=11)
    _seal(installation)
    with pytest.raises(DBAPIError), installation.database.transaction() as session:
        session.execute(text(deed))
    with installation.database.transaction() as session:
        # Somebody with every right on the database.
        session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
        session.execute(text(deed))
    assert _verdict(installation).broken_at is not None


def test_opening_needs_the_key_of_the_database(installation: Installation) -> None:
    settings = Settings(data_dir=installation.settings.data_dir / "other", _env_file=None)
    with pytest.raises(migrate.KeyMissing):
        open_installation(settings, url=installation.database.url)
