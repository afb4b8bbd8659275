/* JSON, strictly: whatever is not accepted here is left to Python, which may know better.

   Every function moves the cursor past what it took and says whether it could. */
#ifndef LINEITEM_JSON_H
#define LINEITEM_JSON_H

#include "text.h"

typedef struct {
    const unsigned char *at, *end;
    arena *made; /* where texts live that had escapes */
} cursor;

/* A string as it stands between its quotes. */
typedef struct {
    slice raw;
    bool escaped;
} quoted;

static inline bool json_space(cursor *in) /* whether anything follows */
{
    const unsigned char *at = in->at;
    while (at < in->end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    in->at = at;
    return at < in->end;
}

bool json_quoted(cursor *in, quoted *found);
bool json_string(cursor *in, slice *found);         /* a string */
bool json_string_or_null(cursor *in, slice *found); /* a string; NONE for null */
bool json_count(cursor *in, int64_t *found);        /* a whole number of at most 18 digits */
bool json_bool_or_null(cursor *in, bool *found);    /* null is false */
bool json_null(cursor *in);                         /* false, and nothing taken, where something else stands */
bool json_raw(cursor *in, slice *found);            /* any value, as it stands */

/* After the '{' or '[' is looked at: whether one more member follows. `ok` is false where JSON is broken. */
bool json_member(cursor *in, bool *first, slice *key, bool *ok);
bool json_element(cursor *in, bool *first, bool *ok);

/* The text of a string whose escapes are known to be whole; `lines` keeps newlines as the two letters they are in JSON. */
slice json_text(arena *into, quoted string, bool lines);

#endif
