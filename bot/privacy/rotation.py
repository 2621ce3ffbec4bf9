"""Sealing every field again with the newest key, while everything runs.

A field is read, sealed again and written back only if nobody wrote it in between; whatever is
written meanwhile is sealed with the newest key anyway. When nothing is left under an older key,
that key may leave `JINGKANG_ENCRYPTION_KEYS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, LargeBinary, MetaData, Table, and_, func, select, type_coerce, update

from bot.db.engine import Database
from bot.privacy.fields import FieldCipher, SealedJson, SealedText

BATCH = 500


@dataclass(frozen=True)
class Sealed:
    """How one column stands: fields sealed again just now."""

    place: str
    renewed: int


def sealed_columns(metadata: MetaData) -> list[tuple[Table, Column[object], str]]:
    """Every column that is ciphertext, with the place it is sealed for."""
    return [
        (table, column, column.type.place)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, SealedText | SealedJson)
    ]


def rotate(database: Database, metadata: MetaData, cipher: FieldCipher) -> Iterator[Sealed]:
    """Seal what is still under an older key again, column by column.

    Raises `bot.privacy.fields.FieldUnreadable` where the key that a field needs is missing.
    """
    for table, column, place in sealed_columns(metadata):
        renewed = 0
        while done := _batch(database, table, column, place, cipher):
            renewed += done
        yield Sealed(place, renewed)


def left(database: Database, metadata: MetaData, cipher: FieldCipher) -> int:
    """Fields that are still under an older key."""
    with database.transaction() as session:
        return sum(
            session.scalar(select(func.count()).select_from(table).where(_is_old(column, cipher)))
            or 0
            for table, column, _ in sealed_columns(metadata)
        )


def _batch(
    database: Database, table: Table, column: Column[object], place: str, cipher: FieldCipher
) -> int:
    """Renew some fields; returns how many were found under an older key."""
    raw = type_coerce(column, LargeBinary)
    key = list(table.primary_key.columns)
    with database.transaction() as session:
        rows = session.execute(select(*key, raw).where(_is_old(column, cipher)).limit(BATCH)).all()
        for *identity, old in rows:
            fresh = cipher.seal(cipher.open(bytes(old), place=place), place=place)
            session.execute(
                update(table)
                .where(
                    and_(*(part == value for part, value in zip(key, identity, strict=True))),
                    raw == old,
                )
                .values({column.name: type_coerce(fresh, LargeBinary)})
            )
    return len(rows)


def _is_old(column: Column[object], cipher: FieldCipher):  # type: ignore[no-untyped-def]
    raw = type_coerce(column, LargeBinary)
    return and_(column.is_not(None), func.substring(raw, 2, 4) != cipher.newest_key_id)
