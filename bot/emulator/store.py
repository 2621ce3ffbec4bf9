"""What the platform knows, in memory, with a journal behind it.

Callers change a thing and `commit` its new state, without awaiting in between: the event loop makes
that one step. Everything that grows without end is bounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

from bot.emulator.journal import Journal
from bot.emulator.model import (
    AccessToken,
    ApiCall,
    Counter,
    Fault,
    Gone,
    Media,
    Menu,
    Offset,
    Person,
    PhoneMessage,
    Push,
    QrCode,
    Record,
    SentOnce,
    Template,
    WebCode,
    WebToken,
)
from bot.emulator.signal import Signal

KEPT_PUSHES = 5_000
KEPT_CALLS = 1_000


class Store:
    def __init__(self, data_path: Path | None, *, history: int) -> None:
        self.data_path = data_path
        self.history = history
        self.changed = Signal()
        self._files: dict[str, bytes] = {}
        self._clear()
        self._journal: Journal | None = None
        if data_path is not None:
            self._journal = Journal(data_path / "journal.jsonl")
            for records in self._journal.read():
                for record in records:
                    self._apply(record)
            self._journal.rewrite(self._everything())

    def _clear(self) -> None:
        self.people: dict[str, Person] = {}
        self.messages: dict[str, deque[PhoneMessage]] = {}
        self.pushes: dict[int, Push] = {}
        self.tokens: dict[str, AccessToken] = {}
        self.codes: dict[str, WebCode] = {}
        self.web_tokens: dict[str, WebToken] = {}
        self.media: dict[str, Media] = {}
        self.templates: dict[str, Template] = {}
        self.menu: Menu | None = None
        self.qrcodes: dict[str, QrCode] = {}
        self.sent: dict[str, SentOnce] = {}
        self.counters: dict[str, Counter] = {}
        self.faults: dict[int, Fault] = {}
        self.offset = Offset()
        self.calls: deque[ApiCall] = deque(maxlen=KEPT_CALLS)
        self.received: dict[str, int] = {}
        """Channel → messages all phones ever received."""
        self.last_seq = 0
        self.last_push = 0
        self.last_fault = 0
        self.last_call = 0

    # -- writing ---------------------------------------------------------------------------------

    def commit(self, *records: Record) -> None:
        if self._journal is not None:
            self._journal.write(*records)
        for record in records:
            self._apply(record)
        self.changed.notify()

    def reset(self) -> None:
        """Forget everything, on disk too."""
        media = list(self.media.values())
        self._clear()
        if self._journal is not None:
            self._journal.rewrite(())
        for item in media:
            self._drop_file(item.id)
        self.changed.notify()

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()

    def _apply(self, record: Record) -> None:
        match record:
            case PhoneMessage():
                self._add_message(record)
            case Person():
                self._put_person(record)
            case Push():
                self._put_push(record)
            case Counter():
                self.counters[record.key] = record
            case AccessToken():
                self.tokens[record.value] = record
            case WebCode():
                self.codes[record.value] = record
            case WebToken():
                self.web_tokens[record.value] = record
            case Media():
                self.media[record.id] = record
            case Template():
                self.templates[record.id] = record
            case Menu():
                self.menu = record
            case QrCode():
                self.qrcodes[record.ticket] = record
            case SentOnce():
                self.sent[record.key] = record
            case Offset():
                self.offset = record
            case Fault():
                self.faults[record.id] = record
                self.last_fault = max(self.last_fault, record.id)
            case Gone():
                self._remove(record)

    def _put_person(self, person: Person) -> None:
        known = self.people.get(person.openid)
        if known is not person:
            # Only while reading the journal: the running totals follow from each person's own.
            before = known.received if known else {}
            for channel, count in person.received.items():
                self.received[channel] = (
                    self.received.get(channel, 0) + count - before.get(channel, 0)
                )
            self.people[person.openid] = person

    def _add_message(self, message: PhoneMessage) -> None:
        phone = self.messages.get(message.openid)
        if phone is None:
            phone = self.messages[message.openid] = deque(maxlen=self.history)
        phone.append(message)
        self.last_seq = max(self.last_seq, message.seq)

    def _put_push(self, push: Push) -> None:
        self.pushes[push.id] = push
        self.last_push = max(self.last_push, push.id)
        if len(self.pushes) > 2 * KEPT_PUSHES:
            finished = [p.id for p in self.pushes.values() if p.outcome != "pending"]
            for push_id in finished[:-KEPT_PUSHES]:
                del self.pushes[push_id]

    def _remove(self, gone: Gone) -> None:
        match gone.table:
            case "menu":
                self.menu = None
            case "fault":
                self.faults.pop(int(gone.key), None)
            case "sent":
                self.sent.pop(gone.key, None)
            case "count":
                self.counters.pop(gone.key, None)
            case "media":
                self.media.pop(gone.key, None)
                self._drop_file(gone.key)
            case "code":
                self.codes.pop(gone.key, None)
            case "token":
                self.tokens.pop(gone.key, None)

    def _everything(self) -> Iterator[Record]:
        yield self.offset
        if self.menu is not None:
            yield self.menu
        for table in (
            self.templates,
            self.people,
            self.tokens,
            self.codes,
            self.web_tokens,
            self.media,
            self.qrcodes,
            self.sent,
            self.counters,
        ):
            yield from table.values()
        yield from self.faults.values()
        yield from self.pushes.values()
        for phone in self.messages.values():
            yield from phone

    # -- reading ---------------------------------------------------------------------------------

    def phone(self, openid: str) -> deque[PhoneMessage]:
        return self.messages.get(openid) or deque()

    def after(self, openid: str, seq: int) -> list[PhoneMessage]:
        """A phone's messages newer than `seq`, oldest first."""
        newer: list[PhoneMessage] = []
        for message in reversed(self.phone(openid)):
            if message.seq <= seq:
                break
            newer.append(message)
        newer.reverse()
        return newer

    # -- files -----------------------------------------------------------------------------------

    def keep_file(self, media_id: str, content: bytes) -> None:
        if self.data_path is None:
            self._files[media_id] = content
            return
        path = self._file_path(media_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def read_file(self, media_id: str) -> bytes:
        if self.data_path is None:
            return self._files[media_id]
        return self._file_path(media_id).read_bytes()

    def _drop_file(self, media_id: str) -> None:
        if self.data_path is None:
            self._files.pop(media_id, None)
        else:
            self._file_path(media_id).unlink(missing_ok=True)

    def _file_path(self, media_id: str) -> Path:
        assert self.data_path is not None
        return self.data_path / "media" / media_id
