from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from bot.installation import Installation
from tests.integration.console.office import Office

SCREENSHOTS = Path(__file__).resolve().parents[2] / "test-output" / "screenshots"
PHONE = {"width": 375, "height": 812}
LAPTOP = {"width": 1280, "height": 800}


def chromium() -> str | None:
    """The system's Chromium, or the one that a variable names."""
    named = os.environ.get("JINGKANG_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = chromium()
        if path is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium: install chromium, or run `playwright install chromium`")
        # Containers run as root, where Chromium has no sandbox of its own.
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def office(installation: Installation) -> Office:
    return Office(installation)


@pytest.fixture
def address(office: Office) -> Iterator[str]:
    """Where the console is served while the test runs."""
    server = uvicorn.Server(
        uvicorn.Config(office.app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)  # between two looks at the condition
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Opens a browser window of its own on the console; scripts that fail fail the test."""
    contexts = []
    problems: list[str] = []

    def open_(*, size: dict[str, int] = LAPTOP, script: bool = True) -> Page:
        context = browser.new_context(
            base_url=address,
            viewport=size,  # type: ignore[arg-type]
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=script,
            has_touch=size is PHONE,
            is_mobile=size is PHONE,
        )
        context.set_default_timeout(5000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        # Refused by the security policy, or missing.
        page.on("console", lambda said: said.type == "error" and problems.append(said.text))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not [p for p in problems if "status of 4" not in p], problems


def keep(page: Page, name: str) -> None:
    """Keep a picture of the whole page for whoever looks at the run."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
