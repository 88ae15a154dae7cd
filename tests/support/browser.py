"""A real browser for tests: `with page(width, height) as shown:` gives Playwright's page in a headless Chromium.

Skips the test where Playwright or a Chromium is missing. The page reaches no network; an error in it fails the test.
A browser takes a second to start: `with chromium() as browser:` starts one for many pages.
"""

import shutil
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any, Literal

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@contextmanager
def chromium() -> Generator[Any]:
    """A running Chromium. Nothing that uses asyncio can run in this thread until it ends."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip("there is no Chromium")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page(
    width: int = 1280, height: int = 800, scheme: Literal["light", "dark"] = "light", within: Any = None
) -> Generator[Any]:
    """An empty page of that size. Every request but those of `file:` is refused and told as an error."""
    errors: list[str] = []
    with ExitStack() as stack:
        browser = stack.enter_context(chromium()) if within is None else within
        shown = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        stack.callback(shown.close)
        shown.route("**/*", lambda route: _answer(route, errors))
        shown.on("pageerror", lambda error: errors.append(str(error)))
        shown.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        yield shown
    assert errors == []


def _answer(route: Any, errors: list[str]) -> None:
    url = route.request.url
    if url.startswith(("file:", "about:", "data:")):
        route.continue_()
    else:
        errors.append(f"the page asked for {url}")
        route.abort()
