"""In a frame of an editor, which is another origin and keeps no cookies there; and in no frame of a site."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from lineitem.surfaces.cli import story
from tests.docs.pages import ROOT, text
from tests.server.stand import CHANGE, READ, Stand
from tests.web.conftest import started
from tests.web.looking import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Page, Route

EDITOR = "http://editor.test/"
#: Who may have the page in a frame: itself, and the two origins that VS Code shows a page inside of.
MAY = "frame-ancestors 'self' vscode-webview: vscode-file:;"

#: What a browser does that is told to let frames of others store nothing.
REFUSE = """for (const name of ['sessionStorage', 'localStorage']) {
    Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });
}"""


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium that keeps no cookies, and lets nothing be stored, in frames of others."""
    with started(tmp_path_factory, "--test-third-party-cookie-phaseout", "--disable-features=LocalNetworkAccessChecks",
                 ) as browser:  # fmt: skip
        yield browser


def framed(page: Page, stand: Stand, address: str, *, may: str = "") -> Frame:
    """A page of another origin with a frame in it; may: an origin let in beside those that are."""

    def editor(route: Route) -> None:
        route.fulfill(content_type="text/html", body=f'<iframe src="{address}" width="1200" height="800"></iframe>')

    def shell(route: Route) -> None:
        answer = route.fetch()
        policy = answer.headers["content-security-policy"]
        assert MAY in policy
        headers = {**answer.headers, "content-security-policy": policy.replace(MAY, f"{MAY[:-1]} {may};")}
        route.fulfill(response=answer, headers=headers)

    page.route(EDITOR, editor)
    if may:
        page.route(f"http://127.0.0.1:{stand.port}/", shell)
    page.goto(EDITOR)
    return page.frames[-1]


def until(page: Page, frame: Frame, condition: str) -> None:
    for _ in range(PATIENCE * 50):
        if frame.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"it never came to be: {condition}\n{frame.content()[:2000]}")


@pytest.mark.parametrize("storage", ["of the frame's own", "refused"])
def test_the_page_works_in_a_frame_of_another_origin_without_cookies(
    strict: Browser, stand: Stand, storage: str
) -> None:
    """As VS Code's Simple Browser has it. A browser knows no `vscode-webview:`: another origin is let in its place."""
    context = strict.new_context(viewport={"width": 1300, "height": 900})
    if storage == "refused":
        context.add_init_script(REFUSE)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    try:
        address = f"http://127.0.0.1:{stand.port}/#token={CHANGE}&amp;to=%2Fsession%2F{story.SESSION}"
        frame = framed(page, stand, address, may="http://editor.test")
        until(page, frame, "document.body?.dataset.ready > 0 && !document.querySelector('.waiting')")
        until(page, frame, "document.querySelectorAll('figure svg').length === 4")
        assert "$1.043" in frame.inner_text("#main")
        assert frame.evaluate("location.hash") == f"#/session/{story.SESSION}"
        frame.evaluate("location.hash = '#/budgets'")
        until(page, frame, "document.querySelector('h1')?.textContent === 'Budgets'")
        frame.fill("input[name=name]", "framed")
        frame.fill("input[name=limit]", "20")
        frame.click("text=Make it")
        until(page, frame, "document.querySelector('.budgets li')")
        until(page, frame, "document.querySelector('.state-dot.open')")
        frame.click("[aria-label='Theme: auto']")
        assert frame.evaluate("(document.cookie = 'x=1; SameSite=None; Secure', document.cookie)") == ""
        assert wrong == []
        assert context.cookies() == []
    finally:
        stand.ask("POST", "/v1/budgets/framed/remove", {}, token=CHANGE)
        context.close()


def test_no_site_may_frame_it(strict: Browser, stand: Stand) -> None:
    context = strict.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    try:
        frame = framed(page, stand, f"http://127.0.0.1:{stand.port}/#token={CHANGE}")
        page.wait_for_timeout(300)
        assert frame.url.startswith("chrome-error:") or "lineitem" not in frame.content()
        assert any("frame-ancestors" in text for text in said), said
    finally:
        context.close()


def test_only_those_that_are_meant_may_frame_it(stand: Stand) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", stand.port, timeout=30)
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    policy = answer.getheader("Content-Security-Policy") or ""
    assert re.findall(r"frame-ancestors[^;]*;", policy) == [MAY]
    assert answer.getheader("X-Frame-Options") is None  # it knows no editors, and would shut them out


def test_only_the_page_itself_is_given_to_a_frame(stand: Stand) -> None:
    frame = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"}
    status, page = stand.raw("GET", "/", token=None, **frame)
    assert (status, b"<html" in page) == (200, True)
    asked = {**frame, "Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"}
    assert stand.raw("GET", "/", token=None, **asked)[0] == 403
    for path in ("/static/main.js", "/v1/reports/daily", "/v1/events"):
        assert stand.raw("GET", path, token=READ, **frame)[0] == 403


def test_the_task_for_the_editor_runs_what_there_is() -> None:
    """docs/vscode/tasks.json is the file that the page shows."""
    written = text(ROOT / "docs/vscode/tasks.json")
    (task,) = json.loads(written)["tasks"]
    assert task["command"] == "lineitem open --print"
    settings = json.loads(text(ROOT / "docs/vscode/settings.json"))
    assert settings == {"workbench.externalUriOpeners": {"http://127.0.0.1:4953/*": "simpleBrowser.open"}}
    page = text(ROOT / "docs/vscode/README.md")
    assert written in page
    assert text(ROOT / "docs/vscode/settings.json") in page
