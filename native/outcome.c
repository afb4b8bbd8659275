#include "outcome.h"

#include <stdlib.h>

/* The value of a member of `object`, NONE where it has none or is no object. False where it has it twice. */
static bool member(slice object, const char *name, arena *made, slice *found)
{
    bool first = true, ok;
    slice key, value;
    *found = NONE;
    if (!object.size || *object.at != '{')
        return true;
    cursor in = {object.at, object.at + object.size, made};
    while (json_member(&in, &first, &key, &ok)) {
        if (!json_raw(&in, &value))
            return false;
        if (!is(key, name))
            continue;
        if (found->at != NULL)
            return false;
        *found = value;
    }
    return ok;
}

bool outcome_names_agent(slice result)
{
    slice head = {result.at, result.size < 400 ? result.size : 400};
    size_t tail = result.size < 1500 ? result.size : 1500;
    return result.size > 40 &&
           (holds(head, "\"agentId\":\"") || holds((slice){result.at + result.size - tail, tail}, "\"agentId\":\""));
}

/* A string or null; false where something else stands. */
static bool text_of(slice value, arena *made, slice *found)
{
    cursor in = {value.at, value.at + value.size, made};
    *found = NONE;
    return value.at == NULL || json_string_or_null(&in, found);
}

bool outcome_agent(slice result, arena *made, slice *agent, slice *status)
{
    slice named, ended;
    *agent = *status = NONE;
    if (!member(result, "agentId", made, &named) || !member(result, "status", made, &ended))
        return false;
    if (!text_of(named, made, agent) || !text_of(ended, made, status))
        *agent = *status = NONE; /* one field of another type, and nothing is believed */
    return true;
}

/* A whole number, 0 where there is none; false where something else stands. */
static bool count_of(slice value, int64_t *found)
{
    cursor in = {value.at, value.at + value.size, NULL};
    *found = 0;
    return value.at == NULL || json_count(&in, found);
}

bool outcome_pixels(slice result, arena *made, int64_t *pixels)
{
    slice file, dimensions, width, height;
    int64_t wide, high;
    *pixels = 0;
    if (!member(result, "file", made, &file) || !member(file, "dimensions", made, &dimensions) ||
        !member(dimensions, "displayWidth", made, &width) || !member(dimensions, "displayHeight", made, &height))
        return false;
    if (!count_of(width, &wide) || !count_of(height, &high) || llabs(wide) >> 32 || llabs(high) >> 32)
        return true;
    uint64_t area = (uint64_t)llabs(wide) * (uint64_t)llabs(high);
    if (area && area < (uint64_t)1 << 32 && (wide < 0) == (high < 0))
        *pixels = (int64_t)area;
    return true;
}
