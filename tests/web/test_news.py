"""Pages hear of changes, and of nothing else; questions are answered once, and remembered as long as they hold."""

from __future__ import annotations

import asyncio
import http.client
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from lineitem.server import asking, news
from tests.server.stand import CHANGE, READ, Stand
from tests.web.conftest import ready


class Clerk:
    """Answers with what was asked, and counts how often."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.wait = threading.Event()
        self.wait.set()
        self.closed = 0

    def file(self, name: str) -> tuple[bytes, str] | None:
        del name
        return None

    def reader(self) -> Clerk:
        return self

    def answer(self, what: str, name: str, options: Mapping[str, str]) -> tuple[int, bytes]:
        self.wait.wait(10)
        self.asked.append(name)
        return (400 if name == "wrong" else 200), f"{what} {name} {dict(options)}".encode()

    def close(self) -> None:
        self.closed += 1


def test_a_question_is_worked_out_once_for_all_who_ask_at_once() -> None:
    clerk = Clerk()
    clerk.wait.clear()

    async def ask() -> list[asking.Answer]:
        desk = asking.Desk(clerk, lambda: 1)
        asked = [asyncio.ensure_future(desk.ask(("report", "daily", ()))) for _ in range(20)]
        await asyncio.sleep(0)
        asked[3].cancel()  # whoever goes away takes it from nobody
        clerk.wait.set()
        found = await asyncio.gather(*asked, return_exceptions=True)
        desk.close()
        return [each for each in found if isinstance(each, asking.Answer)]

    answers = asyncio.run(ask())
    assert len(answers) == 19
    assert len({each.tag for each in answers}) == 1
    assert clerk.asked == ["daily"]
    assert clerk.closed == 1


def test_an_answer_is_remembered_until_the_ledger_changes_and_a_refusal_never() -> None:
    clerk = Clerk()
    revision = 1

    async def ask() -> None:
        nonlocal revision
        desk = asking.Desk(clerk, lambda: revision)
        for _ in range(3):
            await desk.ask(("report", "daily", ()))
            await desk.ask(("report", "wrong", ()))
        assert clerk.asked == ["daily", "wrong", "wrong", "wrong"]
        revision = 2
        await desk.ask(("report", "daily", ()))
        assert clerk.asked.count("daily") == 2
        desk.close()

    asyncio.run(ask())


def test_memory_of_answers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_ANSWERS", 4)

    async def ask() -> None:
        desk = asking.Desk(Clerk(), lambda: 1)
        for number in range(20):
            await desk.ask(("report", str(number), ()))
        assert len(desk._known) == 4
        assert desk._bytes == sum(len(known[2].body) for known in desk._known.values())
        desk.close()

    asyncio.run(ask())


def test_who_asks_too_much_at_once_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_WAITING", 3)
    clerk = Clerk()
    clerk.wait.clear()

    async def ask() -> None:
        desk = asking.Desk(clerk, lambda: 1)
        asked = [asyncio.ensure_future(desk.ask(("report", str(number), ()))) for number in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(asking.Busy):
            await desk.ask(("report", "one too many", ()))
        clerk.wait.set()
        await asyncio.gather(*asked)
        desk.close()

    asyncio.run(ask())


def test_many_changes_at_once_are_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "_APART", 0.0)

    async def listen() -> list[bytes]:
        told = news.News()
        told.start(asyncio.get_running_loop())
        stream = told.listen()
        heard = [await anext(stream)]
        for _ in range(50):
            told.publish()
        heard.append(await anext(stream))
        told.close()
        heard += [each async for each in stream]
        return heard

    heard = asyncio.run(listen())
    assert [b'"revision": 0' in heard[0], b'"revision": 50' in heard[1], len(heard)] == [True, True, 2]


def test_a_quiet_stream_is_kept_open_by_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "_QUIET", 0.0)

    async def listen() -> list[bytes]:
        told = news.News()
        told.start(asyncio.get_running_loop())
        stream = told.listen()
        return [await anext(stream) for _ in range(3)]

    assert asyncio.run(listen())[1:] == [b": still here\n\n"] * 2


def test_only_so_many_pages_may_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "MOST", 1)

    async def listen() -> None:
        told = news.News()
        told.start(asyncio.get_running_loop())
        stream = told.listen()
        await anext(stream)
        with pytest.raises(news.TooMany):
            told.listen()
        await stream.aclose()  # type: ignore[attr-defined]
        told.listen()

    asyncio.run(listen())


def test_a_page_that_listens_hears_of_a_budget_and_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        ready(stand)
        connection = http.client.HTTPConnection("127.0.0.1", stand.port, timeout=30)
        connection.request("GET", "/v1/events", headers={"Authorization": f"Bearer {READ}"})
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("content-type")) == (200, "text/event-stream; charset=utf-8")
        assert answer.readline() == b"event: changed\n"
        status, made = stand.ask("POST", "/v1/budgets/shop/add", {"limit": "5"}, token=CHANGE)
        assert (status, made["done"]) == (200, "made")
        rest = b"".join(answer.readline() for _ in range(4))
        assert b"event: changed\ndata: " in rest
        assert stand.stop() == 0
        connection.close()


def test_an_answer_that_did_not_change_is_not_sent_again(stand: Stand) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", stand.port, timeout=30)
    headers = {"Authorization": f"Bearer {READ}"}
    connection.request("GET", "/v1/reports/daily", headers=headers)
    first = connection.getresponse()
    body, tag = first.read(), first.getheader("ETag")
    connection.request("GET", "/v1/reports/daily", headers={**headers, "If-None-Match": tag or ""})
    again = connection.getresponse()
    assert (first.status, again.status, again.read(), bool(body)) == (200, 304, b"", True)
    connection.close()


@pytest.mark.parametrize("path", ["/", "/static/main.js", "/v1/reports/daily", "/v1/charts/days"])
def test_every_answer_says_what_a_browser_may_do_with_it(stand: Stand, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", stand.port, timeout=30)
    connection.request("GET", path, headers={"Authorization": f"Bearer {READ}"})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert answer.getheader("Cross-Origin-Resource-Policy") == "same-origin"
    assert answer.getheader("Referrer-Policy") == "no-referrer"
    if path == "/":
        policy = answer.getheader("Content-Security-Policy") or ""
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "*" not in policy
    connection.close()


@pytest.mark.parametrize(
    ("action", "body", "said"),
    [
        ("add", {}, "A budget needs a limit"),
        ("add", {"limit": "lots"}, "lots"),
        ("add", {"limit": "5", "colour": "red"}, "takes limit"),
        ("edit", {"limit": "5"}, "There is no budget 'shop'"),
        ("remove", {}, "There is no budget 'shop'"),
        ("override", {"reason": "x"}, "There is no budget 'shop'"),
        ("add", {"limit": 5}, "limit is a text"),
        ("add", {"limit": "5", "warn": ["80"]}, "warn is a text"),
        ("add", {"name": "other", "limit": "5"}, "no object"),
        ("add", [], "no object"),
        ("add", b"{", "no object"),
    ],
)
def test_a_change_that_cannot_be_meant_changes_nothing(stand: Stand, action: str, body: object, said: str) -> None:
    status, found = stand.ask("POST", f"/v1/budgets/shop/{action}", body, token=CHANGE)
    assert (status, said in found["error"]) == (400, True), found
    assert stand.ask("GET", "/v1/reports/budget", token=READ)[1]["budgets"] == []


@pytest.mark.parametrize(
    ("of", "scope"),
    [("project=my shop model=opus", "model=opus,project=my shop"), ("project=a, team=b c", "project=a,team=b c"),
     ("project=a,project=b", "project=a,project=b")],
)  # fmt: skip
def test_names_in_a_scope_may_hold_blanks(stand: Stand, of: str, scope: str) -> None:
    assert stand.ask("POST", "/v1/budgets/blank/add", {"limit": "5", "of": of}, token=CHANGE)[0] == 200
    (made,) = stand.ask("GET", "/v1/reports/budget", token=READ)[1]["budgets"]
    assert made["scope"] == scope
    assert stand.ask("POST", "/v1/budgets/blank/remove", {}, token=CHANGE)[0] == 200


def test_a_budget_may_warn_at_nothing(stand: Stand) -> None:
    assert stand.ask("POST", "/v1/budgets/quiet/add", {"limit": "5", "warn": ""}, token=CHANGE)[0] == 200
    (made,) = stand.ask("GET", "/v1/reports/budget", token=READ)[1]["budgets"]
    assert (made["warnAt"], made["act"]) == ([], None)
    assert stand.ask("POST", "/v1/budgets/quiet/remove", {}, token=CHANGE)[0] == 200


def test_a_parameter_that_is_given_twice_is_refused(stand: Stand) -> None:
    assert stand.ask("GET", "/v1/reports/daily?since=7d&since=8d", token=READ)[0] == 400
