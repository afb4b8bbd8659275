/* What came back from a tool, as a row. */
#ifndef LINEITEM_RESULT_H
#define LINEITEM_RESULT_H

#include "reader.h"

/* Writes the row of one result; false where it is left to Python. `parts`: room that is used again. */
bool put_result(reader *of, const line *said, const block *each, blocks *parts);

#endif
