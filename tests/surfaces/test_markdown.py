"""Markdown of whatever names: read back by a parser of Markdown, a name is its own text and nothing else."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lineitem.reports.shapes import MONEY, TEXT, Column, Table
from lineitem.reports.written import ADVICE, PROSE, Section, Written
from lineitem.surfaces.markdown import code, plain, sections, value
from lineitem.surfaces.page import clean
from lineitem.surfaces.seams import again, fresh
from tests.surfaces.answers import HOSTILE

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
#: Names that mean something in some Markdown.
MEANT = (
    *HOSTILE, "a|b", "`", "``", "a`b``c", "` `", "|`|", "\\", "\\|", "a\\", "\\`", "[x](javascript:alert(1))",
    "![x](https://example.org/p.png)", "<script>alert(1)</script>", "<!-- lineitem:end causes -->", "-->", "&lt;",
    "&#124;", "<https://example.org>", "https://example.org", "www.example.org", "ada@example.org", "@ada", "#12",
    "$x^2$", "**b**", "__b__", "~~s~~", "~s~", "# h", "- l", "+ l", "1. l", "1) l", "> q", "---", "===", "| a | b |",
    "```", "~~~", "    indented", "{{ x }}", "[[x]]", "[^1]", ":smile:", "==m==", "%%c%%", "<b", "a\nb\n\n# c", "\t|",
)  # fmt: skip
names = st.sampled_from(MEANT) | st.text(alphabet="`|\\[]()<>!*_~#&$@:;-+=.1a \n\r", max_size=30) | st.text(max_size=40)


def shown(markup: str) -> str:
    """What a person reads of HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def one_line(text: str) -> str:
    return " ".join(text.split())


def tags(markup: str) -> set[str]:
    return set(re.findall(r"<(/?[a-z0-9]+)[^>]*>", markup))


def drawn(name: str) -> str:
    """A report with this name in every place where names stand."""
    table = Table("calls", "", [Column("target", "Target"), Column("name", "Name"), Column("text", "Why", PROSE),
                                Column("costNanos", "Cost", MONEY)],
                  [{"target": name, "name": name, "text": name, "costNanos": 5}] * 2)  # fmt: skip
    facts = Table("overview", "", [Column("projectPath", "Project")], [{"projectPath": name or "x"}])
    advice = Table("recommendations", "", [], [{"rule": "x"}])
    made = Written("session", name, "engineer", ("Session ", (TEXT, name)), [
        Section("overview", "Overview", facts=facts, said=[("Of ", ("project", name), ".")]),
        Section("calls", "Calls", [table]),
        Section("recommendations", "Recommendations", [advice], said=[((PROSE, name),)]),
    ])  # fmt: skip
    return "\n".join(text for _, text in sections(made))


@given(names)
def test_code_is_its_own_text(name: str) -> None:
    read = READER.render(f"x {code(name)} x")
    assert one_line(shown(read)) == one_line(f"x {clean(name).strip()} x")
    assert tags(read) <= {"p", "/p", "code", "/code"}


@given(names)
def test_plain_is_its_own_text_also_at_the_beginning_of_a_line(name: str) -> None:
    read = READER.render(plain(name))
    assert one_line(shown(read)) == one_line(clean(name))
    assert tags(read) <= {"p", "/p"}


@given(names, names, names)
def test_advice_shows_its_commands_as_code_and_links_nothing(one: str, command: str, other: str) -> None:
    advice = f"{one}`{command}`{other}"
    read = READER.render(f"- {value(ADVICE, advice)}")
    whole, parts = clean(advice), "".join(clean(part) for part in advice.split("`"))
    told = [one_line(each).replace(" ", "") for each in (whole, parts)]
    assert one_line(shown(read)).replace(" ", "") in told
    assert tags(read) <= {"ul", "/ul", "li", "/li", "code", "/code"}


@given(names)
def test_a_row_has_as_many_cells_as_its_heading(name: str) -> None:
    read = READER.render(drawn(name))
    assert read.count("<td") == 8
    cells = [one_line(shown(cell)) for cell in re.findall(r"<td[^>]*>(.*?)</td>", read, re.DOTALL)]
    assert cells[:3] == [one_line(clean(name).strip())] * 3


@given(names)
def test_no_name_becomes_anything_else(name: str) -> None:
    read = READER.render(drawn(name))
    allowed = {"h1", "h2", "p", "ul", "li", "code", "table", "thead", "tbody", "tr", "th", "td"}
    assert tags(read) <= allowed | {f"/{tag}" for tag in allowed}
    assert not re.search(r"(?m)^#{3,} ", drawn(name))


@given(names)
def test_no_name_ends_a_section(name: str) -> None:
    made = [("calls", drawn(name)), ("models", "x\n")]
    content = fresh("weekly", made)
    assert again(content, "weekly", made) == content


@given(st.integers(-(10**15), 10**15))
def test_an_amount_is_read_as_it_is_written_elsewhere(nanos: int) -> None:
    from lineitem.surfaces import numbers

    rows = [{"costNanos": nanos, "basis": "apportioned"}]
    table = Table("calls", "", [Column("costNanos", "Cost", MONEY)], rows)
    made = Written("weekly", "", "engineer", (), [Section("calls", "Calls", [table])])
    read = READER.render(sections(made)[0][1])
    cell = shown(re.findall(r"<td[^>]*>(.*?)</td>", read)[0])
    text = numbers.money(nanos, numbers.digits_for(nanos))
    assert cell == (numbers.about(text) if nanos else text)
