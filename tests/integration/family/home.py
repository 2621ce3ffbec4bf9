"""Families at their phones, as the tests of their pages need them. All people are invented."""

from __future__ import annotations

import itertools
import re
import traceback
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.logging import LoggingConfig
from litestar.testing import TestClient

from bot.console import routes as console
from bot.family import routes as family
from bot.family.signing_in import SignInFailed, SnapshotVisitor
from bot.installation import Installation
from tests.integration.console.office import Office

_numbers = itertools.count(1)


class FakeWeChat:
    """The other side of web login: a code is the openid it stands for, good once."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def login_url(self, redirect_to: str, *, state: str) -> str:
        return "https://wechat.invalid/authorize?" + urlencode(
            {"redirect_uri": redirect_to, "state": state}
        )

    def openid_of(self, code: str) -> str:
        if code in self.used or not code.startswith("o-"):
            raise SignInFailed("40029")
        if code.startswith("o-snapshot"):
            raise SnapshotVisitor("virtual")
        self.used.add(code)
        return code.split("!")[0]


def both_apps(installation: Installation, wechat: FakeWeChat) -> Litestar:
    """Console and family pages, joined as `bot.web` joins them."""

    def failed(request: Any, error: Exception) -> Any:
        room = family if request.url.path.startswith("/family") else console
        if isinstance(error, HTTPException):
            return room.error_page(request, error.status_code)
        traceback.print_exception(error)
        return room.error_page(request, 500)

    return Litestar(
        route_handlers=[*console.handlers(), *family.handlers()],
        state=State({"installation": installation, "web_login": wechat}),
        openapi_config=None,
        logging_config=LoggingConfig(configure_root_logger=False),
        exception_handlers={Exception: failed},
        **console.app_options(installation),
    )


class Phone:
    """One phone: its cookies, and forms that carry the page's token."""

    def __init__(self, app: Litestar) -> None:
        self.client = TestClient(app, base_url="http://127.0.0.1:8000")

    def get(self, path: str) -> Any:
        return self.client.get(path, follow_redirects=False)

    def post(self, path: str, **fields: Any) -> Any:
        token = self.client.cookies.get("jingkang_csrf")
        if token is None:
            self.get("/family/sign-in")
            token = self.client.cookies["jingkang_csrf"]
        return self.client.post(path, data={"_csrf_token": token, **fields}, follow_redirects=False)

    def way_back(self, openid: str, to: str = "/family") -> str:
        """Go to WeChat; the address that it sends this person back to."""
        there = self.get(f"/family/sign-in?to={to}").headers["location"]
        query = parse_qs(urlsplit(there).query)
        back = urlsplit(query["redirect_uri"][0])
        more = urlencode({"code": f"{openid}!{next(_numbers)}", "state": query["state"][0]})
        return f"{back.path}?{back.query}&{more}"

    def sign_in(self, openid: str, to: str = "/family") -> Any:
        return self.get(self.way_back(openid, to))

    def ask(self, method: str, path: str) -> Any:
        return self.get(path) if method == "GET" else self.post(path)

    def hidden(self, path: str, name: str) -> str:
        """The value of a hidden field on a page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.get(path).text)
        assert found, f"{path} has no field {name}"
        return found[1]


class Home(Office):
    """Staff and families of one installation, with the pages of both."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation)
        self.wechat = FakeWeChat()
        self.app = both_apps(installation, self.wechat)

    def phone(self, openid: str | None = None) -> Phone:
        """A phone, signed in when an openid is given."""
        phone = Phone(self.app)
        if openid is not None:
            assert phone.sign_in(openid).status_code == 303
        return phone
