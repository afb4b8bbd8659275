"""One thing an OpenTelemetry export says: a log record, a metric's point or a span, whatever it was encoded in.

In: values as JSON or protobuf give them. Out: `Record`s whose attributes are plain and short.
Always: only attributes that `WANTED` names, and labels of the resource, are kept, so a text that telemetry carries (a
prompt, an answer, a tool's input) is dropped before anything looks at it; strings are printable and of bounded length;
numbers fit the store.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Scalar = str | int | float | bool

#: Characters of an attribute that are kept.
LONGEST = 200
#: The largest number the store holds, and the last millisecond of the year 9999.
MOST, LAST_MOMENT = (1 << 63) - 1, 253_402_300_799_999
#: Attributes that hold JSON: names are read from the first, the ending of a file's name from the second, nothing else.
PARAMETERS, INPUT = "tool_parameters", "tool_input"
#: Characters of those that are looked at.
LONGEST_JSON = 4_000

#: Attributes that are read. Whatever is not here is never decoded.
WANTED = frozenset(
    """
    session.id event.name event.sequence event.timestamp prompt.id agent_id agent.name query_source request_id
    model input_tokens output_tokens cache_read_tokens cache_creation_tokens cache_creation_5m_tokens
    cache_creation_1h_tokens cost_usd cost_usd_micros duration_ms ttft_ms speed effort
    tool_name tool_use_id success tool_input_size_bytes tool_result_size_bytes tool_parameters tool_input error_type
    decision source tool_source permission_mode prompt_length response_length command_name command_source
    trigger pre_tokens post_tokens precompute_reuse agent_type agent.source is_built_in is_async total_tokens
    total_tool_uses final_model model_swapped skill.name skill.source skill.kind invocation_trigger
    status_code attempt total_attempts total_retry_duration_ms server_fallback_hop category
    status transport_type server_scope server_name hook_event num_hooks num_success num_blocking
    num_non_blocking_error num_cancelled total_duration_ms additional_context_chars stdout_chars
    from_mode to_mode type start_type language mcp_server.name mcp_tool.name plugin.name parent_agent_id
    workflow.run_id workflow.name vcs.owner.name vcs.repository.name vcs.provider.name
    """.split()
)
#: Resource attributes that describe a machine, a program or a person, and are no label of the work.
_NO_LABEL = (
    "service.",
    "host.",
    "os.",
    "process.",
    "telemetry.",
    "wsl.",
    "user.",
    "organization.",
    "terminal.",
    "app.",
)

_NAME = re.compile(r"[a-z][a-z0-9_.]*")
_PREFIX = "claude_code."


class Record:
    """A log record, a span or a point of a metric."""

    __slots__ = ("at", "attributes", "duration", "ident", "name", "resource", "value")

    def __init__(self, name: str, at: int, attributes: dict[str, Scalar], resource: dict[str, Scalar]) -> None:
        self.name = name  #: `api_request`; of a span or metric without the leading `claude_code.`
        self.at = at  #: milliseconds since 1970 UTC; 0: it does not say
        self.attributes, self.resource = attributes, resource
        self.ident = ""  #: what tells a span or a point from the others
        self.duration: int | None = None  #: of a span, milliseconds
        self.value: float | int | None = None  #: of a metric's point

    def text(self, name: str) -> str:
        """A string attribute; '' where there is none."""
        value = self.attributes.get(name, "")
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else str(value)

    def count(self, name: str) -> int | None:
        """A whole number, also from a string or a whole float; None: not given, or no count."""
        return as_count(self.attributes.get(name))


def as_count(value: object) -> int | None:
    """A whole number from 0 to `MOST`; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit() and len(value) < 20):
            return None
        value = int(value)
    elif isinstance(value, float):
        if not value.is_integer():
            return None
        value = int(value)
    return value if isinstance(value, int) and 0 <= value <= MOST else None


def as_number(value: object) -> float | int | None:
    """A metric's value: whole where it is whole; None for what is no finite number or too large to keep."""
    if isinstance(value, str):
        digits = value.removeprefix("-")
        value = int(value) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MOST:
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def moment(nanoseconds: object) -> int:
    """Milliseconds since 1970 from nanoseconds; 0 where it is no time."""
    count = as_count(nanoseconds)
    if count is None or count // 1_000_000 > LAST_MOMENT:
        return 0
    return count // 1_000_000


def clean(value: Scalar, longest: int = LONGEST) -> Scalar:
    """The value with nothing unprintable in it, and not longer than that."""
    if not isinstance(value, str):
        return value
    if len(value) > longest:
        value = value[:longest]
    return value if value.isprintable() else "".join(letter for letter in value if letter.isprintable())


def is_label(name: str) -> bool:
    """Whether a resource attribute may be a label a person gave: a department, a team, a cost centre."""
    return not name.startswith(_NO_LABEL)


def bare(name: object) -> str:
    """The name of an event, a span or a metric without the client's prefix.

    '' for anything else: what looks like no name may be a text, and is not even quoted in a problem.
    """
    named = isinstance(name, str) and len(name) <= 64 and _NAME.fullmatch(name)
    return str(name).removeprefix(_PREFIX) if named else ""


def event_name(attribute: object, field: object, body: object) -> str:
    """The name of a log event, from the first place that has one. A body is one only with the client's prefix."""
    own = body if isinstance(body, str) and body.startswith(_PREFIX) else ""
    return bare(attribute) or bare(field) or bare(own)


def first_time(candidates: Iterable[object]) -> int:
    """The first of these nanosecond times that is one."""
    for candidate in candidates:
        found = moment(candidate)
        if found:
            return found
    return 0
