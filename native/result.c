#include "result.h"

#include "outcome.h"
#include "rows.h"
#include "shape.h"

/* Whether a bracket stands at the beginning of a line of a text in JSON. */
static bool opens_a_line(slice text)
{
    const unsigned char *at = text.at, *end = at + text.size;
    while (at != NULL && at < end && (at = memchr(at, '[', (size_t)(end - at))) != NULL) {
        if (at - text.at >= 2 && at[-1] == 'n' && at[-2] == '\\')
            return true;
        at++;
    }
    return false;
}

/* Whether what git says of a commit may stand in a result: `sources/evidence.py` looks closer. */
static bool may_show_commit(slice content)
{
    enum { SHOWN_IN = 20000, HEAD = 4000 };
    slice head = {content.at, content.size < HEAD ? content.size : HEAD};
    if (content.size >= SHOWN_IN)
        return false;
    if (starts(head, "\"[")) {
        const unsigned char *end = memchr(head.at, ']', head.size);
        if (end != NULL && end + 1 < head.at + head.size && end[1] == ' ' &&
            (memchr("0123456789abcdef", end[-1], 16) != NULL))
            return true;
    }
    return opens_a_line(head) && (starts(head, "\"[") || holds(head, " changed"));
}

bool put_result(reader *of, const line *said, const block *each, blocks *parts)
{
    buffer *rows = &of->rows, *extra = &of->inner;
    slice content = each->content, agent, status;
    size_t texts = 0, images = 0;
    int64_t pixels = 0;
    extra->size = 0;
    put_char(rows, '[');
    string(rows, each->tool_use_id, ',');
    if (content.size && *content.at == '[') {
        cursor in = {content.at, content.at + content.size, &of->scratch};
        if (!blocks_parse(&in, parts))
            return false;
        for (size_t i = 0; i < parts->count; i++) {
            if (is(parts->at[i].type, "image")) {
                images++;
            } else if (parts->at[i].text.size && texts++ == 0) {
                put_shape(rows, parts->at[i].text);
            } else if (parts->at[i].text.size) {
                put_words(extra, texts == 2 ? "{\"more\":[" : ",");
                put_shape(extra, parts->at[i].text);
            }
        }
        if (!texts)
            put_words(rows, "[0]");
        if (texts > 1)
            put_char(extra, ']');
    } else if (may_show_commit(content)) {
        return false;
    } else {
        put_shape(rows, content);
    }
    if (images && !outcome_pixels(said->result, &of->scratch, &pixels))
        return false;
    if (pixels) {
        extra_key(extra, "px");
        put_number(extra, pixels);
    }
    if (outcome_names_agent(said->result)) {
        if (!outcome_agent(said->result, &of->scratch, &agent, &status))
            return false;
        if (agent.size)
            extra_string(extra, "ag", agent);
        if (status.size)
            extra_string(extra, "st", status);
    }
    put_words(rows, each->is_error ? ",1," : ",0,");
    number(rows, (int64_t)images, ',');
    put_extra(rows, extra);
    put_char(rows, ']');
    return true;
}
