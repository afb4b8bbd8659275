"""The words: plain sentences, and nothing hostile comes through to any place where they are shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from unicodedata import category

from hypothesis import given
from hypothesis import strategies as st

from lineitem.alerts import figures, notice
from lineitem.alerts.messages import LINE, LINES, TITLE, Message, Section, decode, encode, line_of, message_of
from lineitem.alerts.names import LONGEST, model_name, project_name, safe_name
from lineitem.alerts.sinks import LONGEST as ROOM
from lineitem.alerts.sinks import commonmark, html, markup, plain
from tests.alerts.notices import (
    DOLLAR,
    NOW,
    SESSION,
    anomaly,
    hostile_notices,
    hostile_text,
    limit,
)  # fmt: skip
from tests.laws.examples import examples


def test_one_finding_is_one_sentence() -> None:
    assert line_of(anomaly()) == (
        "Unusually dear tool call (work-shop, session 0c9d1f5a): Bash; $3.00; usual is $0.25; 12 times as much"
    )
    assert line_of(limit(9120)) == "5-hour limit: 91% used; starts anew in 3h"


def test_what_is_unknown_is_left_out_and_never_zero() -> None:
    unknown = anomaly()._replace(figures={"nanos": None, "usual": None}, names={"tool": "Bash"})
    assert line_of(unknown) == "Unusually dear tool call: Bash"


def test_a_burst_is_one_message_with_the_most_urgent_first() -> None:
    burst = [anomaly(f"a{i}", subject=f"s{i}") for i in range(20)]
    burst.append(limit(9_900)._replace(severity="critical"))
    message = message_of(burst, "desk")
    assert message.title == "lineitem: 1 critical, 20 warning"
    assert message.sections[0].lines[0].startswith("5-hour limit: ")
    assert message.sections[0].lines[-1] == "and 14 more"
    assert len(message.sections[0].lines) == LINES
    assert message.severity == "critical"


def test_names_are_hidden_where_the_channel_wants_it() -> None:
    message = message_of([anomaly()], "team", lambda kind, name: f"{kind}-{len(name)}")
    text = plain(message)
    assert "project-15" in text
    assert "session-36" in text
    for name in ("work-shop", SESSION[:8]):
        assert name not in text
        assert name not in encode(message)


def test_the_same_cause_has_the_same_id_and_another_channel_another() -> None:
    one, two = anomaly("a"), anomaly("b")
    assert message_of([one, two], "x").id == message_of([two, one], "x").id
    assert message_of([one], "x").id != message_of([one], "y").id != message_of([two], "y").id
    assert "." not in message_of([one], "x").id


def test_folders_and_models_are_named_shortly() -> None:
    assert project_name("-home-ada-work-shop") == "work-shop"
    assert project_name("/code/shop.web") == "shop·web"
    assert project_name("C:\\Users\\ada\\shop") == "shop"
    assert model_name("claude-opus-4-5-20251101") == "opus-4-5"
    assert safe_name("Zürich 東京 4.5") == "Zürich 東京 4.5"


@examples(300)
@given(hostile_text())
def test_law_a_name_is_letters_and_digits(text: str) -> None:
    for name in (safe_name(text), project_name(text), model_name(text)):
        assert len(name) <= LONGEST
        assert not name.startswith("-")
        assert all(category(letter)[0] in "LNM" or letter in "-_· .…" for letter in name), name
        assert not re.search(r"[^\d]\.|\.[^\d]|\.$", name)
        assert not re.search(r"[\u0300-\u036f]{3}", name)


class Tags(HTMLParser):
    """The tags a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag + "!" * len(attrs))


def messages() -> st.SearchStrategy[Message]:
    """Messages as rules make them, and such whose lines are hostile themselves."""
    lines = st.lists(hostile_text(), max_size=5).map(tuple)
    sections = st.lists(st.builds(Section, hostile_text(), lines), max_size=4).map(tuple)
    made = st.builds(
        Message, st.just("msg_1"), hostile_text(), sections, st.sampled_from(notice.SEVERITIES), st.just(NOW)
    )
    return st.one_of(st.lists(hostile_notices(), min_size=1, max_size=12).map(lambda some: message_of(some, "c")), made)


@examples(200)
@given(messages())
def test_law_no_sink_shows_more_than_text(message: Message) -> None:
    texts = plain(message), markup(message), commonmark(message), html(message)
    for text in texts:
        assert all(letter == "\n" or category(letter) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for letter in text)
        text.encode("utf-8")
    assert len(texts[0]) <= ROOM + 2
    tags = Tags()
    tags.feed(texts[3])
    assert tags.seen <= {"ul", "li", "h3"}
    assert not re.search(r"<|>|&(?!amp;|lt;|gt;)", texts[1])
    # in CommonMark every sign that could mean something stands behind a backslash
    for line in texts[2].split("\n"):
        inner = line.removeprefix("- ")
        inner = inner[2:-2] if inner.startswith("**") and inner.endswith("**") else inner
        assert not re.search(r"(?<!\\)(?:\\\\)*[*_`<>@\[\]~|#&!]|://", inner), line


@examples(200)
@given(st.lists(hostile_notices(), min_size=1, max_size=12))
def test_law_a_message_of_hostile_notices_is_ours_bounded_and_kept_whole(notices: list[notice.Notice]) -> None:
    message = message_of(notices, "c")
    assert message.title.startswith("lineitem: ")
    assert len(message.title) <= TITLE
    assert all(len(line) <= LINE for section in message.sections for line in section.lines)
    assert decode(encode(message)) == message
    text = plain(message)
    assert not re.search(r"[<>\"'`@\\*\[\]{}|&/\x00-\x09\x0b-\x1f]", text), text
    assert "evil.example" not in text


@examples(100)
@given(hostile_notices())
def test_law_a_notice_is_kept_whole(one: notice.Notice) -> None:
    sane = one._replace(figures={name: notice.known(figure) for name, figure in one.figures.items()})
    assert notice.decode(notice.encode(sane)) == sane


@given(st.text(max_size=40))
def test_what_is_no_message_and_no_notice_is_nothing(text: str) -> None:
    for odd in (text, f'["{text!r}"]', "[1,2,3,4,5,6,7]", "[" * 9999, "null"):
        assert decode(odd) is None
        assert notice.decode(odd) is None


@given(st.integers(0, 10**18))
def test_law_only_nothing_is_written_as_zero(number: int) -> None:
    for write in figures.WRITTEN.values():
        text = write(number)
        assert len(text) < 30
        if write in (figures.money, figures.tokens, figures.count, figures.percent):
            assert (text in ("0", "$0.00", "0%")) == (number == 0)


def test_numbers_as_people_write_them() -> None:
    assert figures.money(12 * DOLLAR + 345_000_000) == "$12.35"
    assert figures.money(1) == "under $0.01"
    assert figures.tokens(152_340) == "152.3k"
    assert figures.tokens(999_960) == "1.0M"
    assert figures.percent(9999) == "99%"
    assert [figures.times(each) for each in (34, 120, 30)] == ["3.4", "12", "3"]
    assert [figures.duration(each) for each in (45_000, 720_000, 3 * 3_600_000, 172_800_000)] == [
        "45s",
        "12m",
        "3h",
        "2d",
    ]
