/* What `sources/shapes.py` says of a text, in the same numbers. */
#ifndef LINEITEM_SHAPE_H
#define LINEITEM_SHAPE_H

#include "text.h"

#define SHAPE_MOST 28 /* counts a shape has at most */

int shape(slice text, int64_t counts[SHAPE_MOST]);
void put_shape(buffer *into, slice text);

#endif
