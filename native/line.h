/* One line of a transcript: the fields of `sources/transcript_schema.py` that its common kinds need. */
#ifndef LINEITEM_LINE_H
#define LINEITEM_LINE_H

#include "json.h"

typedef struct {
    slice type, id, name, tool_use_id;
    slice input, text, thinking, content; /* any JSON, as it stands; NONE where absent */
    bool is_error;
} block;

typedef struct {
    block *at;
    size_t count, room;
    bool failed;
} blocks;

enum { UNCACHED, OUTPUT, WRITTEN, READ, THINKING, FIVE_MINUTES, ONE_HOUR, SEARCHES, COUNTS };

typedef struct {
    bool known, split; /* `split`: the writes are told apart by how long they live */
    int64_t counts[COUNTS];
    slice tier, geo, speed, iterations;
} usage;

typedef struct {
    slice parent, agent, prompt, type, subtype, request, request_ref, skill, plugin, uuid, stamp, source, origin;
    slice result, entrypoint, cwd, session, session_id, request_session, version, branch, kind;
    bool sidechain, meta, summary, invisible, error;
    int64_t block_index; /* -1: none */
    bool has_message, listed; /* `listed`: the content is a list of blocks */
    slice model, message_id;
    quoted said; /* the content, where it is one string */
    blocks content;
    usage used;
} line;

/* Parses the line at the cursor, past its newline; false where it is left to Python. The blocks' room is used
   again from line to line. */
bool line_parse(cursor *in, line *into);

/* The parts of a result's content that is a list; false where it is left to Python. */
bool blocks_parse(cursor *in, blocks *into);

void blocks_free(blocks *of);

/* Whether rounds of server tools or other models are told in `iterations`: then it is left to Python. */
bool iterated(slice iterations, slice model, arena *made);

#endif
