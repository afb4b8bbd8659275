"""What a page is told is what the command line prints, for every report and option."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineitem.surfaces import answering
from lineitem.surfaces.charts.make import CHARTS
from lineitem.surfaces.cli import main, story
from lineitem.surfaces.web.dashboard import Dashboard, Reader
from lineitem.tallying import Memory
from tests.surfaces.answers import shown

ID = story.SESSION[:8]
#: (report, options of the page, the same as words of a command line)
ASKED: list[tuple[str, dict[str, str], list[str]]] = [
    ("daily", {}, []),
    ("daily", {"since": "20261101", "breakdown": "1"}, ["--since", "20261101", "--breakdown"]),
    ("daily", {"instances": "1", "project": "shop"}, ["--instances", "--project", "shop"]),
    ("hourly", {"since": "20261102"}, ["--since", "20261102"]),
    ("weekly", {"start-of-week": "monday"}, ["--start-of-week", "monday"]),
    ("monthly", {"last": "1", "order": "desc"}, ["--last", "1", "--order", "desc"]),
    ("session", {}, []),
    ("session", {"id": ID}, [ID]),
    ("blocks", {"token-limit": "max"}, ["--token-limit", "max"]),
    ("today", {}, []),
    ("today", {"since": "20261102", "until": "20261102"}, ["--since", "20261102", "--until", "20261102"]),
    ("bill", {}, []),
    ("bill", {"session": ID, "under": "tool/Bash"}, ["--session", ID, "--under", "tool/Bash"]),
    ("bill", {"since": "20261102", "until": "20261102"}, ["--since", "20261102", "--until", "20261102"]),
    ("bill", {"model": "opus"}, ["--model", "opus"]),
    *((name, {}, []) for name in ("calls", "tools", "mcp", "agents", "skills", "prompts", "projects", "models")),
    ("branches", {"session": ID}, ["--session", ID]),
    ("calls", {"session": ID, "since": "20261102"}, ["--session", ID, "--since", "20261102"]),
    ("explore", {"by": "model", "split": "project", "over": "week"},
     ["--by", "model", "--split", "project", "--over", "week"]),
    ("explore", {"by": "tool", "split": "part"}, ["--by", "tool", "--split", "part"]),
    ("commits", {"by": "branch"}, ["--by", "branch"]),
    ("pr", {}, []),
    ("context", {"id": ID}, [ID]),
    ("context", {"id": ID, "turns": "1"}, [ID, "--turns"]),
    ("rot", {}, []),
    ("rot", {"id": ID, "every": "2"}, [ID, "--every", "2"]),
    ("whatif", {"id": ID, "cut": "500"}, [ID, "--cut", "500"]),
    ("efficiency", {"by": "project", "gap": "5"}, ["--by", "project", "--gap", "5"]),
    ("check", {"session": ID}, ["--session", ID]),
    ("explain", {"id": "toolu_demo02b"}, ["toolu_demo02b"]),
    ("anomalies", {"every": "1"}, ["--every"]),
    ("advice", {}, []),
    ("hourly", {}, []),
    ("health", {"id": ID}, [ID]),
    ("watch", {}, []),
    ("forecast", {"by": "week"}, ["--by", "week"]),
    ("trend", {"last": "3"}, ["--last", "3"]),
    ("compare", {"marker": "2026-10-27"}, ["--marker", "2026-10-27"]),
    ("budget", {}, []),
    ("audit", {}, []),
    ("prices", {}, []),
    ("doctor", {}, []),
    ("egress", {}, []),
]  # fmt: skip
#: What tells of the moment in which it was asked.
MOMENT = re.compile(r'"(at|cacheLeftMs|daysLeft)": ?[^,}]+')


@pytest.fixture
def reader(store: str, told: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(told))
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{store}")
    made = Reader(store, [str(told)], Memory())
    yield made
    made.close()


def same(document: Any) -> str:
    return MOMENT.sub("", json.dumps(document))


def command(name: str, words: list[str]) -> list[str]:
    return ["status", "--egress", *words] if name == "egress" else [name, *words]


@pytest.mark.parametrize(("name", "options", "words"), ASKED, ids=[f"{name} {words}" for name, _, words in ASKED])
def test_a_report_is_what_the_command_line_prints(
    reader: Reader, name: str, options: dict[str, str], words: list[str]
) -> None:
    status, body = reader.answer("report", name, options)
    printed, _ = shown(lambda: main([*command(name, words), "--json"]), 80)
    assert status == 200
    assert same(json.loads(body)) == same(json.loads(printed))


def test_every_report_was_asked() -> None:
    assert {name for name, _, _ in ASKED} == set(answering.OPTIONS)


@pytest.mark.parametrize(
    ("what", "name", "options", "status", "said"),
    [
        ("report", "nothing", {}, 404, "There is no report 'nothing'."),
        ("chart", "nothing", {}, 404, "There is no chart 'nothing'."),
        ("report", "daily", {"colour": "red"}, 400, "daily takes since, until"),
        ("report", "daily", {"since": "soon"}, 400, "'soon' is no date."),
        ("report", "daily", {"last": "many"}, 400, "--last is a number of periods, not 'many'."),
        ("report", "daily", {"breakdown": "perhaps"}, 400, "breakdown is 1 or 0, not 'perhaps'."),
        ("report", "daily", {"timezone": "Moon/Base"}, 400, "is no time zone"),
        ("report", "daily", {"rows": "-1"}, 400, "rows is a number"),
        ("report", "session", {"id": "ffffffff"}, 400, "No session begins with 'ffffffff'."),
        ("report", "explain", {}, 400, "Say what to explain"),
        ("report", "explore", {"by": "taste"}, 400, "--by is one of project"),
        ("report", "explore", {"by": "tool", "over": "day"}, 400, "is known of whole sessions"),
        ("report", "explore", {"by": "tool", "split": "branch"}, 400, "branch is known of requests"),
        ("chart", "days", {"theme": "pink"}, 400, "theme is light or dark"),
        ("chart", "days", {"width": "9"}, 400, "width is a number from 200 to 4000"),
        ("chart", "bill", {"root": "tool/None"}, 400, "There is no cause tool/None"),
    ],
)
def test_what_cannot_be_meant_is_answered_with_a_sentence(
    reader: Reader, what: str, name: str, options: dict[str, str], status: int, said: str
) -> None:
    found, body = reader.answer(what, name, options)
    assert (found, said in json.loads(body)["error"]) == (status, True), body


def test_long_lists_are_cut_where_that_is_asked_and_it_says_so(reader: Reader) -> None:
    whole = json.loads(reader.answer("report", "calls", {})[1])
    cut = json.loads(reader.answer("report", "calls", {"rows": "3"})[1])
    assert cut["calls"] == whole["calls"][:3]
    assert cut["rowsInAll"] == {"calls": len(whole["calls"])}
    assert cut["totals"] == whole["totals"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", CHARTS)
def test_vega_draws_every_chart(reader: Reader, name: str, theme: str) -> None:
    vl_convert = pytest.importorskip("vl_convert")
    options = {"growth": {"id": ID}, "prompts": {"id": ID}, "calls": {"session": ID},
               "explore": {"by": "kind", "split": "model"}}.get(name, {})  # fmt: skip
    status, body = reader.answer("chart", name, {**options, "theme": theme, "width": "600"})
    assert status == 200, body
    picture = vl_convert.vega_to_svg(json.loads(body))
    assert picture.startswith("<svg")
    assert picture.count("<path") > 3


def test_a_name_leads_to_no_file_outside(store: str) -> None:
    dashboard = Dashboard(store, [])
    assert dashboard.file("main.js") is not None
    for name in ("../dashboard.py", "/etc/passwd", "pages/../../dashboard.py", "", ".", "__init__.py"):
        assert dashboard.file(name) is None
