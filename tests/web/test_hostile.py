"""Names that are programs, everywhere a name can come from: none is run, none becomes an element."""

from __future__ import annotations

import json
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lineitem.setup.preferences import spelled
from tests.server.stand import READ, Stand
from tests.surfaces.answers import HOSTILE
from tests.telling.transcripts import CWD, Pen, Tale, counts
from tests.web.conftest import ready
from tests.web.looking import Look

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: What sets `ran` where it is run, in as many ways as there are to be taken for something else than a text.
_PROGRAMS = (
    "<script>ran=1</script>", "<img src=x onerror=ran=1>", "<svg onload=ran=1>", '"><img src=x onerror=ran=1>',
    "'><svg/onload=ran=1>", "javascript:ran=1", "<iframe srcdoc='<script>parent.ran=1</script>'>",
    "</title><script>ran=1", "</textarea><img src=x onerror=ran=1>", "<a href=javascript:ran=1>x</a>",
    "<style>*{display:none}</style>", "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<form action=https://evil.example><button>x", "<math><mtext><img src=x onerror=ran=1>",
    "<!--<img src=x>-->", "<details open ontoggle=ran=1>", "<input autofocus onfocus=ran=1>",
    "{{constructor.constructor('ran=1')()}}", "${ran=1}", "`${ran=1}`", "');ran=1;('", '");ran=1;("',
    "\\u003cscript\\u003eran=1", "&lt;script&gt;ran=1", "%3Cscript%3E", "datum.x;ran=1", '{"signal":"ran=1"}',
    "__proto__", "constructor", "toString", "hasOwnProperty", "../../etc/passwd", "?since=all#/budgets",
    "#token=x", "a" * 3_000, '=HYPERLINK("https://evil.example")', "null", "undefined", "NaN",
)  # fmt: skip
STRINGS = [*_PROGRAMS, *HOSTILE[:-2], *(f"{text} {number}" for number in range(7) for text in _PROGRAMS)]
PLACES = (
    "/", "/sessions", "/explore?by=branch&split=skill", "/explore?by=cause&split=model",
    "/explore?by=agent&split=tool", "/explore?by=project&split=model&over=day", "/projects", "/models",
    "/tools", "/skills", "/agents", "/mcp", "/memory", "/branches", "/prompts", "/anomalies", "/advice", "/budgets",
    "/settings", "/doctor",
)  # fmt: skip
#: The elements that the dashboard, and Vega, make of their own.
OURS = {
    "HTML", "HEAD", "META", "TITLE", "LINK", "SCRIPT", "BODY", "A", "HEADER", "NAV", "MAIN", "DIV", "SPAN", "B",
    "I", "BUTTON", "UL", "LI", "H1", "H2", "H3", "P", "SECTION", "TABLE", "CAPTION", "THEAD", "TBODY", "TFOOT",
    "TR", "TH", "TD", "DL", "DT", "DD", "SMALL", "CODE", "LABEL", "INPUT", "SELECT", "OPTION", "FORM", "FIGURE",
    "DETAILS", "SUMMARY", "OUTPUT", "NOSCRIPT", "svg", "g", "path", "text", "defs", "clipPath", "rect", "line",
}  # fmt: skip
ALL = "[...document.querySelectorAll('*')]"


def test_there_are_three_hundred_of_them() -> None:
    assert len(set(STRINGS)) >= 300


def test_no_name_is_run_and_none_becomes_an_element(chromium: Browser, tmp_path: Path) -> None:
    tale = Tale(at=int(time.time() * 1000) - 90 * 60_000)
    for number, text in enumerate(STRINGS):
        _tell(tale, number, text)
    tale.write(tmp_path / "config")
    with Stand(tmp_path, tmp_path / "config") as stand, Look(chromium, stand) as look:
        ready(stand)
        dialogs: list[str] = []
        look.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        sessions = stand.ask("GET", "/v1/reports/session", token=READ)[1]["sessions"]
        assert len(sessions) == len(STRINGS)
        look.open("/")
        places = [*PLACES, *(f"/session/{row['sessionId']}" for row in sessions[:8])]
        for place in places:
            look.go(place)
            for button in look.page.locator(".more button").all():
                button.click()
            found = look.page.evaluate(f"{ALL}.map(each => each.tagName)")
            assert set(found) <= OURS, place
            assert look.page.evaluate("typeof window.ran") == "undefined", place
            assert set(look.page.evaluate(f"{ALL}.map(each => each.protocol ?? 'http:')")) == {"http:"}, place
            scripts = look.page.evaluate("[...document.scripts].map(each => new URL(each.src).pathname)")
            assert set(scripts) <= {"/static/main.js", "/static/vega.js"}
            named = look.page.evaluate(f"{ALL}.flatMap(each => each.getAttributeNames())")
            assert not [name for name in named if name.startswith("on") or name == "srcdoc"], place
        look.go("/branches")
        look.page.locator(".more button").click()
        assert all(text in look.page.text_content("#main") for text in _PROGRAMS[:20])  # type: ignore[operator]
        assert (dialogs, look.wrong) == ([], [])
        assert all(address.startswith(look.address) for address in look.asked)


def test_what_settings_and_a_repository_say_is_a_text_too(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of models and aliases in the settings; tasks in AI_CONTEXT.md, which end in the prompt to hand over."""
    names = [text for text in _PROGRAMS if len(text) < 100]
    own = "".join(f"[prices.models.{spelled((text,))}]\ninput = 1\noutput = 2\n" for text in names)
    aliases = "".join(f'{spelled((f"{text} too",))} = "claude-opus-5-5"\n' for text in names)
    (tmp_path / "settings.toml").write_text(f"{own}[prices.aliases]\n{aliases}", encoding="utf-8")
    monkeypatch.setenv("LINEITEM_SETTINGS", str(tmp_path / "settings.toml"))
    folder = tmp_path / "work"
    folder.mkdir()
    tasks = "".join(f"- [ ] {text}\n" for text in names)
    (folder / "AI_CONTEXT.md").write_text(f"# x\n\n## Status\n\n{names[0]}\n\n## Tasks\n\n{tasks}", encoding="utf-8")
    tale = Tale(at=int(time.time() * 1000) - 90 * 60_000)
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    tale.write(tmp_path / "config")
    for transcript in (tmp_path / "config").rglob("*.jsonl"):
        transcript.write_text(transcript.read_text().replace(json.dumps(CWD), json.dumps(str(folder))))
    with Stand(tmp_path, tmp_path / "config") as stand, Look(chromium, stand) as look:
        ready(stand)
        (session,) = stand.ask("GET", "/v1/reports/session", token=READ)[1]["sessions"]
        look.open("/settings")
        look.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        assert set(look.page.evaluate(f"{ALL}.map(each => each.tagName)")) <= OURS
        assert all(text.lower() in (look.page.text_content("#main") or "").lower() for text in names[:20])
        look.page.click(f"[aria-label={json.dumps(f'Take out {names[1]}')}]")
        look.until("document.querySelector('.said')?.textContent.startsWith('Changed')")
        look.go(f"/session/{session['sessionId']}")
        assert set(look.page.evaluate(f"{ALL}.map(each => each.tagName)")) <= OURS | {"PRE"}
        assert names[0] in (look.page.text_content(".prompt") or "")
        assert look.page.evaluate("typeof window.ran") == "undefined"
        assert look.wrong == []
    assert names[1] not in tomllib.loads((tmp_path / "settings.toml").read_text(encoding="utf-8"))["prices"]["models"]


def _tell(tale: Tale, number: int, text: str) -> None:
    """A session in which everything that has a name is called this."""
    pen: Pen = tale.session(f"s{number}", "-code-" + text.replace("/", "-").replace("\0", "")[:80])
    pen.branch = text
    pen.more = {"attributionSkill": text}
    pen.prompt(f"<command-name>/{text}</command-name><command-args>{text}</command-args>")
    pen.attachment("instructions", "x = 1 " * 40, files=[{"path": f"/code/{text}.md", "content": "x = 1 " * 40}])
    calls = []
    blocks = []
    for tool, given in (
        (text, {"file_path": text}), ("Bash", {"command": text}), (f"mcp__{text}__{text}", {"q": text}),
        ("Agent", {"subagent_type": text, "description": text}), ("Skill", {"skill": text}),
    ):  # fmt: skip
        calls.append(tale.name("toolu_01"))
        blocks.append({"type": "tool_use", "id": calls[-1], "name": tool, "input": given})
    pen.answer(blocks, counts(3, 3_000, 0, 0, 60), model=text if number % 3 else "claude-opus-5-5")
    for call in calls:
        pen.result(call, text)
    pen.answer([{"type": "text", "text": text}], counts(3, 90, 0, 3_000, 9))
