"""A typed client of the control API, for tests and benchmarks.

Every method answers when the thing is done. Waiting is by condition and raises TimeoutError.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Literal, Self, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from bot.emulator.model import (
    ApiCall,
    Fault,
    FaultKind,
    Offset,
    Person,
    PhoneMessage,
    Push,
    Template,
    TemplateField,
    TemplateKind,
    WindowKind,
)
from bot.emulator.settings import Mode
from bot.emulator.shapes import (
    Action,
    AnswerConsent,
    CallbackChange,
    ChangeProfile,
    Delivered,
    EndTokens,
    Follow,
    NewFault,
    NewPeople,
    NewPerson,
    PushRaw,
    ReportLocation,
    Say,
    SendLink,
    SendLocation,
    SendMedia,
    Shown,
    State,
    Switches,
    TapItem,
    TapMenu,
    Unfollow,
    Verified,
    WindowShape,
)

T = TypeVar("T")
_POLL = 25.0


class EmulatorError(Exception):
    """The emulator refused; the text says why."""


class EmulatorClient:
    """`base_url` such as http://127.0.0.1:8001. Safe to share between threads."""

    def __init__(self, base_url: str = "http://127.0.0.1:8001") -> None:
        self.base_url = base_url.rstrip("/")
        # A push may take four attempts of five seconds; nothing takes longer than this.
        self._http = httpx.Client(base_url=self.base_url, timeout=70.0, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, path: str, answer: type[T], body: Any = None, /, **query: Any) -> T:
        response = self._http.request(
            method,
            f"/_emulator{path}",
            params=query,
            content=None if body is None else msgspec.json.encode(body),
            headers={"content-type": "application/json"},
        )
        if response.is_error:
            raise EmulatorError(f"{method} {path}: {response.status_code} {response.text}")
        if response.status_code == 204:
            return msgspec.convert(None, answer)
        return msgspec.json.decode(response.content, type=answer)

    # -- the whole ---------------------------------------------------------------------------------

    def reset(self) -> None:
        """Forget people, messages, tokens, faults; the configured callback again."""
        self._ask("POST", "/reset", type(None))

    def state(self) -> State:
        return self._ask("GET", "/state", State)

    def set_clock(self, offset_seconds: float, *, in_pushes: bool = False) -> None:
        """Put the platform's clock ahead (or back) of the real one; see `model.Offset`."""
        self._ask("PUT", "/clock", Offset, Offset(offset_seconds, in_pushes))

    def change_callback(
        self,
        *,
        url: str | None = None,
        mode: Mode | None = None,
        token: str | None = None,
        aes_key: str | None = None,
    ) -> None:
        """Until `reset` or the emulator's next start."""
        self._ask("PUT", "/callback", type(None), CallbackChange(url, mode, token, aes_key))

    def verify(self) -> Verified:
        """Let the platform check the callback's address with an echostr."""
        return self._ask("POST", "/verify", Verified)

    def end_tokens(self, how: Literal["expired", "replaced"] = "replaced") -> None:
        """Make every access token bad: 42001 when expired, 40001 when replaced."""
        self._ask("POST", "/tokens/end", dict[str, int], EndTokens(how))

    def add_template(
        self, template_id: str, title: str, kind: TemplateKind, fields: dict[str, str]
    ) -> Template:
        """`fields`: key as the platform names it, such as `thing1` → label."""
        items = [TemplateField(key, label) for key, label in fields.items()]
        template = Template(template_id, title, kind, items)
        return self._ask("POST", "/templates", Template, template)

    # -- people ------------------------------------------------------------------------------------

    def add_person(
        self, name: str, *, openid: str = "", unionid: str = "", following: bool = False
    ) -> Person:
        """`following` without telling the callback; `follow` tells it."""
        return self._ask("POST", "/people", Person, NewPerson(name, openid, unionid, following))

    def add_people(
        self, count: int, *, prefix: str = "测试", window: WindowKind | None = None
    ) -> list[str]:
        """Openids of so many new followers, the callback not told."""
        return self._ask("POST", "/people/many", list[str], NewPeople(count, prefix, window))

    def people(self) -> list[Person]:
        return self._ask("GET", "/people", list[Person])

    def person(self, openid: str) -> Person:
        return self._ask("GET", f"/people/{openid}", Person)

    def switch(
        self, openid: str, *, accepts: bool | None = None, virtual: bool | None = None
    ) -> Person:
        return self._ask("PATCH", f"/people/{openid}", Person, Switches(accepts, virtual))

    def quota(self, openid: str) -> list[WindowShape]:
        return self._ask("GET", f"/people/{openid}/quota", list[WindowShape])

    def set_quota(self, openid: str, *windows: WindowShape) -> Person:
        """These windows and no other; none closes every window."""
        return self._ask("PUT", f"/people/{openid}/quota", Person, list(windows))

    # -- what people do ----------------------------------------------------------------------------

    def act(self, openid: str, action: Action, *, wait: bool = True) -> Shown:
        """With `wait`, answered when the push was answered or given up."""
        return self._ask("POST", f"/people/{openid}/actions", Shown, action, wait=str(wait).lower())

    def say(self, openid: str, text: str, *, wait: bool = True) -> Shown:
        return self.act(openid, Say(text), wait=wait)

    def follow(self, openid: str, *, ticket: str = "", wait: bool = True) -> Shown:
        """Follow; with the ticket of a code, by scanning it."""
        return self.act(openid, Follow(ticket), wait=wait)

    def unfollow(self, openid: str, *, wait: bool = True) -> Shown:
        return self.act(openid, Unfollow(), wait=wait)

    def tap_item(self, openid: str, seq: int, item_id: str, *, wait: bool = True) -> Shown:
        return self.act(openid, TapItem(seq, item_id), wait=wait)

    def tap_menu(self, openid: str, *path: int, value: str = "", wait: bool = True) -> Shown:
        return self.act(openid, TapMenu(list(path), value), wait=wait)

    def send_media(
        self,
        openid: str,
        kind: Literal["image", "voice", "video", "shortvideo"],
        content: bytes,
        *,
        mime: str,
        wait: bool = True,
    ) -> Shown:
        return self.act(openid, SendMedia(kind, content, mime), wait=wait)

    def send_location(
        self, openid: str, *, latitude: float, longitude: float, label: str, wait: bool = True
    ) -> Shown:
        return self.act(openid, SendLocation(latitude, longitude, label), wait=wait)

    def send_link(
        self, openid: str, *, title: str, description: str, url: str, wait: bool = True
    ) -> Shown:
        return self.act(openid, SendLink(title, description, url), wait=wait)

    def report_location(
        self, openid: str, *, latitude: float, longitude: float, wait: bool = True
    ) -> Shown:
        return self.act(openid, ReportLocation(latitude, longitude), wait=wait)

    def answer_consent(
        self,
        openid: str,
        template_id: str,
        answer: Literal["accept", "reject", "revoke"],
        *,
        wait: bool = True,
    ) -> Shown:
        return self.act(openid, AnswerConsent(template_id, answer), wait=wait)

    def change_profile(
        self,
        openid: str,
        event: Literal[
            "user_info_modified", "user_authorization_revoke", "user_authorization_cancellation"
        ],
        *,
        wait: bool = True,
    ) -> Shown:
        return self.act(openid, ChangeProfile(event), wait=wait)

    def push_raw(self, openid: str, fields: dict[str, Any], *, wait: bool = True) -> Shown:
        """Anything at all, also what no phone would send."""
        return self.act(openid, PushRaw(fields), wait=wait)

    # -- what people receive -----------------------------------------------------------------------

    def messages(self, openid: str, *, after: int = 0, channel: str = "") -> list[PhoneMessage]:
        """Lines of the phone in their order, their own included."""
        return self._ask(
            "GET",
            f"/people/{openid}/messages",
            list[PhoneMessage],
            after=after,
            channel=channel,
        )

    def wait_messages(
        self,
        openid: str,
        *,
        count: int = 1,
        after: int = 0,
        channel: str = "",
        kind: str = "",
        contains: str = "",
        timeout: float = 15.0,
    ) -> list[PhoneMessage]:
        """At least `count` messages of the account that fit, in their order."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            found = self._ask(
                "GET",
                f"/people/{openid}/wait",
                list[PhoneMessage],
                after=after,
                channel=channel,
                kind=kind,
                contains=contains,
                count=count,
                seconds=min(left, _POLL),
            )
            if found:
                return found
        seen = [(m.channel, m.type, m.text) for m in self.messages(openid, after=after)]
        raise TimeoutError(
            f"no {count} message(s) with {contains!r} by {channel or 'any channel'} "
            f"within {timeout} s; the phone shows {seen}"
        )

    def wait_message(
        self,
        openid: str,
        *,
        after: int = 0,
        channel: str = "",
        kind: str = "",
        contains: str = "",
        timeout: float = 15.0,
    ) -> PhoneMessage:
        """The first message that fits."""
        found = self.wait_messages(
            openid,
            after=after,
            channel=channel,
            kind=kind,
            contains=contains,
            timeout=timeout,
        )
        return found[0]

    def delivered(self) -> Delivered:
        return self._ask("GET", "/delivered", Delivered)

    def wait_delivered(self, channel: str, at_least: int, *, timeout: float) -> Delivered:
        """Until all phones together have received so many; for benchmarks."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            total = self._ask(
                "GET",
                "/delivered",
                Delivered,
                channel=channel,
                at_least=at_least,
                seconds=min(left, _POLL),
            )
            if total.counts.get(channel, 0) >= at_least:
                return total
        raise TimeoutError(f"{self.delivered().counts} instead of {at_least} by {channel}")

    # -- pushes, calls, faults ---------------------------------------------------------------------

    def pushes(self, *, after: int = 0, openid: str = "") -> list[Push]:
        return self._ask("GET", "/pushes", list[Push], after=after, openid=openid)

    def push_again(self, push_id: int, *, wait: bool = True) -> Shown:
        """Repeat a push exactly, as the platform does when it lost the answer."""
        return self._ask("POST", f"/pushes/{push_id}/again", Shown, wait=str(wait).lower())

    def wait_idle(self, timeout: float = 30.0) -> None:
        """Until no push is under way; a minute at most."""
        idle = self._ask("GET", "/idle", dict[str, bool], seconds=timeout)
        if not idle["idle"]:
            raise TimeoutError(f"pushes still under way after {timeout} s")

    def calls(self, *, after: int = 0, path: str = "") -> list[ApiCall]:
        return self._ask("GET", "/calls", list[ApiCall], after=after, path=path)

    def add_fault(
        self,
        kind: FaultKind,
        *,
        times: int = 1,
        path: str = "*",
        openid: str = "",
        errcode: int = -1,
        errmsg: str = "",
        status: int = 502,
        seconds: float = 0.0,
    ) -> Fault:
        fault = NewFault(kind, times, path, openid, errcode, errmsg, status, seconds)
        return self._ask("POST", "/faults", Fault, fault)

    def faults(self) -> list[Fault]:
        return self._ask("GET", "/faults", list[Fault])

    def remove_faults(self) -> None:
        self._ask("DELETE", "/faults", type(None))

    # -- web login ---------------------------------------------------------------------------------

    def log_in(self, openid: str, authorize_url: str) -> str:
        """The address a browser of this person is sent back to, with `code` and `state`.

        `authorize_url` is what the bot sent the browser to. Raises EmulatorError where the
        platform would show an error page.
        """
        joint = "&" if "?" in authorize_url else "?"
        url = authorize_url.partition("#")[0] + joint + urlencode({"openid": openid})
        response = self._http.get(url.replace("/oauth2/authorize?", "/oauth2/choose?"))
        if response.status_code != 302:
            raise EmulatorError(f"web login: {response.status_code} {response.text}")
        return response.headers["location"]
