/* The pieces that rows of sightings are written in. */
#ifndef LINEITEM_ROWS_H
#define LINEITEM_ROWS_H

#include "text.h"

/* Kinds of rows and flags, as in core/sightings.py. */
enum { ANSWER = 0, USER = 1, LINK = 8, NOTE = 9 };
enum { META = 1, SUMMARY = 2, INVISIBLE = 4, BACKGROUND = 8 };

slice or_empty(slice text);

/* A field and what stands after it. */
void string(buffer *into, slice text, char after);
void number(buffer *into, int64_t value, char after);

/* Begins a row, after a comma where others stand before it. */
void row(buffer *rows, int kind, int64_t ordinal);

/* A member of the object that `extra` becomes; `put_extra` writes it, or 0 where it has none. */
void extra_key(buffer *extra, const char *key);
void extra_string(buffer *extra, const char *key, slice text);
void put_extra(buffer *into, const buffer *extra);

#endif
