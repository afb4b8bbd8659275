"""One answer on several lines: partial counts, placeholders, missing and repeated lines.

The client writes a line per content block. Older versions put a partial `output_tokens` on all lines but the
last, newer ones the final usage on each; and files hold everything in between.
"""

from __future__ import annotations

from conformance.rates import OPUS, SONNET
from conformance.tree import Tree, usage
from conformance.truth import Owed, owes


def the_last_line_has_the_output(tree: Tree) -> list[Owed]:
    """Output grows from line to line; the last is the true one."""
    session = tree.session()
    session.prompt()
    session.answer(outputs=(1, 8, 500), write_5m=20_000)
    return [owes(OPUS, input=10, write_5m=20_000, output=500)]


def a_placeholder_comes_first(tree: Tree) -> list[Owed]:
    """The first line was written when the answer began, with one token of output."""
    session = tree.session()
    session.prompt()
    session.answer(outputs=(1, 743), read=31_000)
    session.answer(outputs=(1, 90), read=31_500)
    return [owes(OPUS, input=10, read=31_000, output=743), owes(OPUS, input=10, read=31_500, output=90)]


def every_line_has_the_final_usage(tree: Tree) -> list[Owed]:
    """Newer versions: three blocks, the same usage three times."""
    session = tree.session()
    session.prompt()
    session.answer(outputs=(61, 61, 61), write_5m=12_534)
    return [owes(OPUS, input=10, write_5m=12_534, output=61)]


def the_last_line_was_never_written(tree: Tree) -> list[Owed]:
    """Only partial lines exist: the largest output seen is what is known."""
    session = tree.session()
    session.prompt()
    session.answer(outputs=(1, 8), write_5m=20_000)
    session.prompt()
    session.answer(read=20_010)
    return [owes(OPUS, input=10, write_5m=20_000, output=8), owes(OPUS, input=10, read=20_010, output=500)]


def the_largest_output_is_not_on_the_last_line(tree: Tree) -> list[Owed]:
    """Lines out of order: output only grows, so the largest is the latest state."""
    session = tree.session()
    session.prompt()
    session.answer(outputs=(1, 500, 12), write_5m=20_000)
    return [owes(OPUS, input=10, write_5m=20_000, output=500)]


def the_prompt_is_counted_on_a_later_line_only(tree: Tree) -> list[Owed]:
    """The first line has nothing but zeros; the true counts came with the end of the stream."""
    session = tree.session()
    session.prompt()
    request = "req_011Conformance00zeros"
    session.block("msg_01ConformanceZeros", usage(input=0, output=0), request=request, stop_reason=None)
    session.block("msg_01ConformanceZeros", usage(input=12, output=640, write_5m=9_000, read=4_000), request=request)
    return [owes(OPUS, input=12, write_5m=9_000, read=4_000, output=640)]


def tool_results_stand_between_the_blocks(tree: Tree) -> list[Owed]:
    """Parallel calls: a result is written before the next block of the same answer."""
    session = tree.session()
    session.prompt()
    request, message = "req_011Conformance0blocks", "msg_01ConformanceBlocks"
    for name, output in (("one", 3), ("two", 3), ("three", 212)):
        call = {"type": "tool_use", "id": f"toolu_{name}", "name": "Bash", "input": {"command": "ls"}}
        session.block(message, usage(output=output, read=18_000), request=request, content=[call])
        session.tool_result(f"toolu_{name}")
    return [owes(OPUS, input=10, read=18_000, output=212)]


def lines_of_two_answers_alternate(tree: Tree) -> list[Owed]:
    """Two answers whose lines are mixed in one file."""
    session = tree.session()
    session.prompt()
    for output in (1, 400):
        for name in ("A", "B"):
            counts = usage(output=output, read=7_000 if name == "A" else 8_000)
            session.block(f"msg_01Conformance{name}", counts, request=f"req_011Conformance{name}")
    return [owes(OPUS, input=10, read=7_000, output=400), owes(OPUS, input=10, read=8_000, output=400)]


def all_blocks_stand_on_one_line(tree: Tree) -> list[Owed]:
    """One line with three content blocks is one answer."""
    session = tree.session()
    session.prompt()
    blocks = [
        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        {"type": "text", "text": "first"},
        {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {"file_path": "/home/dev/shop/a.py"}},
    ]
    session.block("msg_01ConformanceOne", usage(write_5m=4_321), request="req_011ConformanceOne", content=blocks)
    return [owes(OPUS, input=10, write_5m=4_321, output=500)]


def a_line_is_written_twice(tree: Tree) -> list[Owed]:
    """The same line, byte for byte, again."""
    session = tree.session()
    session.prompt()
    session.answer(write_5m=20_000)
    session.add(session.lines[-1])  # type: ignore[arg-type] # the line before is an entry
    return [owes(OPUS, input=10, write_5m=20_000, output=500)]


def the_model_changes_within_an_answer(tree: Tree) -> list[Owed]:
    """A fallback in mid-stream: the lines of one id name two models, the last one gave the answer."""
    tree.doubt = "one usage is billed per message id; a tool could also charge what the abandoned model read"
    session = tree.session()
    session.prompt()
    request, message = "req_011ConformanceFall", "msg_01ConformanceFall"
    session.block(message, usage(output=2, read=30_000), request=request, stop_reason=None)
    session.block(message, usage(output=350, write_5m=30_000), request=request, model="claude-sonnet-4-6")
    return [owes(SONNET, input=10, write_5m=30_000, output=350)]


CASES = (
    the_last_line_has_the_output,
    a_placeholder_comes_first,
    every_line_has_the_final_usage,
    the_last_line_was_never_written,
    the_largest_output_is_not_on_the_last_line,
    the_prompt_is_counted_on_a_later_line_only,
    tool_results_stand_between_the_blocks,
    lines_of_two_answers_alternate,
    all_blocks_stand_on_one_line,
    a_line_is_written_twice,
    the_model_changes_within_an_answer,
)
