"""What a tool call was about, in at most 80 characters, so that a person recognises it.

In: a tool's name and its input. Out: a path, the first words of a command, a host, an agent type. Secrets
are redacted before anything is kept; file contents, prompts and search results are never looked at.
"""

from __future__ import annotations

import re

import msgspec

from lineitem.sources.transcript_schema import TOOL_INPUT, ToolInput

LONGEST = 80

_SECRETS = re.compile(
    r"(?i:\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}"
    r"|\b(?:sk|pk|rk)-[A-Za-z0-9_-]{8,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{10,}|\bgithub_pat_\w{10,}|\bglpat-[\w-]{10,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\bxox[abprs]-[\w-]{8,}|\bAIza[\w-]{20,}"
    r"|\beyJ[\w-]{8,}\.[\w.-]+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
_NAMED_SECRET = re.compile(
    r"(?i)((?:token|secret|passwor?d|passwd|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)[\w-]*"
    r"\s*[=:]\s*|--?(?:token|password|secret|api-key)[ =]|-u )(\"[^\"]*\"|'[^']*'|\S+)"
)


def redact(text: str) -> str:
    """The text with secrets of the known families, and long random words, replaced by `***`."""
    # written out: this runs for every tool call, and `any` over a generator costs more than the tests
    if (
        "sk-" in text or "pk-" in text or "rk-" in text or "gh" in text or "glpat-" in text or "AKIA" in text
        or "ASIA" in text or "xox" in text or "AIza" in text or "eyJ" in text or "://" in text or "earer" in text
        or "EARER" in text or "asic " in text
    ):  # fmt: skip
        text = _SECRETS.sub("***", text)
    lower = text.lower()
    if (
        "token" in lower or "secret" in lower or "passw" in lower or "key" in lower or "credential" in lower
        or "-u " in lower
    ):  # fmt: skip
        text = _NAMED_SECRET.sub(lambda found: found.group(1) + "***", text)
    if len(text) > 31 and any(_looks_random(word) for word in text.split() if len(word) > 31):
        text = " ".join("***" if len(word) > 31 and _looks_random(word) else word for word in text.split())
    return text


def _looks_random(word: str) -> bool:
    """A run of 32 or more letters and digits, both in it: a key, a hash, an encoded blob."""
    return any(
        len(run) > 31 and not run.isalpha() and not run.isdigit()
        for run in word.replace("=", " ").replace("/", " ").replace(":", " ").replace(".", " ").split()
        if run.replace("-", "").replace("_", "").isalnum()
    )


def short(text: str) -> str:
    """One line of at most 80 characters, control characters dropped, secrets redacted."""
    text = text[:400]
    if "  " in text or "\n" in text or text[:1] == " " or text[-1:] == " " or len(text) == 400:
        text = " ".join(text.split())
    if not text.isprintable():
        text = "".join(c if c.isprintable() else "?" for c in text)
    text = redact(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _relative(path: str, cwd: str | None) -> str:
    if cwd and path.startswith(cwd) and path[len(cwd) : len(cwd) + 1] in ("/", "\\"):
        return short(path[len(cwd) + 1 :])
    return short(path)


def _host(url: str) -> str:
    start = url.find("://")
    rest = url[start + 3 :] if start >= 0 else url
    return short(rest.split("/", 1)[0].split("?", 1)[0].rpartition("@")[2])


def target(tool: str, raw: msgspec.Raw, cwd: str | None) -> str:
    """The target of a call of `tool` with the JSON input `raw`; empty where nothing short tells it."""
    if tool.startswith("mcp__") or not memoryview(raw).nbytes:
        return ""
    try:
        given = TOOL_INPUT.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return ""
    return _target(tool, given, cwd)


def _target(tool: str, given: ToolInput, cwd: str | None) -> str:
    if given.command is not None:
        return short(given.command)
    if given.file_path is not None:
        return _relative(given.file_path, cwd)
    if given.notebook_path is not None:
        return _relative(given.notebook_path, cwd)
    if given.subagent_type is not None or tool in ("Agent", "Task"):
        return short(given.subagent_type or "general-purpose")
    if given.url is not None:
        return _host(given.url)
    if given.skill is not None:
        return short(given.skill)
    if given.pattern is not None:
        return short(given.pattern)
    if given.path is not None:
        return _relative(given.path, cwd)
    return short(given.query) if given.query is not None else ""
