/* What a tool's own result (`toolUseResult`), beside the message, says of a call. */
#ifndef LINEITEM_OUTCOME_H
#define LINEITEM_OUTCOME_H

#include "json.h"

/* Whether it names an agent: that is looked for where it stands in all versions. */
bool outcome_names_agent(slice result);

/* The agent and how it ended; false where it is left to Python. */
bool outcome_agent(slice result, arena *made, slice *agent, slice *status);

/* Width times height of a picture as the model saw it, 0 where it is not told; false where it is left to Python. */
bool outcome_pixels(slice result, arena *made, int64_t *pixels);

#endif
