"""What of a command or a target may be shown to somebody else: no secret, no person, at most 400 characters.

In: any text. Out: one line. Always: known families of keys, values named as secrets, keys in PEM form, long hex and
base64, e-mail addresses, all of an address but its host, and the home folder are replaced; it is cut after that.
Too much is taken rather than too little. A secret that looks like a word is not seen.
"""

from __future__ import annotations

import re

from lineitem.sources.shortening import redact

#: What is left of a text, characters.
LONGEST = 400
#: So much of a text is looked at.
_LOOKED_AT = 4_000
_GONE = "***"

_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|$)")
#: An address: what comes before the host, and what comes after it, may be anybody's.
_ADDRESS = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)(?:[^\s/?#\"'<>]*@)?([^\s/?#\"'<>@]*)[^\s\"'<>]*")
_MAIL = re.compile(r"[^\s@\"'<>:;,=()/]+@[^\s@\"'<>;,=()/]+")
_HOME = re.compile(r"(?i)(?:/home/|/users/|\b[a-z]:[\\/]+users[\\/]+)[^\s/\\\"':;]+")
_HEX = re.compile(r"(?i)(?:0x)?(?=[a-f-]*[0-9])[0-9a-f](?:-?[0-9a-f]){15,}")
_WORD = re.compile(r"[A-Za-z0-9_+=-]{20,}")
_LONG = re.compile(r"[A-Za-z0-9_+/=-]{32,}")


def redacted(text: str, home: str = "") -> str:
    """One line of at most `LONGEST` characters in which nothing secret or personal is left; `home`: the home folder."""
    cut = text[:_LOOKED_AT]
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in cut).split())
    if len(text) > _LOOKED_AT:
        line = line.rpartition(" ")[0]  # the last word may be half of something
    line = _PEM.sub(_GONE, line)
    line = _ADDRESS.sub(r"\1\2", line)
    line = redact(line)
    if len(home) > 1:
        line = line.replace(home, "~")
    line = _HOME.sub("~", line)
    line = _MAIL.sub(_GONE, line)
    line = _HEX.sub(_GONE, line)
    line = _LONG.sub(_unless_plain, line)
    line = _WORD.sub(_unless_plain, line)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _unless_plain(found: re.Match[str]) -> str:
    """A long run stays only where it is words: small letters, or large ones, and no digit among them."""
    run = found.group(0)
    digits = any(sign.isdigit() for sign in run)
    mixed = any(sign.islower() for sign in run) and any(sign.isupper() for sign in run)
    return _GONE if (digits and mixed) or (digits and len(run) >= 32) or (mixed and len(run) >= 40) else run
