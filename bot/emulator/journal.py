"""The file that lets the emulator go on after a `kill -9`."""

from __future__ import annotations

import fcntl
import io
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from bot.emulator.model import Record

_BATCH = 1_000
"""Records a line when the whole file is written anew."""


class Journal:
    """Records in an append-only file, one JSON array a line: a line is there wholly or not at all.

    Lines are written unbuffered, so what was answered to the bot is with the operating system
    before the answer leaves. A line torn by a crash is ignored when reading and cut off before
    writing goes on. A second emulator on the same file is refused.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._encoder = msgspec.json.Encoder()
        self._file = self._open_locked(path)

    @staticmethod
    def _open_locked(path: Path) -> io.FileIO:
        file = io.FileIO(path, "a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise RuntimeError(f"another emulator is using {path}") from None
        return file

    def read(self) -> Iterator[list[Record]]:
        decoder = msgspec.json.Decoder(list[Record])
        whole = 0
        with self._path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                yield decoder.decode(line)
                whole += len(line)
        self._file.truncate(whole)

    def write(self, *records: Record) -> None:
        self._file.write(self._encoder.encode(records) + b"\n")

    def rewrite(self, records: Iterable[Record]) -> None:
        """Replace the file's content by `records`, atomically."""
        fresh_path = self._path.with_suffix(".fresh")
        fresh_path.unlink(missing_ok=True)
        fresh = self._open_locked(fresh_path)
        source = iter(records)
        while batch := list(islice(source, _BATCH)):
            fresh.write(self._encoder.encode(batch) + b"\n")
        os.fsync(fresh.fileno())
        fresh_path.rename(self._path)
        self._file.close()
        self._file = fresh

    def close(self) -> None:
        self._file.close()
