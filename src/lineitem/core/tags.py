"""Who or what spending is for, by rules: departments, teams, cost centres, users and tags of one's own.

In: rules of the settings file, labels that telemetry told of a session, and the environment. Out: the tags of a
session, of a branch within it. Always: tags are worked out whenever they are asked for - nothing that was recorded
changes when a rule does. Of a tag the first rule that fits says what it is; what no rule says, the session's
telemetry says; what that does not, the environment.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.core.problems import UsageError
from lineitem.core.scopes import BUILT_IN, fits, is_dimension

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACES = ("folder", "repository", "branch")
_LONGEST = 80


class Rule(NamedTuple):
    """What spending of a place is for; an empty pattern fits any."""

    folder: str
    repository: str
    branch: str
    tags: Mapping[str, str]


class Tags(NamedTuple):
    """All rules, in their order."""

    rules: tuple[Rule, ...] = ()
    environment: Mapping[str, str] = {}

    @property
    def names(self) -> frozenset[str]:
        """The tags that rules and environment may give."""
        return frozenset(name for rule in self.rules for name in rule.tags) | frozenset(self.environment)

    @property
    def asks_branch(self) -> bool:
        """Whether branches of one session may have different tags."""
        return any(rule.branch for rule in self.rules)

    @property
    def asks_repository(self) -> bool:
        return any(rule.repository for rule in self.rules)

    def of(self, folder: str, repository: str, branch: str, labels: Mapping[str, str]) -> dict[str, str]:
        """The tags of spending in a folder, a repository (its address) and a branch, with its telemetry's labels."""
        found: dict[str, str] = {}
        for rule in self.rules:
            if _is_in(folder, rule.folder) and _is(repository, rule.repository) and _is(branch, rule.branch):
                for name, value in rule.tags.items():
                    found.setdefault(name, value)
        for told in (labels, self.environment):
            for name, value in told.items():
                found.setdefault(name, value)
        return found


def from_settings(settings: Mapping[str, object], environment: str, home: str) -> Tags:
    """The rules of the `[[tags]]` tables; `environment`: `team=core,client=acme`. Raises UsageError."""
    tables = settings.get("tags", [])
    if not isinstance(tables, list):
        raise UsageError("tags must be tables, each as in [[tags]].")
    rules = [_rule(number, table, home) for number, table in enumerate(tables, 1)]
    return Tags(tuple(rules), _told("LINEITEM_TAGS", environment))


def _rule(number: int, table: object, home: str) -> Rule:
    label = f"tags, table {number}"
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise UsageError(f"{label}: every value must be a text.")
    places = {name: table.get(name, "") for name in _PLACES}
    tags = {name: value for name, value in table.items() if name not in _PLACES}
    if not tags:
        raise UsageError(f'{label} gives no tag. Write, for example, team = "core".')
    for name, value in tags.items():
        _check(label, name, value)
    folder = places["folder"]
    if folder == "~" or folder.startswith("~/"):
        folder = home + folder[1:]
    return Rule(folder, places["repository"], places["branch"], tags)


def _check(label: str, name: str, value: str) -> None:
    if not is_dimension(name) or name in BUILT_IN:
        raise UsageError(
            f"{label}: '{name}' can be no tag: lower letters, digits and _, and not {', '.join(BUILT_IN)}."
        )
    if not value or len(value) > _LONGEST or not value.isprintable():
        raise UsageError(f"{label}: the value of {name} must be a short text.")


def _told(label: str, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, value = part.partition("=")
        _check(label, name.strip(), value.strip())
        found[name.strip()] = value.strip()
    return found


def labels_of(told: Mapping[str, object]) -> dict[str, str]:
    """Telemetry's resource attributes as tags: `team.id` is `team_id`; what can be no tag is left out."""
    found = {}
    for name, value in told.items():
        tag = "".join(letter if letter.isalnum() else "_" for letter in name.lower())
        if is_dimension(tag) and tag not in BUILT_IN and isinstance(value, str) and value:
            found[tag] = value[:_LONGEST]
    return found


def _is(name: str, pattern: str) -> bool:
    return not pattern or fits("", pattern, name)


def _is_in(folder: str, pattern: str) -> bool:
    """Whether a folder is this one or below it."""
    if not pattern:
        return True
    pattern = pattern.replace("\\", "/").rstrip("/").removesuffix("/**").removesuffix("/*")
    folder = folder.replace("\\", "/").rstrip("/")
    return fits("", pattern, folder) or fits("", f"{pattern}/*", folder)
