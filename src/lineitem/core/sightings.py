"""What a source can report: the packed rows that are kept for ever.

A sighting is one line of a source, reduced to what a bill needs: ids, times, token counts, sizes and
character-class counts. No prompt, answer or tool text is in it. Sightings are JSON arrays, so that the
store can be read by anything that reads JSON; the first element is the kind, the second the ordinal of
the line within the span of the file that was read at once.

Layout, by kind (positions are fixed; trailing fields may be added, never moved):

    ANSWER      [0, n, uuid, parent, at, message_id, request_id, request_ref, model, usage, extra, blocks]
    USER        [1, n, uuid, parent, at, flags, shape, results, extra]
    ATTACHMENT  [2, n, uuid, parent, at, type, name, role, shape, parts]
    COMPACTION  [3, n, uuid, parent, at, trigger, tokens_before, kept_uuids]
    TOTAL       [4, n, at, nanos, started, models, flags]
    SENT        [5, n, id, shape_hash, base, keep, tail, query_source]
    BLOB        [6, n, hash, role, parts]
    SHAPE       [7, n, hash, parts]
    LINK        [8, n, uuid, parent]
    NOTE        [9, n, at, what, value]

at      milliseconds since 1970 UTC, 0 where the line has none
usage   [uncached_input, output, cache_write_5m, cache_write_1h, cache_read, thinking]
blocks  [[kind, index, id, name, target, shape], ...]; kind: t text, h thinking, u tool use, s server tool, o other
results [[tool_use_id, shape, failed, images, extra], ...]
shape   [chars, letters, words, digits, punctuation, ...]: counts over the JSON form of a
        text, see sources/shapes.py; [0] where there was none
parts   [[kind, name, shape], ...]; kind: tool, system, text, memory, result, use, thinking, other
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

ANSWER: Final = 0
USER: Final = 1
ATTACHMENT: Final = 2
COMPACTION: Final = 3
TOTAL: Final = 4
SENT: Final = 5
BLOB: Final = 6
SHAPE: Final = 7
LINK: Final = 8
NOTE: Final = 9

#: flags of a USER sighting
META: Final = 1
SUMMARY: Final = 2
INVISIBLE: Final = 4
BACKGROUND: Final = 8
