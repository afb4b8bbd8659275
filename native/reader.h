/* A file being read: what holds from one line to the next, and what was made of its lines. */
#ifndef LINEITEM_READER_H
#define LINEITEM_READER_H

#include "answers.h"
#include "line.h"
#include "target.h"

typedef struct {
    slice session, thread; /* the file's own, kept in `texts` */
    arena texts;           /* lives as long as the reader */
    buffer cwd, branch, last;
    bool no_cwd, no_branch; /* the last line of the conversation said none */
    int64_t now, first_at;
    buffer rows; /* of the current span: JSON arrays, comma between them */
    answers merged;
    arena scratch; /* cleared line by line */
    buffer extra, inner; /* what else is known of a line, and of a result in it */
    line current;
    slice passed; /* a line that was stepped over, NONE where none was since the last that has a time */
    shortener shorten;
    void *with;
} reader;

void reader_start(reader *of, slice session, slice thread, int64_t now);
void reader_begin(reader *of); /* a new span */
void reader_set(buffer *to, slice text);

/* Takes lines from `*at` on; stops before the first that is left to Python. False where memory ran out. */
bool reader_take(reader *of, slice data, size_t *at, int64_t *ordinal);

/* Takes the answers alone, and steps over lines whose head says that they are none. `of->passed` is then the last of
   those that have a time. */
bool reader_take_answers(reader *of, slice data, size_t *at);

/* When the line passed was; false where it is left to Python. */
bool reader_moment(reader *of);
void reader_free(reader *of);

#endif
