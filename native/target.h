/* What a tool call was about: `sources/targets.py` for the plain case, which leaves the rest to it. */
#ifndef LINEITEM_TARGET_H
#define LINEITEM_TARGET_H

#include "json.h"

/* Shortens and redacts a text that is not plain; false where that failed. */
typedef bool (*shortener)(void *with, slice text, arena *into, slice *made);

/* The target of a call of `tool`; false where it is left to Python. */
bool target(slice tool, slice input, slice cwd, arena *into, shortener hard, void *with, slice *found);

#endif
