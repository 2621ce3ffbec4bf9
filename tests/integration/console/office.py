"""An office with staff and families, as the console's tests need it. All people are invented."""

from __future__ import annotations

import itertools
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.logging import LoggingConfig
from litestar.testing import TestClient
from sqlalchemy.orm import Session

from bot.casework import applications, cases, tickets
from bot.casework.models import Case, Staff
from bot.casework.people import contact_of
from bot.console import accounts, routes
from bot.delivery import outbox
from bot.delivery.models import OutboxMessage
from bot.dialogue import inbox
from bot.installation import Installation
from bot.wechat import inbound

PASSWORD = "长长的-测试密码-2026"
SIMING = "350203"

_numbers = itertools.count(1)


def console_app(installation: Installation) -> Litestar:
    """The console alone, joined as `bot.web` joins it."""

    def failed(request: Any, error: Exception) -> Any:
        if isinstance(error, HTTPException):
            return routes.error_page(request, error.status_code)
        traceback.print_exception(error)
        return routes.error_page(request, 500)

    return Litestar(
        route_handlers=routes.handlers(),
        state=State({"installation": installation}),
        openapi_config=None,
        logging_config=LoggingConfig(configure_root_logger=False),
        exception_handlers={Exception: failed},
        **routes.app_options(installation),
    )


class Browser:
    """One browser: its cookies, and forms that carry the page's token."""

    def __init__(self, app: Litestar, *, address: str = "192.0.2.1") -> None:
        async def from_there(scope: Any, receive: Any, send: Any) -> None:
            scope["client"] = (address, 50000)
            await app(scope, receive, send)

        self.client = TestClient(from_there, base_url="http://127.0.0.1:8000")

    def get(self, path: str) -> Any:
        return self.client.get(path, follow_redirects=False)

    def post(self, path: str, **fields: Any) -> Any:
        """Post a form with the token that the pages hand out."""
        token = self.client.cookies.get("jingkang_csrf")
        if token is None:
            self.get("/console/sign-in")
            token = self.client.cookies["jingkang_csrf"]
        return self.client.post(path, data={"_csrf_token": token, **fields}, follow_redirects=False)

    def sign_in(self, username: str, password: str = PASSWORD, **fields: Any) -> Any:
        return self.post("/console/sign-in", username=username, password=password, **fields)

    def hidden(self, path: str, name: str) -> str:
        """The value of a hidden field on a page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.get(path).text)
        assert found, f"{path} has no field {name}"
        return found[1]


class Office:
    """Staff and families of one installation."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.app = console_app(installation)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self.installation.database.transaction() as session:
            yield session

    @property
    def now(self) -> Any:
        return self.installation.clock()

    def staff(self, username: str, role: str = "social_worker", name: str | None = None) -> Staff:
        with self.transaction() as session:
            return accounts.add_staff(
                session,
                username=username,
                display_name=name or username,
                role=role,
                password=PASSWORD,
                by="system:test",
                now=self.now,
            )

    def browser(self, username: str | None = None, *, address: str = "192.0.2.1") -> Browser:
        """A new browser, signed in when a name is given."""
        browser = Browser(self.app, address=address)
        if username is not None:
            assert browser.sign_in(username).status_code == 303
        return browser

    def contact(self, openid: str | None = None) -> int:
        with self.transaction() as session:
            openid = openid or f"o-test-{next(_numbers)}"
            return contact_of(session, openid=openid, now=self.now).id

    def says(self, openid: str, content: str) -> int:
        """The family writes; returns the contact's id."""
        push = inbound.Text(person=openid, dedupe_key=f"m{next(_numbers)}", content=content)
        with self.transaction() as session:
            accepted = inbox.accept(session, push=push, now=self.now)
            inbox.end_lease(inbox.locked_contact(session, accepted.contact_id))
            return accepted.contact_id

    def answers(self, openid: str, text: str, **columns: Any) -> int:
        """The bot has said something; ``columns`` are its fate."""
        with self.transaction() as session:
            contact = contact_of(session, openid=openid, now=self.now)
            [row] = outbox.post(
                session,
                contact_id=contact.id,
                draft=outbox.Draft(text),
                by="system:dialogue",
                now=self.now,
            )
            for column, value in columns.items():
                setattr(row, column, value)
            session.flush()
            return row.id

    def case(
        self,
        openid: str,
        name: str = "测试甲",
        *,
        telephone: str = "13800000001",
        county: str = SIMING,
        patient: str = "reported",
        guardian: str | None = "given",
        **answers: Any,
    ) -> Case:
        """An application, filled in and confirmed."""
        with self.transaction() as session:
            contact = contact_of(session, openid=openid, now=self.now)
            by = f"contact:{contact.id}"
            draft = applications.start_application(
                session, contact_id=contact.id, by=by, now=self.now
            )
            filled = {
                "relation": "parent",
                "patient_name": name,
                "birth_year": 1992,
                "county": county,
                "hospital_advice": "advised",
                "service_forms": ["day", "outreach"],
                "telephone": telephone,
                "is_guardian": "yes" if guardian else "no",
                "patient_consent": patient,
                **({"guardian_consent": guardian} if guardian else {}),
                **answers,
            }
            applications.save_answers(
                session, application=draft, answers=filled, by=by, now=self.now
            )
            decided = [("sensitive_data", "given"), ("rehabilitation_patient", patient)]
            if guardian:
                decided.append(("rehabilitation_guardian", guardian))
            for purpose, state in decided:
                applications.record_consent(
                    session,
                    application=draft,
                    purpose=purpose,
                    state=state,
                    said_by="parent",
                    by=by,
                    now=self.now,
                )
            return cases.submit_application(
                session,
                application=draft,
                summary=f"{name}申请社区康复",
                by=by,
                now=self.now,
            )

    def ticket(
        self,
        openid: str | None,
        kind: str = "ask_human",
        *,
        urgency: str = "soon",
        summary: str = "想找人说说话",
        county: str | None = None,
    ) -> int:
        with self.transaction() as session:
            contact = contact_of(session, openid=openid, now=self.now).id if openid else None
            return tickets.open_ticket(
                session,
                source_key=f"test:{next(_numbers)}",
                kind=kind,
                urgency=urgency,
                summary=summary,
                by="system:test",
                now=self.now,
                contact_id=contact,
                county_code=county,
            )

    def outbox(self, contact_id: int) -> list[str]:
        """What goes to a contact, oldest first."""
        with self.transaction() as session:
            rows = session.query(OutboxMessage).filter_by(contact_id=contact_id)
            return [row.body["text"] for row in rows.order_by(OutboxMessage.id)]
