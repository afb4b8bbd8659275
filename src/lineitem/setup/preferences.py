"""A person's own settings.toml as text, changed setting by setting: what else stands in it stays as it is.

In: the text, and changes: settings by their path of names, with the value each gets (None: it is taken out). Out: the
new text. Always: of the new text TOML gives exactly the old settings with these changes, and every comment is still
there; where that cannot be had, `SettingsRefused` and nothing happened.
"""

from __future__ import annotations

import re
from collections import Counter

from lineitem.core.problems import UsageError
from lineitem.setup.refusals import SettingsRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    Path = tuple[str, ...]
    #: Path -> the value it gets; None: it is taken out.
    Changes = Mapping[Path, Any]

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
#: Settings that may hold a secret, by their last name.
_SECRET = frozenset(("url", "secret", "previous_secret", "key"))
#: Ways to say where a secret lies; such a table is one value.
_PLACES = frozenset(("env", "file", "keyring"))
#: Shown instead of a secret.
HIDDEN = "********"


def parse_path(text: str) -> Path:
    """`alerts.channels."my phone".kind` as names. Raises UsageError."""
    import tomllib

    wrong = UsageError(f"'{text}' is no setting: write names with points between them, as in health.preset.")
    mark = "*" * (len(text) + 1)  # what the text itself cannot say
    try:
        found: Any = tomllib.loads(f"{text} = '{mark}'") if "\n" not in text else {}
    except tomllib.TOMLDecodeError:
        raise wrong from None
    path: list[str] = []
    while isinstance(found, dict) and len(found) == 1:
        ((name, found),) = found.items()
        path.append(name)
    if not path or found != mark:
        raise wrong
    return tuple(path)


def parse_given(text: str) -> tuple[str, str]:
    """NAME=VALUE in two; the name may hold = in quotes. Raises UsageError."""
    at = text.find("=")
    while at >= 0:
        try:
            parse_path(text[:at].strip())
        except UsageError:
            at = text.find("=", at + 1)
            continue
        return text[:at].strip(), text[at + 1 :].strip()
    raise UsageError(f"'{text}' is not NAME=VALUE, as in health.preset=intensive.")


def parse_value(text: str) -> Any:
    """What is meant by a value on a command line: TOML where it is that, else the text itself."""
    import tomllib

    if "\n" not in text and "\r" not in text:
        try:
            return tomllib.loads(f"x = {text}")["x"]
        except (tomllib.TOMLDecodeError, ValueError):
            pass
    return text


def spelled(path: Path) -> str:
    """A path as it is written in TOML."""
    from json import dumps

    return ".".join(name if _BARE.fullmatch(name) else dumps(name, ensure_ascii=False) for name in path)


def flat(settings: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every setting by its path, in the order of the file; lists, and places of secrets, are values."""
    for name, value in settings.items():
        path = (*above, name)
        if isinstance(value, dict) and not (value and name in _SECRET and value.keys() <= _PLACES):
            yield from flat(value, path)
        else:
            yield path, value


def shown(path: Path, value: Any) -> Any:
    """A setting's value without a secret in it: where one lies may be known."""
    if value is None or not _SECRET & set(path):
        return value
    return value if isinstance(value, dict) and value.keys() <= _PLACES else HIDDEN


def applied(settings: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """Settings with changes, as values."""
    made = {name: _copied(value) for name, value in settings.items()}
    for path, value in changes.items():
        inner = made
        for at, name in enumerate(path[:-1]):
            if value is None and name not in inner:
                break
            inner = inner.setdefault(name, {})
            if not isinstance(inner, dict):
                raise UsageError(f"{spelled(path[: at + 1])} is no table: it has no `{path[at + 1]}`.")
        else:
            if value is None:
                inner.pop(path[-1], None)
            else:
                inner[path[-1]] = value
    return made


def changed(text: str, changes: Changes, place: str) -> str:
    """The text with these changes. Raises UsageError, SettingsRefused; `place` is what messages call the file."""
    import tomllib

    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        wanted = applied(tomllib.loads(text), changes)
    except tomllib.TOMLDecodeError as error:
        raise SettingsRefused(f"The settings file {place} is not valid TOML: {error}. It was left as it is.") from error
    by_hand = SettingsRefused(f"{place} cannot be changed without losing something of it: change it by hand.")
    try:
        document = tomlkit.parse(text)
        for path, value in changes.items():
            _put(document, path, value)
        made = document.as_string()
        made += _gone(text, made)
        if _pruned(tomllib.loads(made)) != _pruned(wanted):
            raise by_hand
    except (TOMLKitError, tomllib.TOMLDecodeError, TypeError, KeyError, ValueError, AttributeError) as error:
        raise by_hand from error
    return made


def _put(document: Any, path: Path, value: Any) -> None:
    import tomlkit

    inner = document
    for name in path[:-1]:
        if name not in inner:
            if value is None:
                return
            inner[name] = tomlkit.table(is_super_table=len(path) > 2 and name != path[-2])
        inner = inner[name]
    if value is not None:
        inner[path[-1]] = _item(value)
    elif path[-1] in inner:
        del inner[path[-1]]


def _item(value: Any) -> Any:
    """A value as TOML writes it: a table within a line, so that it stands where its setting stands."""
    import tomlkit

    if isinstance(value, dict):
        made = tomlkit.inline_table()
        made.update(value)
        return made
    return tomlkit.item(value)


def _gone(text: str, made: str) -> str:
    """Comments that went with a table that was taken out, though they may tell of the next: they end the file."""
    left = Counter(_comments(text)) - Counter(_comments(made))
    lines = [line for line in dict.fromkeys(_comments(text)) for _ in range(left[line])]
    return "".join(f"{line}\n" for line in lines) if not made or made.endswith("\n") else "\n" + "\n".join(lines)


def _comments(text: str) -> list[str]:
    """Lines that are comments."""
    return [line.strip() for line in text.splitlines() if line.lstrip().startswith("#")]


def _pruned(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings without tables in which nothing is set: they say the same."""
    inner = {name: _pruned(value) if isinstance(value, dict) else value for name, value in settings.items()}
    return {name: value for name, value in inner.items() if value != {}}


def _copied(value: Any) -> Any:
    return {name: _copied(each) for name, each in value.items()} if isinstance(value, dict) else value
