"""Profiles: stacks sum to the bill, agents hang below their calls, and others' decoders read what is written."""

from __future__ import annotations

import gzip
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from lineitem.exports.pprof import VALUES, pprof
from lineitem.exports.protobuf import varint
from lineitem.exports.speedscope import left_out, speedscope
from lineitem.exports.stacks import Sample, samples
from lineitem.reports.lines import Line
from lineitem.surfaces.cli import main, story
from lineitem.surfaces.cli.demo import example
from tests.exports.test_export import ID, TELLING

INT64 = st.integers(-(2**63), 2**63 - 1)
#: Fields of the format's messages that are written here: (name, number, type, repeated); capitals name a message.
LAYOUT: dict[str, list[tuple[str, int, str, bool]]] = {
    "Profile": [("sample_type", 1, "ValueType", True), ("sample", 2, "Sample", True),
                ("location", 4, "Location", True), ("function", 5, "Function", True),
                ("string_table", 6, "string", True), ("time_nanos", 9, "int64", False),
                ("comment", 13, "int64", True), ("default_sample_type", 14, "int64", False)],
    "ValueType": [("type", 1, "int64", False), ("unit", 2, "int64", False)],
    "Sample": [("location_id", 1, "uint64", True), ("value", 2, "int64", True), ("label", 3, "Label", True)],
    "Label": [("key", 1, "int64", False), ("str", 2, "int64", False)],
    "Location": [("id", 1, "uint64", False), ("line", 4, "Line", True)],
    "Line": [("function_id", 1, "uint64", False)],
    "Function": [("id", 1, "uint64", False), ("name", 2, "int64", False), ("system_name", 3, "int64", False)],
}  # fmt: skip


def profile_message() -> Any:
    """An empty profile of the protobuf library."""
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="profile.proto", package="p", syntax="proto3")
    for name, fields in LAYOUT.items():
        made = file.message_type.add(name=name)
        for field, number, kind, many in fields:
            label = kinds.LABEL_REPEATED if many else kinds.LABEL_OPTIONAL
            if kind[0].isupper():
                made.field.add(name=field, number=number, label=label, type=kinds.TYPE_MESSAGE, type_name=f".p.{kind}")
            else:
                made.field.add(name=field, number=number, label=label, type=getattr(kinds, f"TYPE_{kind.upper()}"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("p.Profile"))()


def read(text: bytes) -> list[tuple[tuple[str, ...], list[int], dict[str, str]]]:
    """(stack, values, labels) of each sample of a pprof file."""
    found = profile_message()
    found.ParseFromString(gzip.decompress(text))
    size = found.ByteSize()
    found.DiscardUnknownFields()
    assert found.ByteSize() == size
    words = list(found.string_table)
    assert words[0] == ""
    assert [(words[each.type], words[each.unit]) for each in found.sample_type] == list(VALUES)
    assert words[found.default_sample_type] == "cost"
    names = {each.id: words[each.name] for each in found.function}
    frames = {each.id: names[each.line[0].function_id] for each in found.location}
    assert 0 not in frames
    return [
        (tuple(frames[place] for place in reversed(each.location_id)), list(each.value),
         {words[label.key]: words[label.str] for label in each.label})
        for each in found.sample
    ]  # fmt: skip


made_samples = st.lists(
    st.builds(
        Sample,
        st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5).map(tuple),
        st.integers(-(10**15), 10**15),
        st.lists(st.integers(0, 10**12), min_size=5, max_size=5),
        st.lists(st.tuples(st.sampled_from(["model", "part"]), st.text("ab", min_size=1)), max_size=1).map(tuple),
        st.integers(0, 2**42),
    ),
    max_size=6,
)


@given(INT64)
def test_a_number_is_what_the_protobuf_library_reads(value: int) -> None:
    found = profile_message()
    found.ParseFromString(b"\x48" + varint(value))
    assert found.time_nanos == value


@given(made_samples)
def test_a_profile_is_what_the_protobuf_library_reads(made: list[Sample]) -> None:
    assert read(pprof(made, "x")) == [(each.stack, [each.nanos, *each.tokens], dict(each.labels)) for each in made]


@given(made_samples)
def test_a_speedscope_file_sums_to_what_it_was_given(made: list[Sample]) -> None:
    document = json.loads(speedscope(made, "x"))
    cost, tokens = document["profiles"]
    assert sum(cost["weights"]) == cost["endValue"] == sum(each.nanos for each in made) - left_out(made)
    assert sum(tokens["weights"]) == tokens["endValue"] == sum(sum(each.tokens) for each in made)
    frames = [frame["name"] for frame in document["shared"]["frames"]]
    assert len(set(frames)) == len(frames)
    stacks = [tuple(frames[index] for index in stack) for stack in cost["samples"]]
    assert stacks == [each.stack for each in made if each.nanos > 0]
    assert ("left out" in cost["name"]) == (left_out(made) < 0)


def test_the_example_sums_to_its_bill_and_agents_hang_below_their_calls() -> None:
    bill = example(lambda found: found)
    found = samples(bill.lines, bill.agents)
    assert sum(each.nanos for each in found) == bill.head["costNanos"]
    assert sum(sum(each.tokens) for each in found) == sum(bill.head["tokens"].values())
    agents = {thread: nanos for _, thread, _, _, _, _, nanos in bill.agents}
    assert len(agents) > 1
    for thread, nanos in agents.items():
        below = [each for each in found if any(thread[:6] in frame for frame in each.stack)]
        assert sum(each.nanos for each in below) == nanos
        assert all(each.stack[1:4] == ("main", "tool", "tool/Agent") for each in below)


def line(session: str, thread: str, call: str, cause: str = "tool/Agent/x") -> Line:
    return Line(session, thread, (cause, "tool", call, "m", "measured", 0, 1, 0, 7, 5, *[0] * 12))


def test_agents_that_start_each_other_end() -> None:
    lines = [line("s", "a", "b-starts"), line("s", "b", "a-starts"), line("s", "c", "c-starts")]
    agents = [("s", "a", "X", "a-starts", "b", 1, 5), ("s", "b", "X", "b-starts", "a", 1, 5),
              ("s", "c", "X", "c-starts", "c", 1, 5)]  # fmt: skip
    found = samples(lines, agents)
    assert sum(each.nanos for each in found) == 15
    assert all(each.stack[0] == "session s" for each in found)


def test_an_agent_of_an_agent_hangs_below_both() -> None:
    lines = [line("s", "", "one"), line("s", "a", "two"), line("s", "b", "", "reply")]
    agents = [("s", "a", "X", "one", "", 1, 5), ("s", "b", "Y", "two", "a", 1, 5)]
    deepest = max((each.stack for each in samples(lines, agents)), key=len)
    assert [frame for frame in deepest if "/" not in frame] == ["session s", "main", "tool", "X a", "tool", "Y b",
                                                               "reply", "generate"]  # fmt: skip


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The file that `lineitem export ...` writes of the example."""
    story.tell(str(tmp_path / "claude"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{tmp_path / 'lineitem.sqlite'}")

    def write(words: str) -> bytes:
        assert main(["export", *shlex.split(words), "-o", str(tmp_path / "profile")]) == 0
        assert "Written" in capsys.readouterr().err
        return (tmp_path / "profile").read_bytes()

    return write


@pytest.mark.parametrize("words", [f"session {ID}", "items", "items --since 2026-11-02 --model opus"])
def test_both_formats_say_the_same(written: Callable[[str], bytes], words: str) -> None:
    from_pprof = [(stack, values[0]) for stack, values, _ in read(written(f"{words} --format pprof")) if values[0]]
    document = json.loads(written(f"{words} --format speedscope"))
    frames = [frame["name"] for frame in document["shared"]["frames"]]
    cost = document["profiles"][0]
    stacks = [tuple(frames[index] for index in stack) for stack in cost["samples"]]
    assert list(zip(stacks, cost["weights"], strict=True)) == from_pprof
    assert from_pprof


@pytest.mark.parametrize("form", ["speedscope", "pprof"])
def test_a_hidden_profile_tells_nothing(written: Callable[[str], bytes], form: str) -> None:
    text = written(f"session {ID} --incognito --format {form}")
    text = gzip.decompress(text) if form == "pprof" else text
    assert not [word for word in (*TELLING, ID) if word.encode() in text]


def test_a_profile_is_of_line_items_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "daily", "--format", "pprof"]) == 2
    assert "A profile is of a session or of line items" in capsys.readouterr().err


def test_nothing_binary_is_poured_into_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["export", "items", "--format", "pprof"]) == 2
    assert "-o FILE" in capsys.readouterr().err
