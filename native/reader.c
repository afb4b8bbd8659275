#include "reader.h"

#include "moment.h"
#include "result.h"
#include "rows.h"
#include "shape.h"

#include <string.h>

#define MOST_TOKENS 1000000000

static slice seen(const buffer *from)
{
    return (slice){from->at ? from->at : (const unsigned char *)"", from->size};
}

void reader_set(buffer *to, slice text)
{
    to->size = 0;
    put(to, text.at, text.size);
}

void reader_start(reader *of, slice session, slice thread, int64_t now)
{
    of->session = arena_copy(&of->texts, session);
    of->thread = arena_copy(&of->texts, thread);
    of->now = now;
    of->first_at = 0;
    reader_begin(of);
}

void reader_begin(reader *of)
{
    of->rows.size = of->cwd.size = of->branch.size = of->last.size = 0;
    of->no_cwd = of->no_branch = false;
}

void reader_free(reader *of)
{
    buffer_free(&of->cwd);
    buffer_free(&of->branch);
    buffer_free(&of->last);
    buffer_free(&of->rows);
    buffer_free(&of->extra);
    buffer_free(&of->inner);
    blocks_free(&of->current.content);
    answers_free(&of->merged);
    arena_free(&of->texts);
    arena_free(&of->scratch);
}

/* The part of a line's uuid that is kept. */
static slice brief(slice uuid)
{
    return (slice){uuid.at, uuid.size < 13 ? uuid.size : 13};
}

static slice thread_of(const reader *of, const line *said)
{
    if (said->agent.size)
        return said->agent;
    if (said->sidechain && !of->thread.size)
        return (slice){(const unsigned char *)"sidechain", 9};
    return of->thread;
}

/* A line without a row of its own: lines below may name it as the one above them. */
static void skip(reader *of, int64_t ordinal, const line *said)
{
    if (!said->uuid.size)
        return;
    row(&of->rows, LINK, ordinal);
    string(&of->rows, brief(said->uuid), ',');
    string(&of->rows, brief(said->parent), ']');
    reader_set(&of->last, brief(said->uuid));
}

/* Where a line of the conversation stands: (uuid, parent unless it is the row before, time) are put as they are. */
static void place(reader *of, int64_t ordinal, int kind, const line *said, int64_t at)
{
    buffer *rows = &of->rows;
    if (at)
        of->now = at;
    if ((said->cwd.at == NULL) != of->no_cwd || compare(or_empty(said->cwd), seen(&of->cwd)) ||
        (said->branch.at == NULL) != of->no_branch || compare(or_empty(said->branch), seen(&of->branch))) {
        of->no_cwd = said->cwd.at == NULL;
        of->no_branch = said->branch.at == NULL;
        reader_set(&of->cwd, said->cwd);
        reader_set(&of->branch, said->branch);
        row(&of->rows, NOTE, ordinal);
        number(rows, at, ',');
        put_words(rows, "\"env\",[");
        const slice parts[] = {said->cwd, said->branch, said->version, said->entrypoint, said->kind};
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            put_string_or_null(rows, parts[i]);
            put_char(rows, i < 4 ? ',' : ']');
        }
        put_char(rows, ']');
    }
    if (kind < 0)
        return;
    slice uuid = brief(said->uuid), parent = brief(said->parent);
    row(&of->rows, kind, ordinal);
    string(rows, uuid, ',');
    if (parent.at != NULL && of->last.size && !compare(parent, seen(&of->last)))
        put_words(rows, "null,");
    else
        string(rows, parent, ',');
    number(rows, at, ',');
    reader_set(&of->last, uuid);
}

/* -- an answer */

static bool billed(const line *said, int64_t counts[6])
{
    const usage *used = &said->used;
    int64_t written = used->counts[WRITTEN], five = used->counts[FIVE_MINUTES], hour = used->counts[ONE_HOUR];
    for (int i = 0; i < COUNTS; i++)
        if (used->counts[i] < 0 || used->counts[i] > MOST_TOKENS)
            return false;
    counts[0] = used->counts[UNCACHED];
    counts[1] = used->counts[OUTPUT];
    counts[2] = written;
    counts[3] = 0;
    if (used->split && five + hour) {
        counts[2] = five > written - hour ? five : written - hour;
        counts[3] = hour;
    }
    counts[4] = used->counts[READ];
    counts[5] = used->counts[THINKING];
    return true;
}

static void merge(reader *of, const line *said, slice id, int64_t at, const int64_t counts[6], int64_t searches,
                  slice origin, slice thread)
{
    char modifiers[4];
    size_t many = 0;
    if (is(said->used.speed, "fast"))
        modifiers[many++] = 'f';
    if (is(said->used.geo, "us"))
        modifiers[many++] = 'g';
    if (is(said->used.tier, "batch"))
        modifiers[many++] = 'b';
    slice variant = said->request;
    buffer made = {0};
    if (!variant.size) {
        put_char(&made, '~');
        put(&made, of->session.at, of->session.size);
        put_char(&made, '/');
        number(&made, counts[0], '/');
        number(&made, counts[2] + counts[3], '/');
        put_number(&made, counts[4]);
        variant = seen(&made);
    }
    answer seen_now = {
        .id = id,
        .variant = variant,
        .at = at,
        .model = or_empty(said->model),
        .modifiers = {(const unsigned char *)modifiers, many},
        .origin = or_empty(origin),
        .thread = thread,
        .branch = or_empty(said->branch),
        .skill = or_empty(said->skill),
        .counts = {counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], searches},
    };
    answers_merge(&of->merged, &seen_now);
    of->rows.failed = of->rows.failed || made.failed || of->merged.failed;
    buffer_free(&made);
}

static char kind_of(slice type)
{
    if (is(type, "text"))
        return 't';
    if (is(type, "thinking") || is(type, "redacted_thinking"))
        return 'h';
    if (is(type, "tool_use"))
        return 'u';
    return is(type, "server_tool_use") ? 's' : 'o';
}

/* The session that an answer was copied from. */
static slice origin_of(const reader *of, const line *said)
{
    slice origin = said->session_id.size ? said->session_id : said->request_session;
    return origin.size && compare(origin, of->session) ? origin : NONE;
}

static int64_t searches_of(const line *said)
{
    return said->used.counts[SEARCHES] <= 10000 ? said->used.counts[SEARCHES] : 0;
}

static bool take_answer(reader *of, int64_t ordinal, const line *said, int64_t at)
{
    buffer *rows = &of->rows, *extra = &of->extra;
    if (!said->has_message || is(said->model, "<synthetic>") || said->error) {
        place(of, ordinal, -1, said, at);
        skip(of, ordinal, said);
        return true;
    }
    const usage *used = &said->used;
    int64_t counts[6];
    if (!used->known || !said->message_id.size || !billed(said, counts) ||
        iterated(used->iterations, said->model, &of->scratch))
        return false;
    const blocks *content = &said->content;
    slice *targets = NULL;
    if (content->count) {
        targets = (slice *)(void *)arena_take(&of->scratch, content->count * sizeof *targets + sizeof(void *));
        if (targets == NULL)
            return false;
        targets = (slice *)(((uintptr_t)targets + sizeof(void *) - 1) & ~(uintptr_t)(sizeof(void *) - 1));
    }
    for (size_t i = 0; i < content->count; i++) {
        const block *each = &content->at[i];
        char kind = kind_of(each->type);
        if ((kind == 'u' || kind == 's') &&
            !target(or_empty(each->name), each->input, said->cwd, &of->scratch, of->shorten, of->with, &targets[i]))
            return false;
    }

    int64_t searches = searches_of(said);
    slice thread = thread_of(of, said), origin = origin_of(of, said);
    extra->size = 0;
    if (searches) {
        extra_key(extra, "ws");
        put_number(extra, searches);
    }
    const struct {
        const char *key;
        bool holds;
    } modifiers[] = {{"f", is(used->speed, "fast")}, {"g", is(used->geo, "us")}, {"b", is(used->tier, "batch")}};
    for (size_t i = 0; i < 3; i++)
        if (modifiers[i].holds) {
            extra_key(extra, modifiers[i].key);
            put_char(extra, '1');
        }
    if (said->skill.size)
        extra_string(extra, "sk", said->skill);
    if (said->plugin.size)
        extra_string(extra, "pl", said->plugin);
    if (origin.at != NULL)
        extra_string(extra, "o", origin);
    if (compare(thread, of->thread))
        extra_string(extra, "th", thread);
    merge(of, said, said->message_id, at, counts, searches, origin, thread);

    place(of, ordinal, ANSWER, said, at);
    string(rows, said->message_id, ',');
    string(rows, said->request, ',');
    string(rows, said->request_ref, ',');
    string(rows, said->model, ',');
    for (int i = 0; i < 6; i++) {
        put_char(rows, i ? ',' : '[');
        put_number(rows, counts[i]);
    }
    put_words(rows, "],");
    put_extra(rows, extra);
    put_words(rows, ",[");
    for (size_t i = 0; i < content->count; i++) {
        const block *each = &content->at[i];
        char kind = kind_of(each->type);
        bool called = kind == 'u' || kind == 's';
        const char opening[] = {'[', '"', kind, '"', ','};
        if (i)
            put_char(rows, ',');
        put(rows, opening, sizeof opening);
        number(rows, content->count > 1 ? (int64_t)i : said->block_index, ',');
        string(rows, called ? each->id : NONE, ',');
        string(rows, called ? each->name : NONE, ',');
        string(rows, called ? targets[i] : NONE, ',');
        put_shape(rows, called ? each->input : kind == 'h' ? each->thinking : each->text);
        put_char(rows, ']');
    }
    if (said->said.raw.size) {
        put_words(rows, "[\"t\",0,\"\",\"\",\"\",");
        put_shape(rows, json_text(&of->scratch, said->said, true));
        put_char(rows, ']');
    }
    put_words(rows, "]]");
    return true;
}

/* -- what a person or a tool said */

/* Whether the head of a prompt may tell that a command or a task spoke. */
static bool spoken_by_other(slice head)
{
    slice first = {head.at, head.size < 1200 ? head.size : 1200};
    return (first.size && *first.at == '<') || (first.size > 1 && first.at[1] == '<') || holds(first, "<command-name>") ||
           holds(first, "\\u003");
}

static bool take_user(reader *of, int64_t ordinal, const line *said, int64_t at)
{
    buffer *rows = &of->rows, *extra = &of->extra;
    if (!said->has_message) {
        place(of, ordinal, -1, said, at);
        skip(of, ordinal, said);
        return true;
    }
    const blocks *content = &said->content;
    slice text = NONE, source = said->source.size ? said->source : said->origin, thread = thread_of(of, said);
    size_t texts = 0, results = 0;
    bool prompted = false;
    for (size_t i = 0; i < content->count; i++) {
        const block *each = &content->at[i];
        if (is(each->type, "tool_result")) {
            results++;
        } else if (each->text.size > 2) {
            if (texts++ == 0) {
                text = each->text;
                prompted = !results;
                if (prompted && spoken_by_other((slice){text.at + 1, text.size - 1}))
                    return false;
            }
        } else if (is(each->type, "image") || is(each->type, "document")) {
            return false;
        }
    }
    if (said->said.raw.size) {
        text = json_text(&of->scratch, said->said, true);
        prompted = true;
        if (text.at == NULL || spoken_by_other(text))
            return false;
    }
    extra->size = 0;
    if (compare(thread, of->thread))
        extra_string(extra, "th", thread);
    if (prompted && source.size)
        extra_string(extra, "s", source);
    if (texts > 1) {
        extra_key(extra, "more");
        size_t nth = 0;
        for (size_t i = 0; i < content->count; i++) {
            const block *each = &content->at[i];
            if (is(each->type, "tool_result") || each->text.size <= 2 || nth++ == 0)
                continue;
            put_char(extra, nth == 2 ? '[' : ',');
            put_shape(extra, each->text);
        }
        put_char(extra, ']');
    }
    if (said->prompt.size)
        extra_string(extra, "p", brief(said->prompt));

    place(of, ordinal, USER, said, at);
    number(rows,
           (said->meta ? META : 0) | (said->summary ? SUMMARY : 0) | (said->invisible ? INVISIBLE : 0) |
               (is(said->kind, "bg") ? BACKGROUND : 0),
           ',');
    put_shape(rows, text);
    put_words(rows, ",[");
    blocks parts = {0};
    bool whole = true;
    for (size_t i = 0, nth = 0; whole && i < content->count; i++)
        if (is(content->at[i].type, "tool_result")) {
            if (nth++)
                put_char(rows, ',');
            whole = put_result(of, said, &content->at[i], &parts);
        }
    blocks_free(&parts);
    put_words(rows, "],");
    put_extra(rows, extra);
    put_char(rows, ']');
    return whole;
}

/* -- every line */

static bool one_of(slice text, const char *const *words)
{
    for (; *words; words++)
        if (is(text, *words))
            return true;
    return false;
}

static bool take_line(reader *of, int64_t ordinal, const line *said)
{
    static const char *const timeless[] = {"progress",   "file-history-snapshot", "file-history-delta", "queue-operation",
                                           "last-prompt", "mode",                 NULL};
    static const char *const rare[] = {"attachment", "cost-state",   "api-request",      "api-request-blob",
                                       "pr-link",    "continued-in", "fork-context-ref", "api-request-shape",
                                       "relocated",  "worktree-state", NULL};
    int64_t at = 0;
    if ((said->stamp.size && !milliseconds(said->stamp, &at)) || !ascii(said->uuid) || !ascii(said->parent) ||
        !ascii(said->prompt))
        return false;
    if (!of->first_at)
        of->first_at = at;
    if (is(said->type, "assistant"))
        return take_answer(of, ordinal, said, at);
    if (is(said->type, "user"))
        return take_user(of, ordinal, said, at);
    if (is(said->type, "system")) {
        if (is(said->subtype, "compact_boundary") || is(said->subtype, "scheduled_task_fire"))
            return false;
        if (at)
            of->now = at;
    } else if (!one_of(said->type, timeless) && one_of(said->type, rare)) {
        return false;
    }
    skip(of, ordinal, said);
    return true;
}

/* What a line that is left to Python must not have changed. */
typedef struct {
    size_t rows;
    int64_t now, first_at;
    bool no_cwd, no_branch;
    slice cwd, branch, last;
} before;

static before remember(reader *of)
{
    return (before){
        .rows = of->rows.size,
        .now = of->now,
        .first_at = of->first_at,
        .no_cwd = of->no_cwd,
        .no_branch = of->no_branch,
        .cwd = arena_copy(&of->scratch, seen(&of->cwd)),
        .branch = arena_copy(&of->scratch, seen(&of->branch)),
        .last = arena_copy(&of->scratch, seen(&of->last)),
    };
}

static void take_back(reader *of, before was)
{
    of->rows.size = was.rows;
    of->now = was.now;
    of->first_at = was.first_at;
    of->no_cwd = was.no_cwd;
    of->no_branch = was.no_branch;
    reader_set(&of->cwd, was.cwd);
    reader_set(&of->branch, was.branch);
    reader_set(&of->last, was.last);
}

static bool failed(const reader *of)
{
    return of->rows.failed || of->extra.failed || of->inner.failed || of->cwd.failed || of->branch.failed ||
           of->last.failed || of->scratch.failed || of->texts.failed || of->merged.failed || of->current.content.failed;
}

bool reader_take(reader *of, slice data, size_t *at, int64_t *ordinal)
{
    const unsigned char *end = data.at + data.size;
    while (*at < data.size) {
        arena_clear(&of->scratch);
        cursor in = {data.at + *at, end, &of->scratch};
        if (!json_space(&in))
            break;
        if (*in.at == '\n') {
            *at = (size_t)(in.at + 1 - data.at);
            continue;
        }
        before was = remember(of);
        bool taken = line_parse(&in, &of->current) && take_line(of, *ordinal, &of->current);
        if (failed(of))
            return false;
        if (!taken) {
            take_back(of, was);
            return true;
        }
        *at = (size_t)(in.at - data.at);
        ++*ordinal;
    }
    *at = data.size;
    return true;
}

/* -- answers alone */

/* Whether a line's flat head says that it is no answer; `timed`: and that it has a time all the same. */
static bool other_kind(slice text, bool *timed)
{
    const unsigned char *inner = text.size > 1 ? memchr(text.at + 1, '{', text.size - 1) : NULL;
    slice head = {text.at, inner ? (size_t)(inner - text.at) : text.size};
    const unsigned char *kind = head.at, *end = head.at + head.size;
    while ((kind = memchr(kind, '"', (size_t)(end - kind))) != NULL && end - kind >= 10 &&
           memcmp(kind, "\"type\":\"", 8) != 0)
        kind++;
    if (kind == NULL || end - kind < 10)
        return false;
    /* user, system, attachment; progress, file-history-snapshot, queue-operation, last-prompt, mode, permission-mode,
       api-request, tools-used */
    unsigned char first = kind[8], second = kind[9];
    *timed = first == 'u' || first == 's' || (first == 'a' && second == 't');
    return *timed || memchr("pfqlmt", first, 6) != NULL || (first == 'a' && second == 'p');
}

static bool moment_of(reader *of, slice text, int64_t *at)
{
    cursor in = {text.at, text.at + text.size, &of->scratch};
    return line_parse(&in, &of->current) && of->current.stamp.size && milliseconds(of->current.stamp, at);
}

bool reader_moment(reader *of)
{
    if (of->passed.at == NULL)
        return true;
    arena_clear(&of->scratch);
    slice text = of->passed;
    of->passed = NONE;
    return moment_of(of, text, &of->now);
}

static bool take_alone(reader *of, const line *said)
{
    int64_t at = 0, counts[6];
    if (said->stamp.size && !milliseconds(said->stamp, &at))
        return false;
    if (!of->first_at)
        of->first_at = at;
    if (!is(said->type, "assistant")) {
        if (is(said->type, "cost-state"))
            return false;
        if (at && (is(said->type, "user") || is(said->type, "system") || is(said->type, "attachment"))) {
            of->now = at;
            of->passed = NONE;
        }
        return true;
    }
    if (at) {
        of->now = at;
        of->passed = NONE;
    }
    if (!said->has_message || is(said->model, "<synthetic>") || said->error || !said->used.known)
        return true;
    if (!said->message_id.size || !billed(said, counts) ||
        iterated(said->used.iterations, said->model, &of->scratch))
        return false;
    merge(of, said, said->message_id, at, counts, searches_of(said), origin_of(of, said), thread_of(of, said));
    return true;
}

bool reader_take_answers(reader *of, slice data, size_t *at)
{
    of->passed = NONE;
    while (*at < data.size) {
        const unsigned char *from = data.at + *at, *end = memchr(from, '\n', data.size - *at);
        if (end == NULL)
            return true;
        slice text = {from, (size_t)(end - from)};
        bool timed;
        if (of->first_at && other_kind(text, &timed)) {
            if (timed)
                of->passed = text;
            *at = (size_t)(end + 1 - data.at);
            continue;
        }
        arena_clear(&of->scratch);
        cursor in = {from, end + 1, &of->scratch};
        if (json_space(&in) && *in.at != '\n') {
            int64_t now = of->now, first_at = of->first_at;
            slice passed = of->passed;
            bool taken = line_parse(&in, &of->current) && in.at == end + 1 && take_alone(of, &of->current);
            if (failed(of))
                return false;
            if (!taken) {
                of->now = now;
                of->first_at = first_at;
                of->passed = passed;
                return true;
            }
        }
        *at = (size_t)(end + 1 - data.at);
    }
    return true;
}
