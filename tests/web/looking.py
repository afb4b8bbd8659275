"""A page as a person has it before them, and all that went wrong on it."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from tests.server.stand import CHANGE, Stand

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Longer than anything may take on a busy machine (seconds).
PATIENCE = 90


class Look:
    """The dashboard of a collector in a browser; `wrong` is what its console said."""

    def __init__(
        self, browser: Browser, stand: Stand, width: int = 1440, theme: str = "light", token: str = CHANGE, **more: Any
    ) -> None:
        self._stand, self._token = stand, token
        more |= {"viewport": {"width": width, "height": 900}, "color_scheme": theme, "timezone_id": "UTC"}
        self._context = browser.new_context(**more)
        # what the policy refuses is told of, whether a console says so or not
        self._context.add_init_script(
            "addEventListener('securitypolicyviolation', (event) =>"
            " console.error(`refused: ${event.effectiveDirective} ${event.blockedURI}`))"
        )
        self.page: Page = self._context.new_page()
        self.wrong: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda said: self._note(said.text) if said.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _note(self, text: str) -> None:
        self.wrong.append(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._context.close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._stand.port}/"

    def open(self, place: str = "/") -> Self:
        """Go there with the token, as `lineitem open` does, and wait until all is drawn."""
        from urllib.parse import quote

        self.page.goto(f"{self.address}#token={self._token}&to={quote(place, safe='')}")
        return self.settled()

    def go(self, place: str) -> Self:
        """Go on by the address."""
        before = self.page.evaluate("document.body.dataset.ready ?? '0'")
        if self.page.evaluate("location.hash") != f"#{place}":
            self.page.evaluate("place => { location.hash = place }", place)
            self.until(f"(document.body.dataset.ready ?? '0') !== '{before}'")
        return self.settled()

    def settled(self) -> Self:
        """Wait until nothing on the page waits."""
        self.until("document.body.dataset.ready > 0 && !document.querySelector('.waiting')")
        return self

    def until(self, condition: str) -> None:
        """Wait until something is so in the page. (Playwright's own waiting needs `eval`, which the page forbids.)"""
        end = time.monotonic() + PATIENCE
        while not self.page.evaluate(condition):
            assert time.monotonic() < end, f"it never came to be: {condition}\n{self.page.inner_text('body')[:2000]}"
            self.page.wait_for_timeout(20)

    @property
    def text(self) -> str:
        return self.page.inner_text("#main")
