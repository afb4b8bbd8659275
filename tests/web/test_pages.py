"""The dashboard in a real Chromium: every page, both themes, wide and narrow, with data and without."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lineitem.surfaces.cli import story
from tests.server.stand import CHANGE, READ, Stand
from tests.telling.transcripts import CWD, Pen, Tale, counts
from tests.web.conftest import ready
from tests.web.looking import Look

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ID = story.SESSION
#: Days in which the example lies, whatever day it is.
THEN = "since=2026-11-01&until=2026-11-03"
PAGES = (
    "/", f"/?{THEN}", f"/sessions?{THEN}", f"/session/{ID}", f"/session/{ID}?root=tool%2FBash",
    f"/explore?{THEN}", f"/explore?by=tool&split=part&{THEN}", f"/explore?by=project&split=model&over=day&{THEN}",
    *(f"/{name}?{THEN}" for name in ("projects", "models", "tools", "skills", "agents", "mcp", "memory", "branches",
                                     "commits", "efficiency", "prompts", "anomalies", "advice")),
    "/budgets", "/audit", "/settings", "/doctor", "/nothing/here",
)  # fmt: skip
VIEWS = [(width, theme) for width in (390, 1440) for theme in ("light", "dark")]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A collector that has nothing at all."""
    with Stand(tmp_path_factory.mktemp("bare")) as stand:
        ready(stand)
        yield stand


@pytest.fixture(params=["example", "nothing"])
def place(request: pytest.FixtureRequest) -> Stand:
    """A collector that has the example, and one that has nothing at all."""
    found: Stand = request.getfixturevalue("stand" if request.param == "example" else "bare")
    return found


def pages(request: pytest.FixtureRequest) -> list[str]:
    """The pages there are: without anything there is no session."""
    empty = "nothing" in request.node.callspec.params.values()
    return [each for each in PAGES if not (empty and each.startswith("/session/"))]


@pytest.mark.parametrize(("width", "theme"), VIEWS)
def test_every_page_is_drawn_and_nothing_is_wrong(
    chromium: Browser, place: Stand, width: int, theme: str, request: pytest.FixtureRequest
) -> None:
    with Look(chromium, place, width, theme) as look:
        look.open()
        for page in pages(request):
            look.go(page)
            assert look.page.locator("h1").count() == 1, page
            beyond = look.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert beyond <= 0, page
            assert look.page.locator(".state.bad").count() == 0, (page, look.text)
            assert "undefined" not in look.text, page
            assert "NaN" not in look.text, page
        assert look.wrong == []
        assert all(address.startswith(look.address) for address in look.asked)


@pytest.mark.parametrize(("width", "theme"), VIEWS)
def test_nobody_stumbles_over_a_page(
    chromium: Browser, place: Stand, width: int, theme: str, request: pytest.FixtureRequest
) -> None:
    """axe finds nothing at all, what can be opened being open.

    It needs `eval`, which the page forbids: so the policy is off while it looks.
    """
    carrier = pytest.importorskip("axe_playwright_python")
    script = (Path(carrier.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    with Look(chromium, place, width, theme, bypass_csp=True) as look:
        look.open()
        look.page.evaluate(f"{script}; 0")
        said: list[tuple[str, str, list[str]]] = []
        for page in pages(request):
            look.go(page)
            look.page.evaluate("for (const each of document.querySelectorAll('#main details')) each.open = true")
            look.settled()
            found = look.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            said += [(page, each["id"], [node["target"] for node in each["nodes"][:2]]) for each in found]
        assert said == []


def test_the_figures_are_those_of_the_command_line(chromium: Browser, stand: Stand) -> None:
    with Look(chromium, stand) as look:
        look.open(f"/session/{ID}")
        assert "$1.043" in look.text
        assert "Claude Code's own total agrees." in look.text
        for text in ("Tools", "Tool schemas", "schemas/mcp__github", "idle beyond the 5-minute cache lifetime"):
            assert text in look.page.inner_text("body"), text
        look.go(f"/tools?{THEN}")
        status, document = stand.ask("GET", "/v1/reports/tools?since=2026-11-01&until=2026-11-03", token=READ)
        assert status == 200
        shown = look.page.locator("tbody tr").evaluate_all("rows => rows.map(row => row.children[0].textContent)")
        assert shown == [
            row["tool"] for row in sorted(document["tools"], key=lambda row: ("remainder" in row, -row["costNanos"]))
        ]


def test_without_a_token_it_says_what_to_do(chromium: Browser, stand: Stand) -> None:
    with Look(chromium, stand) as look:
        look.page.goto(look.address)
        look.until("document.querySelector('h1')")
        assert "lineitem open" in look.text
        assert not [address for address in look.asked if "/v1/" in address]


def test_with_a_wrong_token_it_says_so(chromium: Browser, stand: Stand) -> None:
    with Look(chromium, stand, token="x" * 43) as look:
        look.page.goto(f"{look.address}#token={'x' * 43}")
        look.until("document.querySelector('.state.bad')")
        assert "lineitem open" in look.text


def test_the_token_leaves_the_address_at_once_and_no_server_hears_of_it(chromium: Browser, stand: Stand) -> None:
    with Look(chromium, stand) as look:
        look.open("/models?since=30d")
        assert look.page.url == f"{look.address}#/models?since=30d"
        assert not [address for address in look.asked if CHANGE in address]
        assert look.page.evaluate("history.length") == 2  # the blank page, and this one
        look.page.reload()
        look.settled()
        assert look.page.locator("h1").inner_text() == "Models"


def test_a_link_shows_the_same_view(chromium: Browser, stand: Stand) -> None:
    with Look(chromium, stand) as look:
        look.open(f"/explore?by=kind&split=model&{THEN}")
        before = look.text
        address = look.page.url
        look.page.select_option("select[name=by]", "tool")
        look.until("location.hash.includes('by=tool')")
        look.settled()
        look.until(
            "document.querySelector('tbody td')?.textContent === 'Bash' || document.body.innerText.includes('Read')"
        )
        look.page.goto(address)
        look.settled()
        look.until("document.querySelector('select[name=by]').value === 'kind'")
        look.settled()
        assert look.text == before


def test_a_cause_is_looked_into_by_a_click_and_left_by_the_trail(chromium: Browser, stand: Stand) -> None:
    with Look(chromium, stand) as look:
        look.open(f"/session/{ID}")
        look.until("document.querySelector('figure svg .pick path')")
        look.page.locator("figure svg .pick path").nth(1).click()
        look.until("location.hash.includes('root=tool')")
        look.settled()
        look.page.locator(".trail a").first.click()
        look.until("!location.hash.includes('root')")
        assert look.wrong == []


def test_without_vega_there_are_tables_and_a_word_on_how_to_get_charts(chromium: Browser, stand: Stand) -> None:
    with Look(chromium, stand) as look:
        look.page.route("**/static/vega.js", lambda route: route.abort())
        look.open(f"/session/{ID}")
        look.until("document.body.innerText.includes('lineitem[pictures]')")
        look.until("[...document.querySelectorAll('figure table')].length >= 2")


def test_the_table_beside_a_chart_says_the_same(chromium: Browser, stand: Stand) -> None:
    with Look(chromium, stand) as look:
        look.open(f"/session/{ID}")
        look.page.locator("summary").first.click()
        look.until("document.querySelector('figure table tbody td')")
        rows = (
            look.page.locator("figure")
            .first.locator("tbody tr")
            .evaluate_all("rows => rows.map(row => row.children[0].textContent)")
        )
        bill = stand.ask("GET", f"/v1/reports/bill?session={ID}", token=READ)[1]
        assert rows == [child["cause"] for child in bill["tree"]["children"]]


def test_keys_lead_to_pages_and_to_the_filter(chromium: Browser, stand: Stand) -> None:
    with Look(chromium, stand) as look:
        look.open("/")
        look.page.keyboard.press("g")
        look.page.keyboard.press("s")
        look.until("location.hash === '#/sessions'")
        look.go(f"/sessions?{THEN}")
        look.page.keyboard.press("/")
        look.until("document.activeElement.type === 'search'")
        look.page.keyboard.type("nothing like it")
        look.until("document.querySelectorAll('tbody tr').length === 0")
        look.page.keyboard.press("Escape")
        look.page.keyboard.press("?")
        look.until("document.querySelector('dialog[open]')")
        look.page.keyboard.press("Escape")
        look.until("!document.querySelector('dialog[open]')")


def test_a_budget_is_made_overridden_and_removed_on_the_page(chromium: Browser, tmp_path: Path) -> None:
    with Stand(tmp_path) as stand, Look(chromium, stand) as look:
        ready(stand)
        look.open("/budgets")
        look.page.fill("input[name=name]", "shop")
        look.page.fill("input[name=limit]", "many")
        look.page.click("text=Make it")
        look.until("document.querySelector('.said.bad')?.textContent.includes('many')")
        look.page.fill("input[name=limit]", "20")
        look.page.fill("input[name=of]", "project=shop model=opus")
        look.page.click("text=Make it")
        look.until("document.querySelector('.budgets li')")
        found = stand.ask("GET", "/v1/reports/budget", token=READ)[1]["budgets"][0]
        assert (found["name"], found["limit"], found["scope"]) == ("shop", "$20", "model=opus,project=shop")
        look.page.click("text=override")
        look.page.fill("input[placeholder=why]", "release day")
        look.page.click("text=Override for an hour")
        look.page.click("button:text-is('remove')")
        look.page.click("text=Remove it, really")
        look.until("document.body.innerText.includes('There is no budget yet')")
        log = stand.ask("GET", "/v1/reports/audit", token=READ)[1]["audit"]
        assert sorted(row["what"] for row in log) == ["budget made", "budget removed", "override"]
        assert [text for text in look.wrong if "400" not in text] == []


def test_the_theme_is_kept(chromium: Browser, stand: Stand) -> None:
    with Look(chromium, stand) as look:
        look.open("/")
        look.page.click("[aria-label='Theme: auto']")
        look.page.click("[aria-label='Theme: light']")
        assert look.page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert look.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 18, 22)"
        look.page.reload()
        look.settled()
        assert look.page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_tool_call_appears_on_the_open_page(chromium: Browser, tmp_path: Path) -> None:
    """Written to the transcript, it is on the page without anybody doing anything."""
    tale = Tale(at=int(time.time() * 1000) - 60_000)
    pen = tale.session()
    pen.prompt("Look into both.")
    _read(pen, "one.py", 4_000)
    tale.write(tmp_path / "config")
    with Stand(tmp_path, tmp_path / "config") as stand, Look(chromium, stand) as look:
        ready(stand)
        look.open("/")
        look.until("document.body.innerText.includes('one.py')")
        _read(pen, "two.py", 900)
        tale.write(tmp_path / "config")
        look.until("document.body.innerText.includes('two.py')")
        assert look.wrong == []


def _read(pen: Pen, name: str, written: int) -> None:
    call = pen.tale.name("toolu_01")
    used = {"type": "tool_use", "id": call, "name": "Read", "input": {"file_path": f"{CWD}/src/{name}"}}
    pen.answer([used], counts(3, written, 0, 4_000, 50))
    pen.result(call, "x = 1")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 40, 0, 4_000 + written, 9))
