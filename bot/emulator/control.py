"""The control API for tests and benchmarks, under `/_emulator`. `client` is its typed face.

Waiting is by condition: a request stays open until what it waits for is there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from litestar import Router, delete, get, patch, post, put
from litestar.datastructures import State as AppState
from litestar.params import FromPath, FromQuery, JSONBody

from bot.emulator import phone, quota
from bot.emulator.api.tokens import end_tokens
from bot.emulator.emulator import Callback, Emulator
from bot.emulator.guard import refuse_strangers
from bot.emulator.model import (
    ApiCall,
    Fault,
    Gone,
    Offset,
    Person,
    PhoneMessage,
    Push,
    Record,
    Template,
    Window,
)
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

MAX_WAIT = 60.0
_BATCH = 1_000


def _emulator(state: AppState) -> Emulator:
    emulator: Emulator = state.emulator
    return emulator


async def _until(emulator: Emulator, seconds: float, done: Callable[[], bool]) -> None:
    """Until `done` or the time is over; checked whenever something changes."""
    end = time.monotonic() + min(seconds, MAX_WAIT)
    while not done() and (patience := end - time.monotonic()) > 0:
        await emulator.store.changed.wait(patience)


# -- the whole -------------------------------------------------------------------------------------


@post("/reset", status_code=204)
async def reset(state: AppState) -> None:
    await _emulator(state).reset()


@get("/state")
async def read_state(state: AppState) -> State:
    emulator = _emulator(state)
    return State(
        people=len(emulator.store.people),
        pushes_under_way=emulator.pusher.under_way,
        delivered=emulator.store.received,
        offset_seconds=emulator.store.offset.seconds,
        mode=emulator.callback.mode,
        callback_url=emulator.callback.url,
    )


@put("/clock")
async def set_clock(state: AppState, data: JSONBody[Offset]) -> Offset:
    _emulator(state).store.commit(data)
    return data


@put("/callback", status_code=204)
async def change_callback(state: AppState, data: JSONBody[CallbackChange]) -> None:
    emulator = _emulator(state)
    now = emulator.callback
    emulator.callback = Callback(
        url=data.url or now.url,
        mode=data.mode or now.mode,
        token=data.token or now.token,
        aes_key=data.aes_key or now.aes_key,
        app_id=now.app_id,
    )


@post("/verify", status_code=200)
async def verify(state: AppState) -> Verified:
    ok, detail = await _emulator(state).pusher.verify()
    return Verified(ok, detail)


@post("/tokens/end", status_code=200)
async def end(state: AppState, data: JSONBody[EndTokens]) -> dict[str, int]:
    return {"ended": end_tokens(_emulator(state), expired=data.how == "expired")}


@post("/templates", status_code=201)
async def add_template(state: AppState, data: JSONBody[Template]) -> Template:
    _emulator(state).store.commit(data)
    return data


# -- people ----------------------------------------------------------------------------------------


@post("/people", status_code=201)
async def add_person(state: AppState, data: JSONBody[NewPerson]) -> Person:
    return phone.make_person(
        _emulator(state),
        name=data.name,
        openid=data.openid,
        unionid=data.unionid,
        following=data.following,
    )


@post("/people/many", status_code=201)
async def add_people(state: AppState, data: JSONBody[NewPeople]) -> list[str]:
    """Their openids."""
    emulator = _emulator(state)
    now = emulator.now()
    openids: list[str] = []
    batch: list[Record] = []
    for number in range(1, data.count + 1):
        person = Person(
            emulator.new_openid(), f"{data.prefix}{number}", following=True, followed_at=now
        )
        if data.window:
            quota.open_window(person, data.window, now)
        openids.append(person.openid)
        batch.append(person)
        if len(batch) == _BATCH:
            emulator.store.commit(*batch)
            batch.clear()
            await asyncio.sleep(0)  # others are served in between
    emulator.store.commit(*batch)
    return openids


@get("/people")
async def list_people(state: AppState) -> list[Person]:
    return list(_emulator(state).store.people.values())


@get("/people/{openid:str}")
async def read_person(state: AppState, openid: FromPath[str]) -> Person:
    return phone.find(_emulator(state), openid)


@patch("/people/{openid:str}")
async def switch(state: AppState, openid: FromPath[str], data: JSONBody[Switches]) -> Person:
    emulator = _emulator(state)
    person = phone.find(emulator, openid)
    phone.set_switches(emulator, person, accepts=data.accepts, virtual=data.virtual)
    return person


@get("/people/{openid:str}/quota")
async def read_quota(state: AppState, openid: FromPath[str]) -> list[WindowShape]:
    emulator = _emulator(state)
    now = emulator.now()
    windows = quota.open_windows(phone.find(emulator, openid), now)
    return [WindowShape(w.kind, w.left, w.until - now) for w in windows]


@put("/people/{openid:str}/quota")
async def set_quota(
    state: AppState, openid: FromPath[str], data: JSONBody[list[WindowShape]]
) -> Person:
    emulator = _emulator(state)
    person = phone.find(emulator, openid)
    now = emulator.now()
    person.windows = [Window(w.kind, w.left, now + w.seconds) for w in data]
    emulator.store.commit(person)
    return person


@post("/people/{openid:str}/actions", status_code=200)
async def act(
    state: AppState, openid: FromPath[str], data: JSONBody[Action], wait: FromQuery[bool] = True
) -> Shown:
    """Let the person do something; by default answered when the push has come to its end."""
    emulator = _emulator(state)
    push = perform(emulator, phone.find(emulator, openid), data)
    if wait:
        await emulator.pusher.wait(push.id)
    return Shown(push, phone.shown_for(emulator, push))


def perform(emulator: Emulator, person: Person, action: Action) -> Push:
    match action:
        case Say(text):
            return phone.say(emulator, person, text)
        case TapItem(seq, item_id):
            return phone.tap_message_menu(emulator, person, seq, item_id)
        case TapMenu(path, value):
            return phone.tap_menu(emulator, person, path, value=value)
        case SendMedia(kind, content, mime, filename):
            return phone.send_media(emulator, person, kind, content, mime=mime, filename=filename)
        case SendLocation(latitude, longitude, label):
            return phone.send_location(
                emulator, person, latitude=latitude, longitude=longitude, label=label
            )
        case SendLink(title, description, url):
            return phone.send_link(emulator, person, title=title, description=description, url=url)
        case ReportLocation(latitude, longitude):
            return phone.report_location(emulator, person, latitude=latitude, longitude=longitude)
        case Follow(ticket):
            return phone.follow(emulator, person, ticket=ticket)
        case Unfollow():
            return phone.unfollow(emulator, person)
        case AnswerConsent(template_id, answer):
            return phone.answer_consent(emulator, person, template_id, answer)
        case ChangeProfile(event):
            return phone.change_profile(emulator, person, event)
        case PushRaw(fields):
            return phone.push_raw(emulator, person, fields)


# -- what phones received --------------------------------------------------------------------------


@get("/people/{openid:str}/messages")
async def list_messages(
    state: AppState, openid: FromPath[str], after: FromQuery[int] = 0, channel: FromQuery[str] = ""
) -> list[PhoneMessage]:
    """Oldest first, newer than line `after`; the phone keeps as many as `history` says."""
    store = _emulator(state).store
    return [m for m in store.after(openid, after) if not channel or m.channel == channel]


@get("/people/{openid:str}/wait")
async def wait_for_message(
    state: AppState,
    openid: FromPath[str],
    after: FromQuery[int] = 0,
    channel: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    contains: FromQuery[str] = "",
    count: FromQuery[int] = 1,
    seconds: FromQuery[float] = 10.0,
) -> list[PhoneMessage]:
    """What the account sent this person and fits; empty when `count` did not come in time.

    Without `channel`, a failure note counts too.
    """
    emulator = _emulator(state)
    phone.find(emulator, openid)

    def fitting() -> list[PhoneMessage]:
        return [
            message
            for message in emulator.store.after(openid, after)
            if message.from_account
            and (not channel or message.channel == channel)
            and (not kind or message.type == kind)
            and contains in message.text
        ]

    await _until(emulator, seconds, lambda: len(fitting()) >= count)
    found = fitting()
    return found if len(found) >= count else []


@get("/delivered")
async def wait_for_total(
    state: AppState,
    channel: FromQuery[str] = "custom",
    at_least: FromQuery[int] = 0,
    seconds: FromQuery[float] = 0.0,
) -> Delivered:
    """Totals over all phones, at the latest after `seconds`; cheap however many there are."""
    emulator = _emulator(state)
    store = emulator.store
    await _until(emulator, seconds, lambda: store.received.get(channel, 0) >= at_least)
    return Delivered(store.received, store.last_seq)


# -- pushes, calls, faults -------------------------------------------------------------------------


@get("/pushes")
async def list_pushes(
    state: AppState, after: FromQuery[int] = 0, openid: FromQuery[str] = ""
) -> list[Push]:
    return [
        push
        for push in _emulator(state).store.pushes.values()
        if push.id > after and (not openid or push.openid == openid)
    ]


@post("/pushes/{push_id:int}/again", status_code=200)
async def push_again(
    state: AppState, push_id: FromPath[int], wait: FromQuery[bool] = True
) -> Shown:
    """The same push once more, with the same MsgId and CreateTime."""
    emulator = _emulator(state)
    known = emulator.store.pushes.get(push_id)
    if known is None:
        raise phone.Unknown("没有这个推送")
    again = emulator.pusher.tell(known.openid, known.fields)
    if wait:
        await emulator.pusher.wait(again.id)
    return Shown(again, phone.shown_for(emulator, again))


@get("/idle")
async def wait_until_idle(state: AppState, seconds: FromQuery[float] = 10.0) -> dict[str, bool]:
    """Answered when no push is under way, or after `seconds`."""
    pusher = _emulator(state).pusher
    return {"idle": await pusher.wait_idle(min(seconds, MAX_WAIT))}


@get("/calls")
async def list_calls(
    state: AppState, after: FromQuery[int] = 0, path: FromQuery[str] = ""
) -> list[ApiCall]:
    return [
        call
        for call in _emulator(state).store.calls
        if call.id > after and (not path or call.path == path)
    ]


@get("/faults")
async def list_faults(state: AppState) -> list[Fault]:
    return list(_emulator(state).store.faults.values())


@post("/faults", status_code=201)
async def add_fault(state: AppState, data: JSONBody[NewFault]) -> Fault:
    return order_fault(_emulator(state), data)


def order_fault(emulator: Emulator, wanted: NewFault) -> Fault:
    fault = Fault(
        id=emulator.store.last_fault + 1,
        kind=wanted.kind,
        times=wanted.times,
        path=wanted.path,
        openid=wanted.openid,
        errcode=wanted.errcode,
        errmsg=wanted.errmsg,
        status=wanted.status,
        seconds=wanted.seconds,
    )
    emulator.store.commit(fault)
    return fault


@delete("/faults")
async def remove_faults(state: AppState) -> None:
    store = _emulator(state).store
    store.commit(*(Gone("fault", str(fault_id)) for fault_id in list(store.faults)))


def build_router() -> Router:
    handlers: list[Any] = [
        reset,
        read_state,
        set_clock,
        change_callback,
        verify,
        end,
        add_template,
        add_person,
        add_people,
        list_people,
        read_person,
        switch,
        read_quota,
        set_quota,
        act,
        list_messages,
        wait_for_message,
        wait_for_total,
        list_pushes,
        push_again,
        wait_until_idle,
        list_calls,
        list_faults,
        add_fault,
        remove_faults,
    ]
    return Router("/_emulator", route_handlers=handlers, before_request=refuse_strangers)
