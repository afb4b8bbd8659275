"""Many tabs, and pages that nobody sees: a browser has six connections to a place for all of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.server.stand import CHANGE, READ, Stand
from tests.web.conftest import ready
from tests.web.looking import Look

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: What a browser does with a tab that another one covers, said by hand: without a screen all tabs are seen.
COVER = """() => {
    window.covered = true;
    const get = () => (window.covered ? 'hidden' : 'visible');
    Object.defineProperty(document, 'visibilityState', { get, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
}"""
SHOW = "() => { window.covered = false; document.dispatchEvent(new Event('visibilitychange')); }"


def test_a_page_that_nobody_sees_holds_no_stream_and_catches_up_when_seen(chromium: Browser, tmp_path: Path) -> None:
    with Stand(tmp_path) as stand, Look(chromium, stand) as look:
        ready(stand)
        look.open("/budgets")
        look.until("document.querySelector('.state-dot.open')")
        left: list[str] = []
        look.page.on("requestfailed", lambda request: left.append(request.url))
        look.page.evaluate(COVER)
        look.until("document.querySelector('.state-dot.open')")  # nothing is said of it
        look.page.wait_for_timeout(50)
        assert left == [f"{look.address}v1/events"]
        asked = len(look.asked)
        assert stand.ask("POST", "/v1/budgets/shop/add", {"limit": "5"}, token=CHANGE)[0] == 200
        look.page.wait_for_timeout(600)
        assert len(look.asked) == asked
        look.page.evaluate(SHOW)
        look.until("document.querySelector('.budgets li')?.innerText.includes('shop')")
        assert look.wrong == []


def test_a_page_that_is_opened_unseen_begins_to_listen_when_seen(chromium: Browser, tmp_path: Path) -> None:
    with Stand(tmp_path) as stand, Look(chromium, stand) as look:
        ready(stand)
        look.page.add_init_script(f"({COVER})()")
        look.open("/budgets")
        assert not [address for address in look.asked if address.endswith("/v1/events")]
        assert stand.ask("POST", "/v1/budgets/shop/add", {"limit": "5"}, token=CHANGE)[0] == 200
        look.page.evaluate(SHOW)
        look.until("document.querySelector('.budgets li')?.innerText.includes('shop')")
        look.until("document.querySelector('.state-dot.open')")


def test_twelve_tabs_all_work(chromium: Browser, tmp_path: Path) -> None:
    with Stand(tmp_path) as stand, Look(chromium, stand) as look:
        ready(stand)
        look.open("/")
        context = look.page.context
        for _ in range(11):
            look.page.evaluate(COVER)
            look.page = context.new_page()
            look.open("/models")
        assert look.page.locator("h1").inner_text() == "Models"


def test_a_chart_whose_figures_are_the_same_is_not_drawn_again(chromium: Browser, tmp_path: Path, told: Path) -> None:
    with Stand(tmp_path, told) as stand, Look(chromium, stand) as look:
        ready(stand)
        look.open("/?since=all")
        look.until("document.querySelectorAll('figure svg').length === 3")
        look.page.evaluate("document.querySelectorAll('figure svg').forEach(each => { each.dataset.mark = 'first' })")
        before = look.page.evaluate("document.body.dataset.ready")
        assert stand.ask("POST", "/v1/budgets/shop/add", {"limit": "5"}, token=CHANGE)[0] == 200
        look.until(f"document.body.dataset.ready !== '{before}' && document.body.innerText.includes('shop')")
        look.settled()
        assert look.page.locator("figure svg[data-mark=first]").count() == 3
        look.page.click("[aria-label='Theme: auto']")
        look.page.click("[aria-label='Theme: light']")
        look.until("!document.querySelector('figure svg[data-mark=first]')")
        assert stand.ask("GET", "/v1/reports/budget", token=READ)[1]["budgets"][0]["name"] == "shop"
