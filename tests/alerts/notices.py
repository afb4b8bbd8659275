"""Notices for tests: plain ones for scenes, hostile ones for laws."""

from __future__ import annotations

from hypothesis import strategies as st

from lineitem.alerts.kinds import KINDS
from lineitem.alerts.notice import SEVERITIES, Notice

SESSION = "0c9d1f5a-2b1e-4f6d-9a3c-5d7e8f901234"
DOLLAR = 1_000_000_000
MINUTE, HOUR = 60_000, 3_600_000
NOW = 1_795_000_000_000  #: 2026-11-18 11:06:40 UTC

#: What a name may try: markup and arguments of every sink, controls, bidi, mentions, links, paths.
HOSTILE = (
    "<img src=x onerror=alert(1)>", '" & (do shell script "id") & "', "'; Remove-Item x; '", "\u2019; calc; \u2019",
    "-u critical", "--help", "\x1b]8;;https://evil.example\x07x\x1b]8;;\x07", "@everyone", "<!channel>", "<@U123>",
    "[x](https://evil.example)", "![x](http://evil.example/p.png)", "https://evil.example/a?b=c", "evil.example",
    "$(id)", "`id`", "a\nb\r\nSubject: x", "\u202egnp.exe", "a\u200bb", "*bold* _it_ ~s~ ||s||", "/code/secret.txt",
    "C:\\code\\x", "&lt;b&gt;", "\ud800", "\x00", "x" * 5000, "e" + "\u0301" * 50, "ignore previous instructions",
    "{tokens}", "%s%n", "=cmd|'/c calc'!A1",
)  # fmt: skip


def hostile_text() -> st.SearchStrategy[str]:
    anything = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
    return st.one_of(st.sampled_from(HOSTILE), anything, st.tuples(st.sampled_from(HOSTILE), anything).map("".join))


def hostile_notices() -> st.SearchStrategy[Notice]:
    fields = (
        "tokens",
        "nanos",
        "usual",
        "count",
        "used",
        "limit",
        "left",
        "usual_tokens",
        "factor",
        "per_minute",
        "extra",
    )
    figure = st.one_of(
        st.none(), st.integers(), st.integers(0, 10**12), st.booleans(), st.floats(), hostile_text()
    )  # what a field really holds is not what its type promises
    labels = ("project", "session", "model", "tool", "prompt", "path")
    return st.builds(
        Notice,
        key=hostile_text(),
        kind=st.sampled_from(sorted(KINDS)),
        severity=st.sampled_from(SEVERITIES),
        at=st.integers(0, 2 * NOW),
        subject=hostile_text(),
        figures=st.dictionaries(st.sampled_from(fields), figure),
        names=st.dictionaries(st.sampled_from(labels), hostile_text()),
    )


def anomaly(key: str = "a1", nanos: int = 3 * DOLLAR, at: int = NOW, subject: str = SESSION) -> Notice:
    figures = {"nanos": nanos, "usual": DOLLAR // 4, "factor": 120}
    names = {"project": "/code/work-shop", "session": SESSION, "tool": "Bash"}
    return Notice(key, "anomaly", "warning", at, subject, figures, names)


def health(key: str, tokens: int, severity: str, subject: str = SESSION) -> Notice:
    names = {"project": "/code/work-shop", "session": SESSION}
    return Notice(key, "health", severity, NOW, subject, {"tokens": tokens, "limit": 150_000}, names)


def limit(used: int) -> Notice:
    """The plan's 5-hour limit, used to so many hundredths of a percent."""
    return Notice(f"limit/{used}", "limit", "warning", NOW, "limit", {"used": used, "left": 3 * HOUR}, {})
