"""Samples as a speedscope file: open it at speedscope.app, which keeps it in the browser.

The format: https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources (2026-11-22). Weights are whole
numbers, so that what it shows adds up to the bill; it knows no negative ones.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lineitem.exports.stacks import Sample

_SCHEMA = "https://www.speedscope.app/file-format-schema.json"


def speedscope(samples: Sequence[Sample], name: str) -> bytes:
    """The file: one profile of nanodollars, one of tokens."""
    from json import dumps

    from lineitem import __version__

    frames: dict[str, int] = {}
    for sample in samples:
        for frame in sample.stack:
            frames.setdefault(frame, len(frames))
    less = left_out(samples)
    cost = "cost in nanodollars" + (f", {-less} of them left out as negative" if less else "")
    profiles = [
        _profile(cost, [(sample.stack, sample.nanos) for sample in samples], frames),
        _profile("tokens", [(sample.stack, sum(sample.tokens)) for sample in samples], frames),
    ]
    document = {
        "$schema": _SCHEMA,
        "shared": {"frames": [{"name": frame} for frame in frames]},
        "profiles": profiles,
        "name": name,
        "activeProfileIndex": 0,
        "exporter": f"lineitem@{__version__}",
    }
    return dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def left_out(samples: Sequence[Sample]) -> int:
    """Nanodollars, negative, that the format cannot say: what the client's own total has less than it should."""
    return sum(sample.nanos for sample in samples if sample.nanos < 0)


def _profile(name: str, weighed: list[tuple[Any, int]], frames: dict[str, int]) -> dict[str, Any]:
    kept = [(stack, weight) for stack, weight in weighed if weight > 0]
    return {
        "type": "sampled",
        "name": name,
        "unit": "none",
        "startValue": 0,
        "endValue": sum(weight for _, weight in kept),
        "samples": [[frames[frame] for frame in stack] for stack, _ in kept],
        "weights": [weight for _, weight in kept],
    }
