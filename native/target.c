#include "target.h"

#include <string.h>

enum { LONGEST = 80, LOOKED_AT = 400, RANDOM = 32 };

#define IS(text) (key.size == sizeof(text) - 1 && memcmp(key.at, text, sizeof(text) - 1) == 0)

static unsigned char lower(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte | 0x20) : byte;
}

static bool here(const unsigned char *at, const unsigned char *end, const char *word)
{
    for (; *word; word++, at++)
        if (at >= end || lower(*at) != (unsigned char)*word)
            return false;
    return true;
}

/* Whether the letters of `word` stand before `at`, with or without a line between. */
static bool behind(const unsigned char *from, const unsigned char *at, const char *word)
{
    size_t size = strlen(word);
    if (at > from && (at[-1] == '_' || at[-1] == '-'))
        at--;
    return (size_t)(at - from) >= size && here(at - size, at, word);
}

/* Whether a family of secrets may be in it: the patterns of `sources/shortening.py` begin or end so. */
static bool suspicious(slice text)
{
    const unsigned char *from = text.at, *at = from, *end = at + text.size;
    bool asked = memchr(from, '@', text.size) != NULL;
    for (; at < end; at++) {
        slice rest = {at, (size_t)(end - at)};
        switch (lower(*at)) {
        case 't':
            if (here(at, end, "token"))
                return true;
            break;
        case 'k':
            if (at > from && end - at > 1 && (at[1] == '-' || at[1] == '_') && memchr("spr", at[-1], 3))
                return true;
            if (here(at, end, "key") &&
                (behind(from, at, "api") || behind(from, at, "access") || behind(from, at, "private")))
                return true;
            break;
        case ':':
            if (asked && here(at, end, "://"))
                return true;
            break;
        case 'g':
            if (here(at, end, "glpat-") || here(at, end, "github_pat_"))
                return true;
            if (here(at, end, "gh") && end - at > 3 && at[3] == '_')
                return true;
            break;
        case 'a':
            if (starts(rest, "AKIA") || starts(rest, "ASIA") || starts(rest, "AIza"))
                return true;
            break;
        case 'x':
            if (here(at, end, "xox"))
                return true;
            break;
        case 'e':
            if (starts(rest, "eyJ"))
                return true;
            break;
        case 'h':
            if (here(at, end, "hf_"))
                return true;
            break;
        case 'n':
            if (here(at, end, "npm_"))
                return true;
            break;
        case 'b':
            if (here(at, end, "bearer ") || here(at, end, "basic "))
                return true;
            break;
        case 's':
            if (here(at, end, "secret"))
                return true;
            break;
        case 'p':
            if (here(at, end, "passw") || here(at, end, "pwd"))
                return true;
            break;
        case 'c':
            if (here(at, end, "credential"))
                return true;
            break;
        case '-':
            if (here(at, end, "-u "))
                return true;
            break;
        case '_':
            if (here(at, end, "_pass") || here(at, end, "_pat"))
                return true;
            break;
        default: break;
        }
    }
    return false;
}

static bool in_word(unsigned char byte)
{
    unsigned char letter = lower(byte);
    return (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

/* Whether there is a word as long as random ones are. */
static bool runs_on(slice text)
{
    size_t run = 0;
    for (size_t i = 0; i < text.size && run < RANDOM; i++)
        run = in_word(text.at[i]) ? run + 1 : 0;
    return run >= RANDOM;
}

static bool blank(unsigned char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r') || (byte >= 0x1C && byte <= 0x1F);
}

/* How many bytes the character at `at` has, if Python prints it and no case or space rule of its own holds for it:
   ASCII, Latin, punctuation, arrows, lines and blocks. Else 0. */
static size_t printed(const unsigned char *at)
{
    if (*at >= 0x20 && *at <= 0x7E)
        return 1;
    if (*at < 0xC2 || *at > 0xE2)
        return 0;
    int32_t point = *at < 0xE0 ? (at[0] & 31) << 6 | (at[1] & 63)
                               : (at[0] & 15) << 12 | (at[1] & 63) << 6 | (at[2] & 63);
    if ((point >= 0xA1 && point <= 0x12F && point != 0xAD) || (point >= 0x2010 && point <= 0x2027) ||
        (point >= 0x2190 && point <= 0x21FF) || (point >= 0x2500 && point <= 0x259F))
        return *at < 0xE0 ? 2 : 3;
    return 0;
}

/* The first characters of a text as one line; NONE where Python has to tell. `many`: of characters. */
static slice one_line(slice text, arena *into, size_t *many)
{
    const unsigned char *at = text.at, *end = at + text.size;
    bool folds = text.size && (*at == ' ' || end[-1] == ' ');
    size_t count = 0;
    for (; at < end && count < LOOKED_AT; count++) {
        folds = folds || *at == '\n' || (*at == ' ' && at + 1 < end && at[1] == ' ');
        size_t size = blank(*at) ? 1 : printed(at);
        if (!size)
            return NONE;
        at += size;
    }
    folds = folds || count == LOOKED_AT;
    unsigned char *made = arena_take(into, (size_t)(at - text.at) + 1), *to = made;
    if (made == NULL)
        return NONE;
    *many = 0;
    bool gap = false;
    for (const unsigned char *from = text.at; from < at;) {
        if (blank(*from)) {
            if (!folds && *from != ' ')
                return NONE; /* a character that is not printed */
            if (folds) {
                gap = to > made;
                from++;
                continue;
            }
        }
        if (gap) {
            *to++ = ' ';
            ++*many;
        }
        gap = false;
        for (size_t size = printed(from); size; size--)
            *to++ = *from++;
        ++*many;
    }
    return (slice){made, (size_t)(to - made)};
}

static bool shorten(slice text, arena *into, shortener hard, void *with, slice *found)
{
    size_t many;
    slice line = one_line(text, into, &many);
    if (line.at == NULL || suspicious(line) || runs_on(line))
        return hard(with, text, into, found);
    *found = line;
    if (many <= LONGEST)
        return true;
    unsigned char *made = arena_take(into, line.size + 3);
    if (made == NULL)
        return false;
    const unsigned char *from = line.at;
    unsigned char *to = made;
    for (size_t i = 0; i < LONGEST - 1; i++)
        for (size_t size = printed(from); size; size--)
            *to++ = *from++;
    memcpy(to, "\xE2\x80\xA6", 3);
    *found = (slice){made, (size_t)(to + 3 - made)};
    return true;
}

static slice relative(slice path, slice cwd)
{
    if (cwd.size && path.size > cwd.size && memcmp(path.at, cwd.at, cwd.size) == 0 &&
        (path.at[cwd.size] == '/' || path.at[cwd.size] == '\\'))
        return (slice){path.at + cwd.size + 1, path.size - cwd.size - 1};
    return path;
}

static slice host(slice url)
{
    const unsigned char *at = url.at, *end = at + url.size;
    for (const unsigned char *i = at; end - i >= 3; i++)
        if (memcmp(i, "://", 3) == 0) {
            at = i + 3;
            break;
        }
    const unsigned char *from = at;
    while (at < end && *at != '/' && *at != '?' && *at != '#')
        at++;
    end = at;
    while (at > from && at[-1] != '@')
        at--;
    return (slice){at, (size_t)(end - at)};
}

bool target(slice tool, slice input, slice cwd, arena *into, shortener hard, void *with, slice *found)
{
    static const slice AGENT = {(const unsigned char *)"general-purpose", 15};
    slice command = NONE, file = NONE, notebook = NONE, agent = NONE, url = NONE, skill = NONE, pattern = NONE,
          path = NONE, query = NONE, name = NONE, key;
    bool first = true, ok, told = true;
    *found = (slice){(const unsigned char *)"", 0};
    if (starts(tool, "mcp__") || !input.size || *input.at != '{')
        return true;
    cursor in = {input.at, input.at + input.size, into};
    while (json_member(&in, &first, &key, &ok)) {
        slice *wanted = IS("command")         ? &command
                        : IS("file_path")     ? &file
                        : IS("notebook_path") ? &notebook
                        : IS("subagent_type") ? &agent
                        : IS("url")           ? &url
                        : IS("skill")         ? &skill
                        : IS("pattern")       ? &pattern
                        : IS("path")          ? &path
                        : IS("query")         ? &query
                        : IS("name")          ? &name
                                              : NULL;
        if (wanted == NULL || (*in.at != '"' && *in.at != 'n')) {
            told = told && wanted == NULL; /* a field of another type: nothing is told */
            if (!json_raw(&in, &key))
                return false;
        } else if (!json_string_or_null(&in, wanted)) {
            return false;
        }
    }
    if (!ok)
        return false;
    if (!told)
        return true;
    if (command.at != NULL)
        return shorten(command, into, hard, with, found);
    if (file.at != NULL)
        return shorten(relative(file, cwd), into, hard, with, found);
    if (notebook.at != NULL)
        return shorten(relative(notebook, cwd), into, hard, with, found);
    if (agent.at != NULL || is(tool, "Agent") || is(tool, "Task"))
        return shorten(agent.size ? agent : AGENT, into, hard, with, found);
    if (url.at != NULL)
        return shorten(host(url), into, hard, with, found);
    if (skill.at != NULL)
        return shorten(skill, into, hard, with, found);
    if (pattern.at != NULL)
        return shorten(pattern, into, hard, with, found);
    if (path.at != NULL)
        return shorten(relative(path, cwd), into, hard, with, found);
    return query.at == NULL || shorten(query, into, hard, with, found);
}
