#include "line.h"

#include <stdlib.h>
#include <string.h>

#define IS(text) (key.size == sizeof(text) - 1 && memcmp(key.at, text, sizeof(text) - 1) == 0)

/* A member that this parser knows to be absent or null in all lines it takes. */
static bool must_be_null(cursor *in)
{
    return json_null(in);
}

static bool ignored_string(cursor *in)
{
    slice unused;
    return json_string_or_null(in, &unused);
}

static bool ignored_bool(cursor *in)
{
    bool unused;
    return json_bool_or_null(in, &unused);
}

static bool ignored(cursor *in)
{
    slice unused;
    return json_raw(in, &unused);
}

static bool object(cursor *in)
{
    return in->at < in->end && *in->at == '{';
}

/* An object whose one known member is a whole number, or null. */
static bool count_inside(cursor *in, const char *name, int64_t *found)
{
    bool first = true, ok;
    slice key;
    *found = 0;
    if (json_null(in))
        return true;
    if (!object(in))
        return false;
    while (json_member(in, &first, &key, &ok)) {
        bool known = key.size == strlen(name) && memcmp(key.at, name, key.size) == 0;
        if (!(known ? json_count(in, found) : ignored(in)))
            return false;
    }
    return ok;
}

static bool split_parse(cursor *in, bool *split, int64_t *five, int64_t *hour)
{
    bool first = true, ok;
    slice key;
    *five = *hour = 0;
    *split = false;
    if (json_null(in))
        return true;
    if (!object(in))
        return false;
    *split = true;
    while (json_member(in, &first, &key, &ok)) {
        bool taken = IS("ephemeral_5m_input_tokens")   ? json_count(in, five)
                     : IS("ephemeral_1h_input_tokens") ? json_count(in, hour)
                                                       : ignored(in);
        if (!taken)
            return false;
    }
    return ok;
}

static bool usage_parse(cursor *in, usage *into)
{
    bool first = true, ok;
    slice key;
    int64_t *counts = into->counts;
    *into = (usage){0};
    if (json_null(in))
        return true;
    if (!object(in))
        return false;
    into->known = true;
    while (json_member(in, &first, &key, &ok)) {
        bool taken;
        switch (key.size) {
        case 5: taken = IS("speed") ? json_string_or_null(in, &into->speed) : ignored(in); break;
        case 10: taken = IS("iterations") ? json_raw(in, &into->iterations) : ignored(in); break;
        case 12:
            taken = IS("input_tokens")   ? json_count(in, &counts[UNCACHED])
                    : IS("service_tier") ? json_string_or_null(in, &into->tier)
                                         : ignored(in);
            break;
        case 13:
            taken = IS("output_tokens")   ? json_count(in, &counts[OUTPUT])
                    : IS("inference_geo") ? json_string_or_null(in, &into->geo)
                                          : ignored(in);
            break;
        case 14:
            taken = IS("cache_creation")
                        ? split_parse(in, &into->split, &counts[FIVE_MINUTES], &counts[ONE_HOUR])
                        : ignored(in);
            break;
        case 15:
            taken = IS("server_tool_use") ? count_inside(in, "web_search_requests", &counts[SEARCHES]) : ignored(in);
            break;
        case 21:
            taken = IS("output_tokens_details") ? count_inside(in, "thinking_tokens", &counts[THINKING]) : ignored(in);
            break;
        case 23: taken = IS("cache_read_input_tokens") ? json_count(in, &counts[READ]) : ignored(in); break;
        case 27: taken = IS("cache_creation_input_tokens") ? json_count(in, &counts[WRITTEN]) : ignored(in); break;
        default: taken = ignored(in);
        }
        if (!taken)
            return false;
    }
    return ok;
}

static bool block_parse(cursor *in, block *into)
{
    bool first = true, ok;
    slice key;
    *into = (block){.type = {(const unsigned char *)"", 0}};
    if (!object(in))
        return false;
    while (json_member(in, &first, &key, &ok)) {
        bool taken;
        switch (key.size) {
        case 2: taken = IS("id") ? json_string_or_null(in, &into->id) : ignored(in); break;
        case 4:
            taken = IS("type")   ? json_string(in, &into->type)
                    : IS("text") ? json_raw(in, &into->text)
                    : IS("name") ? json_string_or_null(in, &into->name)
                                 : ignored(in);
            break;
        case 5: taken = IS("input") ? json_raw(in, &into->input) : ignored(in); break;
        case 7: taken = IS("content") ? json_raw(in, &into->content) : ignored(in); break;
        case 8:
            taken = IS("thinking")   ? json_raw(in, &into->thinking)
                    : IS("is_error") ? json_bool_or_null(in, &into->is_error)
                                     : ignored(in);
            break;
        case 11: taken = IS("tool_use_id") ? json_string_or_null(in, &into->tool_use_id) : ignored(in); break;
        default: taken = ignored(in);
        }
        if (!taken)
            return false;
    }
    return ok;
}

bool blocks_parse(cursor *in, blocks *into)
{
    bool first = true, ok;
    into->count = 0;
    if (in->at >= in->end || *in->at != '[')
        return false;
    while (json_element(in, &first, &ok)) {
        if (into->count == into->room) {
            size_t room = into->room ? into->room * 2 : 16;
            block *at = realloc(into->at, room * sizeof *at);
            if (at == NULL) {
                into->failed = true;
                return false;
            }
            into->at = at;
            into->room = room;
        }
        if (!block_parse(in, &into->at[into->count]))
            return false;
        into->count++;
    }
    return ok;
}

void blocks_free(blocks *of)
{
    free(of->at);
    *of = (blocks){0};
}

static bool content_parse(cursor *in, line *into)
{
    into->listed = false;
    into->said = (quoted){NONE, false};
    into->content.count = 0;
    if (in->at < in->end && *in->at == '[')
        return into->listed = blocks_parse(in, &into->content);
    if (json_null(in))
        return true;
    return json_quoted(in, &into->said) && (ascii(into->said.raw) || utf8(into->said.raw));
}

static bool message_parse(cursor *in, line *into)
{
    bool first = true, ok;
    slice key;
    into->has_message = into->listed = false;
    into->model = into->message_id = NONE;
    into->said = (quoted){NONE, false};
    into->content.count = 0;
    into->used = (usage){0};
    if (json_null(in))
        return true;
    if (!object(in))
        return false;
    into->has_message = true;
    while (json_member(in, &first, &key, &ok)) {
        bool taken;
        switch (key.size) {
        case 2: taken = IS("id") ? json_string_or_null(in, &into->message_id) : ignored(in); break;
        case 4: taken = IS("role") ? ignored_string(in) : ignored(in); break;
        case 5:
            taken = IS("model")   ? json_string_or_null(in, &into->model)
                    : IS("usage") ? usage_parse(in, &into->used)
                                  : ignored(in);
            break;
        case 7: taken = IS("content") ? content_parse(in, into) : ignored(in); break;
        default: taken = ignored(in);
        }
        if (!taken)
            return false;
    }
    return ok;
}

static bool origin_parse(cursor *in, slice *kind)
{
    bool first = true, ok;
    slice key;
    *kind = NONE;
    if (json_null(in))
        return true;
    if (!object(in))
        return false;
    while (json_member(in, &first, &key, &ok))
        if (!(IS("kind") ? json_string_or_null(in, kind) : ignored(in)))
            return false;
    return ok;
}

static bool index_parse(cursor *in, int64_t *index)
{
    *index = -1;
    return json_null(in) || (json_count(in, index) && *index >= 0);
}

static bool member_parse(cursor *in, slice key, line *into)
{
    switch (key.size) {
    case 2:
        if (IS("id"))
            return ignored_string(in);
        break;
    case 3:
        if (IS("cwd"))
            return json_string_or_null(in, &into->cwd);
        break;
    case 4:
        if (IS("type"))
            return json_string(in, &into->type);
        if (IS("uuid"))
            return json_string_or_null(in, &into->uuid);
        if (IS("hash") || IS("base"))
            return ignored_string(in);
        if (IS("keep") || IS("tail"))
            return must_be_null(in);
        break;
    case 5:
        if (IS("prUrl"))
            return ignored_string(in);
        break;
    case 6:
        if (IS("isMeta"))
            return json_bool_or_null(in, &into->meta);
        if (IS("origin"))
            return origin_parse(in, &into->origin);
        if (IS("taskId"))
            return ignored_string(in);
        break;
    case 7:
        if (IS("message"))
            return message_parse(in, into);
        if (IS("agentId"))
            return json_string_or_null(in, &into->agent);
        if (IS("subtype"))
            return json_string_or_null(in, &into->subtype);
        if (IS("version"))
            return json_string_or_null(in, &into->version);
        break;
    case 8:
        if (IS("promptId"))
            return json_string_or_null(in, &into->prompt);
        if (IS("prNumber"))
            return must_be_null(in);
        break;
    case 9:
        if (IS("requestId"))
            return json_string_or_null(in, &into->request);
        if (IS("timestamp"))
            return json_string_or_null(in, &into->stamp);
        if (IS("sessionId"))
            return json_string_or_null(in, &into->session);
        if (IS("gitBranch"))
            return json_string_or_null(in, &into->branch);
        if (IS("shapeHash"))
            return ignored_string(in);
        if (IS("startTime"))
            return must_be_null(in);
        break;
    case 10:
        if (IS("parentUuid"))
            return json_string_or_null(in, &into->parent);
        if (IS("requestRef"))
            return json_string_or_null(in, &into->request_ref);
        if (IS("session_id"))
            return json_string_or_null(in, &into->session_id);
        if (IS("entrypoint"))
            return json_string_or_null(in, &into->entrypoint);
        break;
    case 11:
        if (IS("isSidechain"))
            return json_bool_or_null(in, &into->sidechain);
        if (IS("sessionKind"))
            return json_string_or_null(in, &into->kind);
        if (IS("querySource"))
            return ignored_string(in);
        break;
    case 12:
        if (IS("promptSource"))
            return json_string_or_null(in, &into->source);
        if (IS("renderedRole"))
            return ignored_string(in);
        break;
    case 13:
        if (IS("toolUseResult"))
            return json_raw(in, &into->result);
        if (IS("apiBlockIndex"))
            return index_parse(in, &into->block_index);
        break;
    case 15:
        if (IS("parentSessionId"))
            return ignored_string(in);
        break;
    case 16:
        if (IS("attributionSkill"))
            return json_string_or_null(in, &into->skill);
        if (IS("isCompactSummary"))
            return json_bool_or_null(in, &into->summary);
        if (IS("requestSessionId"))
            return json_string_or_null(in, &into->request_session);
        break;
    case 17:
        if (IS("isApiErrorMessage"))
            return json_bool_or_null(in, &into->error);
        if (IS("attributionPlugin"))
            return json_string_or_null(in, &into->plugin);
        if (IS("logicalParentUuid"))
            return ignored_string(in);
        break;
    case 19:
        if (IS("hasUnknownModelCost"))
            return ignored_bool(in);
        break;
    case 20:
        if (IS("continuedInSessionId"))
            return ignored_string(in);
        break;
    case 25:
        if (IS("isVisibleInTranscriptOnly"))
            return json_bool_or_null(in, &into->invisible);
        break;
    default: break;
    }
    return ignored(in);
}

bool line_parse(cursor *in, line *into)
{
    bool first = true, ok;
    slice key;
    blocks content = into->content;
    content.count = 0;
    *into = (line){.content = content, .block_index = -1, .type = {(const unsigned char *)"", 0}};
    if (!object(in))
        return false;
    while (json_member(in, &first, &key, &ok))
        if (!member_parse(in, key, into))
            return false;
    if (!ok)
        return false;
    if (!json_space(in))
        return true;
    return *in->at++ == '\n';
}

bool iterated(slice iterations, slice model, arena *made)
{
    bool first = true, ok, inner = true;
    int rounds = 0;
    slice key, type = NONE, other = NONE, unused;
    int64_t count;
    bool split;
    if (iterations.size <= 4)
        return false;
    cursor in = {iterations.at, iterations.at + iterations.size, made};
    if (*in.at != '[')
        return true;
    while (json_element(&in, &first, &ok)) {
        if (rounds++ || !object(&in))
            return true;
        while (json_member(&in, &inner, &key, &ok)) {
            bool taken = IS("type")                               ? json_string_or_null(&in, &type)
                         : IS("model")                            ? json_string_or_null(&in, &other)
                         : IS("speed")                            ? json_string_or_null(&in, &unused)
                         : IS("input_tokens") || IS("output_tokens") || IS("cache_creation_input_tokens") ||
                                 IS("cache_read_input_tokens")
                             ? json_count(&in, &count)
                         : IS("cache_creation") ? split_parse(&in, &split, &count, &count)
                                                : ignored(&in);
            if (!taken)
                return true;
        }
        if (!ok)
            return true;
    }
    if (!ok)
        return true;
    if (is(type, "advisor_message"))
        return true;
    return other.size > 0 && !same(other, model);
}
