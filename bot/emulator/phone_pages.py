"""The phone in the browser: people, their chats, and the doors web login goes through.

Everything works as plain forms and links; the script only saves reloading. State changes come by
one open request for a page, whatever the number of people on it.
"""

from __future__ import annotations

import time
import zlib
from typing import Any, TypedDict
from urllib.parse import urlencode, urlsplit

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import Cookie, UploadFile
from litestar.datastructures import State as AppState
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from bot.emulator import phone, view
from bot.emulator.api.web_login import SCOPES, give_code
from bot.emulator.emulator import Emulator
from bot.emulator.guard import SECURITY_HEADERS, refuse_strangers
from bot.emulator.media import SILENT_VOICE, live_media
from bot.emulator.model import Person, Push
from bot.emulator.phone import NotPossible

_POLL = 25.0
_COOKIE = "emulator_person"
_LOGIN_MINUTES = 10
_Form = URLEncodedBody[dict[str, str]]


class _Entry(TypedDict):
    person: Person
    initial: str
    colour: int
    last: str
    seq: int


def _emulator(state: AppState) -> Emulator:
    emulator: Emulator = state.emulator
    return emulator


# -- chats -----------------------------------------------------------------------------------------


@get("/")
async def people(state: AppState) -> Template:
    return Template("phone.html", context=_page(_emulator(state), None))


@get("/phone/{openid:str}")
async def chat(
    state: AppState, openid: FromPath[str], error: FromQuery[str] = ""
) -> Template | Redirect:
    emulator = _emulator(state)
    try:
        person = phone.find(emulator, openid)
    except NotPossible:
        return Redirect("/", status_code=303)
    return Template("phone.html", context={**_page(emulator, person), "error": error})


def _page(emulator: Emulator, person: Person | None) -> dict[str, Any]:
    store = emulator.store
    context: dict[str, Any] = {
        "account_name": emulator.settings.account_name,
        "people": _entries(emulator),
        "person": person,
        "seq": store.last_seq,
    }
    if person is not None:
        context |= {
            "lines": view.lines(emulator, list(store.phone(person.openid))),
            "menu": view.menu_buttons(emulator),
            "codes": [
                code
                for code in store.qrcodes.values()
                if not code.expires_at or code.expires_at > emulator.now()
            ],
            "subscriptions": [t for t in store.templates.values() if t.kind != "template"],
            "typing": person.typing_until > emulator.now(),
            "shape": _shape(emulator, person),
            **_words(person),
        }
    return context


def _shape(emulator: Emulator, person: Person) -> str:
    """Changes when the page around the messages must be built anew."""
    parts = (emulator.store.menu, person.following, person.accepts, person.virtual)
    return f"{zlib.crc32(msgspec.json.encode(parts)):x}"


def _words(person: Person) -> dict[str, Any]:
    return {
        "openid": person.openid,
        "rich": lambda text: view.rich(str(text), person.openid),
        "opening": lambda url: view.opening(person.openid, str(url)),
        "kinds": view.KINDS,
        "channels": view.CHANNELS,
    }


def _entries(emulator: Emulator) -> list[_Entry]:
    store = emulator.store
    entries: list[_Entry] = []
    for person in list(store.people.values())[-200:]:
        messages = store.phone(person.openid)
        last = messages[-1] if messages else None
        entries.append(
            {
                "person": person,
                "initial": view.initial(person),
                "colour": view.colour(person),
                "last": view.summary(last),
                "seq": last.seq if last else 0,
            }
        )
    return sorted(entries, key=lambda entry: -entry["seq"])


@get("/updates")
async def updates(
    request: Request[Any, Any, Any],
    state: AppState,
    after: FromQuery[int] = 0,
    openid: FromQuery[str] = "",
) -> dict[str, Any]:
    """What is new after line `after` on any phone: open until there is something."""
    emulator = _emulator(state)
    store = emulator.store

    def face() -> tuple[Any, ...]:
        person = store.people.get(openid)
        return (
            store.last_seq,
            len(store.people),
            person and person.typing_until > emulator.now(),
            person and _shape(emulator, person),
        )

    if store.last_seq == after:
        await _changed(emulator, face)
    person = store.people.get(openid)
    if store.last_seq < after or (openid and person is None):
        return {"reload": True}  # the emulator was reset
    now = emulator.now()
    answer: dict[str, Any] = {
        "seq": store.last_seq,
        "people": [
            {
                "openid": entry["person"].openid,
                "name": entry["person"].name,
                "initial": entry["initial"],
                "colour": entry["colour"],
                "last": entry["last"],
                "seq": entry["seq"],
            }
            for entry in _entries(emulator)
        ],
    }
    if person is not None:
        fresh = store.after(openid, after)
        known = [m for m in store.phone(openid) if m.seq <= after]
        template = request.app.template_engine.get_template("lines.html")  # type: ignore[union-attr]
        answer |= {
            "typing": person.typing_until > now,
            "html": template.render(
                lines=view.lines(emulator, fresh, known[-1].at if known else 0.0),
                person=person,
                **_words(person),
            ),
            "shape": _shape(emulator, person),
        }
    return answer


async def _changed(emulator: Emulator, face: Any) -> None:
    """Until the face of the page changes, by an event or because a typing state ran out."""
    before, end = face(), time.monotonic() + _POLL
    while face() == before and (patience := end - time.monotonic()) > 0:
        await emulator.store.changed.wait(min(patience, 5.0))


@post("/people")
async def add_person(state: AppState, data: _Form) -> Redirect:
    name = data.get("name", "").strip()[:20]
    person = phone.make_person(_emulator(state), name=name or "测试某某")
    return Redirect(f"/phone/{person.openid}", status_code=303)


# -- doing something -------------------------------------------------------------------------------


@post("/phone/{openid:str}/do")
async def do(
    request: Request[Any, Any, Any], state: AppState, openid: FromPath[str]
) -> Response[Any]:
    """One form for all: the name of the pressed button says what is done."""
    emulator = _emulator(state)
    form = await request.form()
    person = phone.find(emulator, openid)
    error = ""
    try:
        await _do(emulator, person, dict(form.items()))
    except NotPossible as reason:
        error = str(reason)
    if request.headers.get("x-quiet"):
        return Response({"error": error}, status_code=200)
    query = f"?{urlencode({'error': error})}" if error else ""
    return Redirect(f"/phone/{openid}{query}", status_code=303)


async def _do(emulator: Emulator, person: Person, form: dict[str, Any]) -> Push | None:
    match form:
        case {"item": str(choice)}:
            seq, _, item_id = choice.partition("|")
            return phone.tap_message_menu(emulator, person, _number(seq), item_id)
        case {"menu_link": str(choice)}:
            item_id, _, words = choice.partition("|")
            return phone.say(emulator, person, words, menu_id=item_id)
        case {"button": str(path)}:
            steps = [_number(step) for step in path.split("-")]
            return phone.tap_menu(emulator, person, steps, value="示例内容")
        case {"ticket": str(ticket)}:
            return phone.follow(emulator, person, ticket=ticket)
        case {"consent": str(choice)}:
            answer, _, template_id = choice.partition("|")
            return phone.answer_consent(emulator, person, template_id, answer)
        case {"profile": str(event)}:
            return phone.change_profile(emulator, person, event)
        case {"switch": str(name)}:
            phone.set_switches(
                emulator,
                person,
                accepts=not person.accepts if name == "accepts" else None,
                virtual=not person.virtual if name == "virtual" else None,
            )
            return None
        case {"location": str(label)}:
            latitude, longitude = 24.4798, 118.0894
            return phone.send_location(
                emulator, person, latitude=latitude, longitude=longitude, label=label
            )
        case {"act": "follow"}:
            return phone.follow(emulator, person)
        case {"act": "unfollow"}:
            return phone.unfollow(emulator, person)
        case {"act": "voice"}:
            return phone.send_media(
                emulator, person, "voice", SILENT_VOICE, mime="audio/amr", filename="voice.amr"
            )
        case {"file": UploadFile() as upload}:
            return await _send_file(emulator, person, upload)
        case {"text": str(text)} if text:
            return phone.say(emulator, person, text)
    raise NotPossible("没有内容可发")


def _number(text: str) -> int:
    if not text.isdecimal():
        raise NotPossible("没有这个选项")
    return int(text)


async def _send_file(emulator: Emulator, person: Person, upload: UploadFile) -> Push:
    kind = upload.content_type.partition("/")[0]
    content = await upload.read()
    if not content:
        raise NotPossible("文件是空的")
    return phone.send_media(
        emulator,
        person,
        {"audio": "voice", "video": "video"}.get(kind, "image"),
        content,
        mime=upload.content_type,
        filename=upload.filename,
    )


# -- opening pages ---------------------------------------------------------------------------------


@get("/phone/{openid:str}/open")
async def open_page(state: AppState, openid: FromPath[str], to: FromQuery[str]) -> Redirect:
    """Go to `to` as this person: web login will not ask who it is."""
    return _opened(_emulator(state), openid, to)


def _opened(emulator: Emulator, openid: str, to: str) -> Redirect:
    phone.find(emulator, openid)
    if urlsplit(to).scheme not in ("http", "https"):
        raise NotPossible("只能打开网页")
    return Redirect(to, status_code=303, cookies=[_person_cookie(openid)])


@get("/phone/{openid:str}/view/{path:str}")
async def open_menu(state: AppState, openid: FromPath[str], path: FromPath[str]) -> Redirect:
    """Tap a button that opens a page. A link and not a form: a form may not lead to another site
    under our content security policy."""
    emulator = _emulator(state)
    steps = [_number(step) for step in path.split("-")]
    button = phone.find_button(emulator, steps)
    if button.get("type") != "view":
        raise NotPossible("这个按钮不打开网页")
    phone.tap_menu(emulator, phone.find(emulator, openid), steps)
    return _opened(emulator, openid, button["url"])


def _person_cookie(openid: str) -> Cookie:
    return Cookie(
        key=_COOKIE,
        value=openid,
        path="/connect",
        max_age=60 * _LOGIN_MINUTES,
        httponly=True,
        samesite="lax",
    )


@get("/picture/{media_id:str}")
async def picture(state: AppState, media_id: FromPath[str]) -> Response[bytes]:
    """What PicUrl points to."""
    emulator = _emulator(state)
    media = live_media(emulator, media_id)
    visible = media.mime.partition("/")[0] in ("image", "audio", "video")
    return Response(
        emulator.store.read_file(media_id),
        media_type=media.mime if visible else "application/octet-stream",
        headers={"cache-control": "private, max-age=86400"},
    )


# -- web login -------------------------------------------------------------------------------------


@get("/connect/oauth2/authorize")
async def authorize(request: Request[Any, Any, Any], state: AppState) -> Template | Redirect:
    """Who is it? On a phone the platform knows; elsewhere somebody is chosen.

    With scope snsapi_base a known person notices nothing; snsapi_userinfo asks for agreement.
    """
    emulator = _emulator(state)
    query = dict(request.query_params)
    if problem := _login_problem(emulator, query):
        return Template("authorize.html", context={"problem": problem}, status_code=400)
    known = emulator.store.people.get(request.cookies.get(_COOKIE, ""))
    if known is not None and query["scope"] == "snsapi_base":
        return _login_redirect(emulator, known, query)
    entries = _entries(emulator)
    if known is not None:
        entries.sort(key=lambda entry: entry["person"] is not known)
    return Template(
        "authorize.html",
        context={
            "account_name": emulator.settings.account_name,
            "people": entries,
            "known": known,
            "scope": query["scope"],
            "choice": lambda openid: (
                "/connect/oauth2/choose?" + urlencode({**query, "openid": openid})
            ),
            "snapshot": lambda openid: (
                "/connect/oauth2/choose?" + urlencode({**query, "openid": openid, "snapshot": "1"})
            ),
        },
    )


@get("/connect/oauth2/choose")
async def choose(request: Request[Any, Any, Any], state: AppState) -> Template | Redirect:
    emulator = _emulator(state)
    query = dict(request.query_params)
    if problem := _login_problem(emulator, query):
        return Template("authorize.html", context={"problem": problem}, status_code=400)
    person = phone.find(emulator, query.get("openid", ""))
    return _login_redirect(emulator, person, query)


def _login_problem(emulator: Emulator, query: dict[str, str]) -> str:
    if query.get("appid") != emulator.settings.app_id:
        return "AppID 参数错误"
    if not emulator.allows_page(query.get("redirect_uri", "")):
        return "redirect_uri 域名与后台配置不一致，错误码：10003"
    if query.get("response_type") != "code":
        return "response_type 参数错误"
    if query.get("scope") not in SCOPES:
        return "Scope 参数错误或没有 Scope 权限，错误码：10005"
    return ""


def _login_redirect(emulator: Emulator, person: Person, query: dict[str, str]) -> Redirect:
    virtual = person.virtual or query.get("snapshot") == "1"
    code = give_code(emulator, person, query["scope"], virtual=virtual)
    target = query["redirect_uri"]
    joint = "&" if urlsplit(target).query else "?"
    back = urlencode({"code": code.value, "state": query.get("state", "")})
    return Redirect(
        f"{target}{joint}{back}", status_code=302, cookies=[_person_cookie(person.openid)]
    )


def build_router() -> Router:
    handlers: list[Any] = [
        people,
        chat,
        updates,
        add_person,
        do,
        open_page,
        open_menu,
        picture,
        authorize,
        choose,
    ]
    return Router(
        "/",
        route_handlers=handlers,
        before_request=refuse_strangers,
        response_headers=SECURITY_HEADERS,
    )
