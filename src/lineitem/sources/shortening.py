"""One short line of a text, with what may be a secret taken out.

Whoever keeps a piece of a command, a path or a name keeps it in this form. `native/target.c` does the same for texts
that are plain, and asks here for all others.
"""

from __future__ import annotations

import re

LONGEST = 80

_SECRETS = re.compile(
    r"(?i:\b(?:bearer|basic|token)\s+)(?=[A-Za-z0-9._~+/=-]*[0-9A-Z])[A-Za-z0-9._~+/=-]{6,}"
    r"|\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{8,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{10,}|github_pat_\w{10,}|glpat-[\w-]{10,}|npm_[A-Za-z0-9]{10,}|hf_[A-Za-z0-9]{10,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{12,}|xox[abprs]-[\w-]{8,}|AIza[\w-]{20,}"
    r"|eyJ[\w-]{8,}\.[\w.-]+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
_NAMED_SECRET = re.compile(
    r"(?i)((?:token|secret|passw(?:or)?d|passwd|pwd|_pass|_pat|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)"
    r"[\w-]*[\"']?\s*[=: ]\s*|(?<=\s)-u )(\"[^\"]*\"?|'[^']*'?|[^\s\"']+)"
)
_RANDOM = re.compile(r"[A-Za-z0-9_-]{32,}")


def redact(text: str) -> str:
    """The text with secrets of the known families, and long random words, replaced by `***`."""
    # written out: this runs for every tool call, and `any` over a generator costs more than the tests
    lower = text.lower()
    spaced, joined, token = " " in lower, "_" in lower, "token" in lower
    if (
        token or "k-" in lower or "://" in lower or "glpat-" in lower or "akia" in lower or "asia" in lower
        or "xox" in lower or "aiza" in lower or "eyj" in lower
        or (joined and ("k_" in lower or "gh" in lower or "hub_" in lower or "npm_" in lower or "hf_" in lower))
        or (spaced and ("bearer " in lower or "basic " in lower))
    ):  # fmt: skip
        text = _SECRETS.sub("***", text)
    if (
        token or "secret" in lower or "passw" in lower or "key" in lower or "credential" in lower or "pwd" in lower
        or (spaced and "-u " in lower) or (joined and "_pa" in lower)
    ):  # fmt: skip
        text = _NAMED_SECRET.sub(_keep_name, text)
    if len(text) > 31 and _runs_on(text):
        text = _RANDOM.sub(_unless_words, text)
    return text


def _runs_on(text: str) -> bool:
    """Whether a word of 32 letters and digits is possible: it would fill a whole block of sixteen."""
    for at in range(0, len(text) - 15, 16):
        block = text[at : at + 16]
        if block.isalnum() or (("-" in block or "_" in block) and block.replace("-", "a").replace("_", "a").isalnum()):
            return True
    return False


def _keep_name(found: re.Match[str]) -> str:
    """`--token` followed by another option, or a word that is no value, is kept."""
    name, value = found.group(1), found.group(2)
    plain = value.strip("\"'")
    if name.endswith(" ") and (plain.startswith("-") or (plain.isalpha() and plain.islower())):
        return found.group(0)
    return name + "***"


def _unless_words(found: re.Match[str]) -> str:
    """A run of 32 or more letters and digits with both in it: a key, a hash, an encoded blob."""
    run = found.group(0)
    digits = sum(character.isdigit() for character in run)
    return "***" if digits * 12 >= len(run) and digits != len(run) else run


def short(text: str) -> str:
    """One line of at most 80 characters, control characters dropped, secrets redacted."""
    text = text[:400]
    if "  " in text or "\n" in text or text[:1] == " " or text[-1:] == " " or len(text) == 400:
        text = " ".join(text.split())
    if not text.isprintable():
        text = "".join(c if c.isprintable() else "?" for c in text)
    text = redact(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
