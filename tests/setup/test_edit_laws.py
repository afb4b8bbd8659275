"""What always holds for the settings editor: it changes what it says, and not one byte more."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.setup import edit
from lineitem.setup.document import decoded
from lineitem.setup.entries import is_ours
from lineitem.setup.install import install, lost, planned, status, uninstall
from lineitem.setup.plan import Original, installing, missing, removing
from lineitem.setup.refusals import SettingsRefused
from lineitem.setup.spans import find, parts, root
from tests.laws.examples import examples
from tests.setup.documents import NAME, VALUE, settings, spoilt, written
from tests.setup.places import place, wanted

WISHES = st.builds(
    wanted, style=st.sampled_from(["http", "command"]), telemetry=st.booleans(), statusline=st.booleans()
)
PLACES = st.fixed_dictionaries(
    {"style": st.sampled_from(["http", "command"]), "telemetry": st.booleans(), "statusline": st.booleans()}
)


def text_of(content: bytes) -> str:
    return content.decode("utf-8-sig")


def value_of(content: bytes) -> Any:
    """The meaning of a document, numbers as they are spelt."""
    return json.loads(text_of(content), parse_int=lambda number: ["number", number], parse_float=float)


def subsequence(small: str, large: str) -> bool:
    rest = iter(large)
    return all(character in rest for character in small)


@examples(60)
@given(written())
def test_the_parts_of_a_document_are_where_we_say(content: bytes) -> None:
    text = text_of(content)
    document = root(text)
    for part in parts(text, document.at):
        alone = f"{{{text[part.start : part.end]}}}"
        assert root(alone).value == {part.name: part.value}
        assert find(text, [part.name]) == part


@examples(60)
@given(written(), NAME, VALUE.map(lambda value: json.loads(json.dumps(value))))
def test_what_is_added_comes_out_again_and_nothing_else_moves(content: bytes, name: str, value: Any) -> None:
    text = text_of(content)
    before = root(text).value
    if name in before:
        name += "'"
    if name in before:
        return
    more = edit.added(text, (), value, name)
    assert root(more).value == before | {name: value}
    assert list(root(more).value) == [*before, name]
    if before:
        assert edit.removed(more, (name,)) == text
        assert edit.removed(text, (next(iter(before)),)).strip()[0] == "{"
    assert edit.style_of(more).newline == edit.style_of(text).newline


@examples(50)
@given(written(), WISHES)
def test_a_plan_adds_and_keeps_every_character_that_was_there(content: bytes, wish: Any) -> None:
    plan = installing("settings.json", content, wish)
    assert plan.after is not None
    again = installing("settings.json", plan.after, wish)
    assert again.changes == ()
    assert again.after == plan.after
    if plan.wrapped is None:  # otherwise one command is replaced, and kept
        filled = re.sub(r"([{\[])\s+([}\]])", r"\1\2", text_of(content))  # an empty object that is filled is laid out
        assert subsequence(filled, text_of(plan.after))
    gaps = missing(decoded(plan.after, ""), wish)
    assert all("statusLine" in note or "Telemetry" in note for note in plan.notes) or not gaps
    assert {name for name in gaps if name != "statusLine" and not name.startswith(("OTEL_", "CLAUDE_"))} == set()


@examples(50)
@given(written(), WISHES)
def test_without_a_record_removal_still_gives_back_the_same_meaning(content: bytes, wish: Any) -> None:
    plan = installing("settings.json", content, wish)
    assert plan.after is not None
    original = Original(decoded(content, ""), plan.wrapped)
    back = removing("settings.json", plan.after, wish, original)
    assert back.after is not None
    assert value_of(back.after) == value_of(content)
    nothing = removing("settings.json", content, wish, original)
    assert nothing.after == content


@examples(50)
@given(written(), settings(), WISHES)
def test_what_others_do_meanwhile_stays(content: bytes, theirs: dict[str, Any], wish: Any) -> None:
    """Another program adds members of its own, then we are taken away: theirs and the old ones are all there."""
    plan = installing("settings.json", content, wish)
    assert plan.after is not None
    text = text_of(plan.after)
    for name, value in theirs.items():
        if name not in value_of(plan.after) and name not in {"hooks", "env", "statusLine"}:
            text = edit.added(text, (), json.loads(json.dumps(value)), name)
    changed = plan.after[: plan.after.index(text_of(plan.after).encode())] + text.encode()
    gone = removing("settings.json", changed, wish, Original(decoded(content, ""), plan.wrapped)).after
    assert gone is not None
    expected = {name: value for name, value in value_of(changed).items() if name in value_of(gone)}
    ours = {"hooks", "env", "statusLine", "allowedHttpHookUrls"}
    assert {name for name in value_of(changed) if name not in value_of(gone)} <= ours
    for name, value in value_of(content).items():
        assert value_of(gone)[name] == value
    for name, value in expected.items():
        if name not in ours:
            assert value_of(gone)[name] == value


@examples(100)
@given(spoilt(), WISHES)
def test_what_cannot_be_kept_exactly_is_refused(content: bytes, wish: Any) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        installing("settings.json", content, wish)
    assert refusal.value.exit_code == 2
    assert "left as it is" in str(refusal.value)


@examples(25)
@given(written(), PLACES)
def test_on_disk_install_and_uninstall_end_in_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, options: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("claude")
    file, where = folder / "settings.json", place(folder, **options)
    file.write_bytes(content)
    shown = planned(where)
    assert file.read_bytes() == content
    done = install(where)
    assert [change.path for change in done.changes] == [change.path for change in shown.changes]
    assert file.read_bytes() == done.after
    assert lost(where.database) == {}
    assert status(where.settings, where.database).installed
    inode = file.stat().st_ino
    assert install(where).changes == ()
    assert file.stat().st_ino == inode
    uninstall(where.settings, where.database)
    assert file.read_bytes() == content
    assert not [handler for handler in everything(value_of(content)) if is_ours(handler)]
    assert sorted(path.name for path in folder.iterdir()) == ["lineitem.sqlite.live", "settings.json"]
    shutil.rmtree(folder)


@examples(40)
@given(spoilt())
def test_on_disk_a_refused_file_is_untouched(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("claude")
    file = folder / "settings.json"
    file.write_bytes(content)
    before = file.stat()
    with pytest.raises(SettingsRefused, match=r"(?s)left as it is.*x-lineitem-hook"):
        install(place(folder), sleep=lambda _: None)
    assert file.read_bytes() == content
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert sorted(Path(folder).iterdir()) == [folder / "lineitem.sqlite.live", file]
    shutil.rmtree(folder)


def everything(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(deeper for one in inner for deeper in everything(one))]
