"""Samples as a pprof profile: `go tool pprof -http=: FILE`, and everything else that reads those.

The format: proto/profile.proto of github.com/google/pprof (2026-11-22). Negative amounts stay, so that the sum is the
bill's.
"""

from __future__ import annotations

from lineitem.exports.protobuf import message, number, packed, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineitem.exports.stacks import Sample

#: Each value of a sample: what it is, and its unit. The first is what is shown.
VALUES = (
    ("cost", "nanodollars"), ("uncached_input", "tokens"), ("cache_write_5m", "tokens"), ("cache_write_1h", "tokens"),
    ("cache_read", "tokens"), ("output", "tokens"),
)  # fmt: skip
#: Fields of a profile.
_TYPE, _SAMPLE, _LOCATION, _FUNCTION, _STRING, _TIME, _COMMENT, _DEFAULT = 1, 2, 4, 5, 6, 9, 13, 14


class _Strings:
    """The table of texts; the empty one is the first."""

    def __init__(self) -> None:
        self.known = {"": 0}

    def __call__(self, text: str) -> int:
        return self.known.setdefault(text, len(self.known))


def pprof(samples: Sequence[Sample], name: str) -> bytes:
    """The file, compressed as the format wants it. The same samples give the same bytes."""
    from gzip import compress

    strings = _Strings()
    places: dict[str, int] = {}  # one location and one function a frame, under one number
    made = [message(_TYPE, number(1, strings(kind)) + number(2, strings(unit))) for kind, unit in VALUES]
    for sample in samples:
        leaf_first = [places.setdefault(frame, len(places) + 1) for frame in reversed(sample.stack)]
        labels = [message(3, number(1, strings(key)) + number(2, strings(value))) for key, value in sample.labels]
        content = packed(1, leaf_first) + packed(2, (sample.nanos, *sample.tokens)) + b"".join(labels)
        made.append(message(_SAMPLE, content))
    for frame, place in places.items():
        made.append(message(_LOCATION, number(1, place) + message(4, number(1, place))))
        made.append(message(_FUNCTION, number(1, place) + number(2, strings(frame)) + number(3, strings(frame))))
    first = min((sample.at for sample in samples if sample.at), default=0)
    made += [number(_TIME, first * 1_000_000), packed(_COMMENT, [strings(name)]), number(_DEFAULT, strings("cost"))]
    made += [text(_STRING, each) for each in strings.known]
    return compress(b"".join(made), mtime=0)
