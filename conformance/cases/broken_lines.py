"""Files as they are found: cut, spliced, damaged, from another hand. One bad line must cost one line."""

from __future__ import annotations

import json

from conformance.rates import OPUS
from conformance.tree import Thread, Tree, encode, usage
from conformance.truth import Owed, owes

FIRST = owes(OPUS, input=10, write_5m=20_000, output=500)
SECOND = owes(OPUS, input=10, read=20_010, output=400)


def _between(tree: Tree, *lines: bytes) -> list[Owed]:
    """Two good answers with these bytes between them."""
    session = tree.session()
    session.prompt()
    session.answer(write_5m=20_000)
    for line in lines:
        session.raw(line)
    _goes_on(session)
    return [FIRST, SECOND]


def _goes_on(session: Thread) -> None:
    session.prompt()
    session.answer(outputs=(400,), read=20_010)


def _ended(tree: Tree, end: bytes) -> list[Owed]:
    """Two good answers, and a file that ends in these bytes."""
    owed = _between(tree)
    session = tree.threads[0]
    tree.file(session.path, session.text() + end)
    return owed


def _rewritten(tree: Tree, **how: object) -> list[Owed]:
    """Two good answers, every line written by `json.dumps` with these arguments."""
    owed = _between(tree)
    session = tree.threads[0]
    tree.file(session.path, b"".join(json.dumps(line, **how).encode() + b"\n" for line in session.lines))  # type: ignore[arg-type]
    return owed


def a_line_that_is_no_json(tree: Tree) -> list[Owed]:
    """Its neighbours count."""
    return _between(
        tree,
        b"this is not JSON",
        b'{"type":"assistant","message":{"usage":',
        b"]",
        b"null",
        b"[]",
        b"7",
        b'"x"',
    )


def a_half_written_last_line(tree: Tree) -> list[Owed]:
    """The client was killed, or is still writing."""
    started = encode(
        {"type": "assistant", "message": {"id": "msg_01Cut", "model": "claude-opus-4-8", "usage": usage()}}
    )
    return _ended(tree, started[:-40])


def a_last_line_cut_within_a_character(tree: Tree) -> list[Owed]:
    """Cut between two bytes of one letter."""
    return _ended(tree, '{"type":"user","message":{"role":"user","content":"é'.encode()[:-1])


def a_whole_last_line_without_its_newline(tree: Tree) -> list[Owed]:
    """Complete JSON, and the newline never came."""
    tree.doubt = "a tool that follows files may wait for the newline; but the answer was given and is all there"
    session = tree.session()
    session.prompt()
    session.answer(write_5m=20_000)
    _goes_on(session)
    tree.file(session.path, session.text()[:-1])
    return [FIRST, SECOND]


def a_newline_is_lost_between_lines_that_stand_elsewhere(tree: Tree) -> list[Owed]:
    """`}{`: two lines were spliced; both are whole in other places, so nothing may be lost or added."""
    session = tree.session()
    session.prompt()
    session.answer(outputs=(500, 500), write_5m=20_000)
    again = [encode(line) for line in session.lines[-2:] if isinstance(line, dict)]
    session.raw(b"".join(again))
    _goes_on(session)
    return [FIRST, SECOND]


def a_newline_is_lost_between_two_answers(tree: Tree) -> list[Owed]:
    """`}{`: both answers exist on that line only, and both can be read."""
    tree.doubt = "a tool may give the line up as broken; but two requests were made and their numbers are there"
    session = tree.session()
    session.prompt()
    session.answer(write_5m=20_000)
    session.answer(outputs=(400,), read=20_010)
    *lines, one, two = (encode(line) for line in session.lines if isinstance(line, dict))
    tree.file(session.path, b"".join(line + b"\n" for line in lines) + one + two + b"\n")
    return [FIRST, SECOND]


def a_line_is_written_into_another(tree: Tree) -> list[Owed]:
    """Half a line, then another one; the half is lost, its neighbours are not."""
    return _between(
        tree, b'{"parentUuid":null,"type":"user","message":{"role":"us' + b'{"type":"mode","mode":"normal"}'
    )


def a_run_of_nul_bytes(tree: Tree) -> list[Owed]:
    """A block that never reached the disk, on a line of its own."""
    return _between(tree, b"\0" * 4_096)


def nul_bytes_before_an_answer(tree: Tree) -> list[Owed]:
    """After a power loss the file goes on directly behind the hole."""
    tree.doubt = "a tool may give the line up as broken; but the answer behind the hole is whole"
    session = tree.session()
    session.prompt()
    session.answer(write_5m=20_000)
    start = session.text()
    session.lines.clear()
    session.answer(outputs=(400,), read=20_010)
    tree.file(session.path, start + b"\0" * 512 + session.text())
    return [FIRST, SECOND]


def bytes_that_are_no_utf_8(tree: Tree) -> list[Owed]:
    """In a prompt, in a tool result, and in the text of an answer that counts."""
    session = tree.session()
    session.prompt("MARK")
    session.tool_result("toolu_1", "MARK")
    text = {"type": "text", "text": "MARK"}
    session.block("msg_01ConformanceBytes", usage(write_5m=20_000), request="req_011ConformanceBytes", content=[text])
    _goes_on(session)
    tree.file(session.path, session.text().replace(b"MARK", b"caf\xe9 \xff\xfe \xc3"))
    return [FIRST, SECOND]


def half_of_a_surrogate_pair(tree: Tree) -> list[Owed]:
    """A text that was cut within an emoji: escaped, it is valid JSON and no valid text."""
    session = tree.session()
    session.prompt("MARK")
    text = {"type": "text", "text": "MARK"}
    session.block("msg_01ConformanceEmoji", usage(write_5m=20_000), request="req_011ConformanceEmoji", content=[text])
    _goes_on(session)
    tree.file(session.path, session.text().replace(b"MARK", b"\\ud83d"))
    return [FIRST, SECOND]


def blank_lines(tree: Tree) -> list[Owed]:
    """Empty, and with spaces."""
    return _between(tree, b"", b"", b"   \t ", b"")


def lines_that_end_in_crlf(tree: Tree) -> list[Owed]:
    """A file that went through an editor on Windows."""
    owed = _between(tree)
    tree.file(tree.threads[0].path, tree.threads[0].text(b"\r\n"))
    return owed


def a_byte_order_mark(tree: Tree) -> list[Owed]:
    """Before the first line, which is an answer."""
    session = tree.session()
    session.answer(write_5m=20_000)
    _goes_on(session)
    tree.file(session.path, b"\xef\xbb\xbf" + session.text())
    return [FIRST, SECOND]


def spaces_after_colons(tree: Tree) -> list[Owed]:
    """The same JSON from another writer."""
    return _rewritten(tree)


def keys_in_another_order(tree: Tree) -> list[Owed]:
    """Sorted by name: the message comes before the type, the usage last in it."""
    return _rewritten(tree, sort_keys=True, separators=(",", ":"))


def text_all_escaped(tree: Tree) -> list[Owed]:
    """Nothing but ASCII, sorted, with spaces."""
    return _rewritten(tree, sort_keys=True, ensure_ascii=True)


def counts_that_are_null(tree: Tree) -> list[Owed]:
    """A gateway that knows some of the numbers."""
    session = tree.session()
    session.prompt()
    counts = usage() | {
        "cache_creation_input_tokens": None,
        "cache_read_input_tokens": None,
        "cache_creation": None,
    }
    session.block("msg_01ConformanceNull", counts, request="req_011ConformanceNull")
    return [owes(OPUS, input=10, output=500)]


def counts_that_are_missing(tree: Tree) -> list[Owed]:
    """Input and output are all there is."""
    session = tree.session()
    session.prompt()
    session.block("msg_01ConformanceFew", {"input_tokens": 10, "output_tokens": 500}, request="req_011ConformanceFew")
    return [owes(OPUS, input=10, output=500)]


def an_answer_without_usage(tree: Tree) -> list[Owed]:
    """It says nothing about tokens."""
    session = tree.session()
    session.prompt()
    session.answer(write_5m=20_000)
    session.entry(
        "assistant",
        message={"id": "msg_01None", "role": "assistant", "model": "claude-opus-4-8", "content": []},
    )
    _goes_on(session)
    return [FIRST, SECOND]


def deeply_nested_arguments(tree: Tree) -> list[Owed]:
    """A tool result nested 3,000 levels deep, between two answers."""
    deep = b"[" * 3_000 + b"]" * 3_000
    return _between(
        tree,
        b'{"type":"user","message":{"role":"user","content":'
        + deep
        + b'},"uuid":"u","timestamp":"2026-11-02T10:00:03.000Z"}',
    )


def an_empty_file_and_a_folder_of_that_name(tree: Tree) -> list[Owed]:
    """Neither is a transcript."""
    owed = _between(tree)
    project = tree.threads[0].path.parent
    tree.file(project / "00000000-0000-4000-8000-00000000000e.jsonl", b"")
    tree.file(project / "00000000-0000-4000-8000-00000000000f.jsonl" / "readme.txt", b"a folder")
    return owed


CASES = (
    a_line_that_is_no_json,
    a_half_written_last_line,
    a_last_line_cut_within_a_character,
    a_whole_last_line_without_its_newline,
    a_newline_is_lost_between_lines_that_stand_elsewhere,
    a_newline_is_lost_between_two_answers,
    a_line_is_written_into_another,
    a_run_of_nul_bytes,
    nul_bytes_before_an_answer,
    bytes_that_are_no_utf_8,
    half_of_a_surrogate_pair,
    blank_lines,
    lines_that_end_in_crlf,
    a_byte_order_mark,
    spaces_after_colons,
    keys_in_another_order,
    text_all_escaped,
    counts_that_are_null,
    counts_that_are_missing,
    an_answer_without_usage,
    deeply_nested_arguments,
    an_empty_file_and_a_folder_of_that_name,
)
