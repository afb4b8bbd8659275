"""What is put into a settings.json, and how it is told from everybody else's.

`Wanted` says which; from it come the hook of an event, the statusline's command and the telemetry variables, always
the same for the same `Wanted`. Our hooks carry a mark (a header, or the path of our program), so that an entry with
an old port, token or path is still known as ours, and nobody else's ever is.

Each event costs a request, so only those are asked for that say something about spend, a duration or a limit:
prompts, tool calls, turns, agents, compactions, the ends of sessions, and changes of the settings themselves (that is
how a lost hook is noticed at once). Claude Code sends no `SessionStart` over HTTP: that one is always a command.
Events that only newer clients know by name (model switches) are left out: what an older one makes of a name it does
not know is not said anywhere. 2.1.330 took all of these, in both styles (tried 2026-11).
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

#: Sent over HTTP in the HTTP style.
OVER_HTTP = (
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "Stop",
    "StopFailure",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
    "PostCompact",
    "ConfigChange",
    "SessionEnd",
)
#: Never sent over HTTP by the client (its documentation, 2026-10).
BY_COMMAND = ("SessionStart",)
#: Before the model is switched; put in only where a budget asks for it.
SWITCH = "PreModelSwitch"
#: Events whose hooks may refuse what is about to happen.
GUARDED = ("UserPromptSubmit", "PreToolUse")
#: Seconds. A hook over HTTP is waited for; an asynchronous command is not, and may write to a slow disk.
HTTP_TIMEOUT = 2
COMMAND_TIMEOUT = 5
#: The header that marks a hook as ours.
MARK = "x-lineitem-hook"
_URL = re.compile(r"http://127\.0\.0\.1:\d{1,5}/v1/hook")
_HEADERS = re.compile(r"Authorization=Bearer [\w-]+", re.ASCII)
_ALONE = ["-I", "-S"]  # no environment variables, no site-packages: starts in a fraction of the time, and alone
_FORWARDER = "lineitem_hook/forward.py"
_STATUSLINE = "lineitem_hook/statusline.py"
#: Asks the forwarder to say what taking a session up again costs.
NOTE = "--note"


class Wanted(NamedTuple):
    """What is to be put in place."""

    live: str  #: the live folder
    token: str  #: the ingest token
    port: int
    interpreter: str  #: absolute path of a Python
    programs: str  #: absolute path of the folder `lineitem_hook`
    style: str = "http"  #: or `command`: every hook starts the forwarder
    telemetry: bool = False
    statusline: bool = True
    windows: bool = False
    switches: bool = False  #: also ask before the model is switched, which only clients newer than 2.1.240 know
    closed: bool = False  #: what budgets guard is refused while the collector does not answer
    note: bool = False  #: say in a session that is taken up again what that costs; the client waits for it

    @property
    def url(self) -> str:
        """Where hooks are sent."""
        return f"{self.endpoint}/v1/hook"

    @property
    def endpoint(self) -> str:
        """Where telemetry is sent."""
        return f"http://127.0.0.1:{self.port}"


def handlers(wanted: Wanted) -> dict[str, dict[str, Any]]:
    """By event: our handler."""
    http = {
        "type": "http",
        "url": wanted.url,
        "headers": {"Authorization": f"Bearer {wanted.token}", MARK: "1"},
        "timeout": HTTP_TIMEOUT,
    }
    words = [*_ALONE, _program(wanted, "forward.py"), _slashes(wanted.live, wanted)]
    command = {
        "type": "command",
        "command": _slashes(wanted.interpreter, wanted),
        "args": words,
        "async": True,
        "timeout": COMMAND_TIMEOUT,
    }
    first = http if wanted.style == "http" else command
    found = dict.fromkeys(OVER_HTTP, first) | dict.fromkeys(BY_COMMAND, command)
    if wanted.note:  # what an asynchronous one prints is shown a turn too late
        waited = {key: value for key, value in command.items() if key != "async"}
        found["SessionStart"] = {**waited, "args": [*words, NOTE]}
    if wanted.style != "http":
        return found
    if wanted.switches:
        found[SWITCH] = http
    if wanted.closed:
        found |= {event: {**http, "onFailure": "block"} for event in (*GUARDED, SWITCH) if event in found}
    return found


def group(handler: dict[str, Any]) -> dict[str, Any]:
    """What stands in an event's list: our handler, for whatever the event is about."""
    return {"matcher": "", "hooks": [handler]}


def telemetry(wanted: Wanted) -> dict[str, str]:
    """The environment variables that make the client send its telemetry to us.

    The space in the header stands as it is: the client (2.1.330, tried) sends `%20` as those three characters.
    """
    return {
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
        "OTEL_EXPORTER_OTLP_ENDPOINT": wanted.endpoint,
        "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer {wanted.token}",
    }


def statusline_command(wanted: Wanted) -> str:
    """The command line of our statusline, quoted for the shell that runs it."""
    words = [wanted.interpreter, *_ALONE, f"{wanted.programs}/statusline.py", wanted.live]
    return shell_line([_slashes(word, wanted) for word in words])


def shell_line(words: list[str]) -> str:
    """A command line of these words for `sh`; a word without anything special stays bare.

    Windows runs it in Git Bash, or in PowerShell where there is none: with forward slashes and bare words both read
    it alike. Where a word needs quotes, only the first of them does.
    """
    return " ".join(word if re.fullmatch(r"[\w./:@%+=-]+", word, re.ASCII) else shlex.quote(word) for word in words)


def _slashes(path: str, wanted: Wanted) -> str:
    return path.replace("\\", "/") if wanted.windows else path


def _program(wanted: Wanted, name: str) -> str:
    return _slashes(f"{wanted.programs}/{name}", wanted)


def is_ours(handler: Any) -> bool:
    """Whether a handler in a hook list was put there by us, now or by an older installation."""
    if not isinstance(handler, dict):
        return False
    if handler.get("type") == "http":
        url, headers = handler.get("url"), handler.get("headers")
        return isinstance(headers, dict) and MARK in headers and isinstance(url, str) and bool(_URL.fullmatch(url))
    if handler.get("type") == "command":
        return _runs(handler.get("args"), _FORWARDER)
    return False


def is_our_url(url: Any) -> bool:
    """Whether an entry of `allowedHttpHookUrls` is one of ours."""
    return isinstance(url, str) and bool(_URL.fullmatch(url))


def sends_to_us(env: dict[str, Any]) -> bool:
    """Whether these variables send telemetry to us, now or at the time of an older installation."""
    headers = str(env.get("OTEL_EXPORTER_OTLP_HEADERS"))
    return is_our_url(f"{env.get('OTEL_EXPORTER_OTLP_ENDPOINT')}/v1/hook") and bool(_HEADERS.fullmatch(headers))


def steers_telemetry(name: str) -> bool:
    """Whether a variable decides where, how or whether telemetry is sent."""
    return name.startswith("OTEL_EXPORTER_OTLP_") or name in {
        "CLAUDE_CODE_ENABLE_TELEMETRY",
        "OTEL_LOGS_EXPORTER",
        "OTEL_METRICS_EXPORTER",
    }


def mentions_us(command: str) -> bool:
    """Whether a statusline's command starts our program in whatever way."""
    return _STATUSLINE in command.replace("\\", "/")


def our_words(command: str) -> list[str] | None:
    """The words of a statusline's command that is ours: interpreter, options, program, live folder, what a person
    added. None: it is not ours, or ours inside of another's.
    """  # fmt: skip
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    return words if _runs(words[1:4], _STATUSLINE) and len(words) > 4 else None


def _runs(words: Any, program: str) -> bool:
    """Whether these arguments of an interpreter start that program of ours."""
    return (
        isinstance(words, list)
        and words[:2] == _ALONE
        and len(words) > 2
        and isinstance(words[2], str)
        and words[2].replace("\\", "/").endswith("/" + program)
    )
