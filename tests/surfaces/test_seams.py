"""Files that are made again: what a person wrote stays, byte for byte, wherever it stands and whatever it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.surfaces.seams import NotOurs, again, fresh, identity

OF = "weekly"
KEYS = ("overview", "causes", "models", "calls", "trend")
#: What a person, an editor or another program leaves in a file.
WRITTEN = st.binary(max_size=60).filter(lambda said: b"lineitem:" not in said) | st.sampled_from(
    (
        b"",
        b"\r\n",
        b"my note",
        b"# \xff\xfe\n",
        b"<!-- begin causes -->\n",
        "東京 | `x`\r\n".encode(),
        b"\x00\x0c\x0b\r",
    )
)
texts = st.text(max_size=40).filter(lambda said: "lineitem:" not in said)
chosen = st.lists(st.sampled_from(KEYS), unique=True).map(lambda keys: sorted(keys, key=KEYS.index))
reports = chosen.flatmap(lambda keys: st.tuples(*(st.tuples(st.just(key), texts) for key in keys)).map(list))


def split(content: bytes) -> tuple[list[bytes], bytes]:
    """(keys of the sections, what is outside of them) of a file, told without the code under test."""
    keys, outside, inside = [], [], b""
    for line in content.splitlines(keepends=True):
        said = line.strip(b" \t\r\n")
        if said.startswith(b"<!-- lineitem:begin "):
            inside = said.split()[2]
            keys.append(inside)
        elif not inside:
            outside.append(line)
        elif said == b"<!-- lineitem:end " + inside + b" -->":
            inside = b""
    return keys, b"".join(outside)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A report into which somebody wrote, with the line ends of their editor."""
    made = fresh(OF, draw(reports))
    lines = made.replace(b"\n", draw(st.sampled_from((b"\n", b"\r\n")))).splitlines(keepends=True)
    places, inside = [], False
    for place, line in enumerate(lines):
        if not inside and place:
            places.append(place)
        inside = (inside or b"lineitem:begin" in line) and b"lineitem:end" not in line
    for place in sorted(draw(st.sets(st.sampled_from(places), max_size=4)), reverse=True):
        note = draw(WRITTEN)
        lines.insert(place, note if note.endswith(b"\n") or not note else note + b"\n")
    return b"".join([*lines, draw(WRITTEN)])


@given(files(), reports)
def test_what_stands_outside_stays(before: bytes, sections: list[tuple[str, str]]) -> None:
    after = again(before, OF, sections)
    assert split(after)[1] == split(before)[1]
    assert set(split(after)[0]) == {key.encode() for key, _ in sections}


@given(files(), reports)
def test_the_second_time_changes_nothing(before: bytes, sections: list[tuple[str, str]]) -> None:
    after = again(before, OF, sections)
    assert again(after, OF, sections) == after


@given(reports)
def test_a_new_file_made_again_is_the_same(sections: list[tuple[str, str]]) -> None:
    assert again(fresh(OF, sections), OF, sections) == fresh(OF, sections)


@given(reports, reports)
def test_made_again_is_as_made_anew(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    assert again(fresh(OF, one), OF, other) == fresh(OF, other)


@given(st.binary(max_size=300))
def test_a_file_of_anybodys_is_refused(content: bytes) -> None:
    with pytest.raises(NotOurs):
        again(content, OF, [("causes", "x")])


def test_line_ends_are_those_of_the_file() -> None:
    before = fresh(OF, [("causes", "a\n")]).replace(b"\n", b"\r\n")
    assert again(before, OF, [("causes", "b\nc\n")]).count(b"\n") == again(before, OF, [("causes", "b\nc\n")]).count(
        b"\r\n"
    )


def test_a_section_may_be_moved() -> None:
    made = fresh(OF, [("overview", "a\n")], notes=False)
    head, section = made.split(b"\n", 1)
    moved = head + b"\n# Mine\n\ntext\n" + section
    assert again(moved, OF, [("overview", "b\n")]) == moved.replace(b"\na\n", b"\nb\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<!-- lineitem:end causes -->", b""),
        (b"<!-- lineitem:begin causes -->", b""),
        (b"<!-- lineitem:end overview -->", b"<!-- lineitem:end other -->"),
        (b"<!-- lineitem:begin causes -->", b"<!-- lineitem:begin overview -->"),
        (b"<!-- lineitem:end overview -->", b"<!-- lineitem:begin overview -->"),
        (b"<!-- lineitem:report weekly -->", b"<!-- lineitem:report monthly -->"),
        (b"<!-- lineitem:report weekly -->", b""),
        (b"<!-- lineitem:begin overview -->", b"<!-- lineitem:report weekly -->\n<!-- lineitem:begin overview -->"),
    ],
)
def test_comments_that_are_not_in_order_are_refused(old: bytes, new: bytes) -> None:
    made = fresh(OF, [("overview", "a"), ("causes", "b")])
    with pytest.raises(NotOurs):
        again(made.replace(old, new, 1), OF, [("overview", "a"), ("causes", "b")])


@given(st.text(max_size=80))
def test_a_session_by_whatever_name_is_one_line_of_a_comment(name: str) -> None:
    said = identity("session", name)
    assert said.isascii()
    assert said.isprintable()
    assert "--" not in said
    assert ">" not in said


def test_sessions_are_told_apart() -> None:
    assert identity("session", "5d0c94e2-7f31") == "session 5d0c94e2-7f31"
    assert identity("session", "a -->") != identity("session", "b -->")
    assert identity("weekly", "") == "weekly"
