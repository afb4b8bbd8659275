"""Changes of a settings file: exactly what was asked, and nothing else of it, whatever stands in it."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.problems import UsageError
from lineitem.setup.preferences import applied, changed, flat, parse_given, parse_path, parse_value, shown, spelled
from lineitem.setup.refusals import SettingsRefused

names = st.sampled_from(["health", "alerts", "a b", "desk", 'q"uote', "ü", "x-1", "a=b", "#"])
values = (
    st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(max_size=12).filter(lambda text: text.isprintable())
    | st.lists(st.integers(0, 9), max_size=3)
)
tables = st.recursive(
    st.dictionaries(names, values, max_size=3), lambda inner: st.dictionaries(names, inner | values, max_size=3)
)
paths = st.lists(names, min_size=1, max_size=4).map(tuple)
notes = st.lists(st.sampled_from(["# mine", "  # kept", "", "# [health]"]), max_size=4)


def written(settings: dict[str, Any], remarks: list[str]) -> str:
    """Settings as a person may have written them: sections, tables in a line, remarks between."""
    left = iter(remarks)
    lines = [f"{spelled((name,))} = {inline(value)}" for name, value in settings.items() if not isinstance(value, dict)]
    for name, value in settings.items():
        if isinstance(value, dict):
            lines += [next(left, ""), f"[{spelled((name,))}]"]
            lines += [f"{spelled((key,))} = {inline(each)}  # why" for key, each in value.items()]
    return "\n".join([*lines, *left]) + "\n"


def inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{spelled((name,))} = {inline(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def without_empty(settings: dict[str, Any]) -> dict[str, Any]:
    inner = {name: without_empty(value) if isinstance(value, dict) else value for name, value in settings.items()}
    return {name: value for name, value in inner.items() if value != {}}


def remarks_in(text: str) -> list[str]:
    return sorted(line.strip() for line in text.splitlines() if line.lstrip().startswith("#"))


@given(tables, notes, st.dictionaries(paths, st.none() | values, min_size=1, max_size=3))
def test_a_change_is_that_change_and_no_remark_is_lost(
    settings: dict[str, Any], remarks: list[str], changes: dict[tuple[str, ...], Any]
) -> None:
    text = written(settings, remarks)
    assert tomllib.loads(text) == settings
    try:
        made = changed(text, changes, "settings.toml")
    except (SettingsRefused, UsageError):
        return  # nothing happened
    assert without_empty(tomllib.loads(made)) == without_empty(applied(settings, changes))
    assert remarks_in(text) == remarks_in(made)


@given(tables, notes)
def test_no_change_changes_no_byte(settings: dict[str, Any], remarks: list[str]) -> None:
    text = written(settings, remarks)
    assert changed(text, {}, "settings.toml") == text
    assert changed(text, {("nobody", "knows"): None}, "settings.toml") == text


@given(paths)
def test_a_path_is_read_as_it_is_spelled(path: tuple[str, ...]) -> None:
    assert parse_path(spelled(path)) == path


@given(paths, st.text(max_size=9).filter(lambda text: text == text.strip()))
def test_what_is_given_is_split_where_its_name_ends(path: tuple[str, ...], value: str) -> None:
    assert parse_given(f"{spelled(path)}={value}") == (spelled(path), value)


@pytest.mark.parametrize(
    "text", ["", " ", "a=b", "a = 0 #", "a = '********' #", "a, b", "a\nb", "a..b", "[a]", "a b", "a # b"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_path(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("true", True), ('"3"', "3"), ("intensive", "intensive"), ('["a"]', ["a"]),
     ("22:00-07:00", "22:00-07:00"),
     ('{ env = "X" }', {"env": "X"}), ("1\nfoo = 2", "1\nfoo = 2"), ("", ""), ("https://x/y#z", "https://x/y#z")],
)  # fmt: skip
def test_a_value_is_toml_or_else_the_text_itself(text: str, value: Any) -> None:
    assert parse_value(text) == value


def test_a_secret_is_not_shown_and_where_it_lies_is() -> None:
    channel = {"url": "https://x/secret", "secret": {"env": "NAME"}, "kind": "webhook"}
    settings = {"alerts": {"channels": {"ci": channel}}, "classifier": {"key": "sk-1"}}
    found = {spelled(path): shown(path, value) for path, value in flat(settings)}
    assert found == {
        "alerts.channels.ci.url": "********", "alerts.channels.ci.secret": {"env": "NAME"},
        "alerts.channels.ci.kind": "webhook", "classifier.key": "********",
    }  # fmt: skip


def test_a_remark_that_stands_after_a_table_outlives_it() -> None:
    text = '[alerts.channels.ci]\nkind = "desktop"\n\n# health is as Bob likes it\n[health]\npreset = "standard"\n'
    made = changed(text, {("alerts", "channels", "ci"): None}, "settings.toml")
    assert "# health is as Bob likes it" in made
    assert tomllib.loads(made)["health"] == {"preset": "standard"}
