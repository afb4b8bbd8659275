/* When a line was written. */
#ifndef LINEITEM_MOMENT_H
#define LINEITEM_MOMENT_H

#include "text.h"

/* Epoch milliseconds of `2026-11-22T15:41:51.123Z`, and of nothing else. */
bool milliseconds(slice stamp, int64_t *found);

#endif
