#include "json.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define DEEPEST 128

/* The first byte from `at` on that ends, escapes or breaks a string. */
static const unsigned char *plain(const unsigned char *at, const unsigned char *end)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\'), last = _mm_set1_epi8(0x1F);
    while (end - at >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i stop = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, back)),
                                    _mm_cmpeq_epi8(_mm_min_epu8(bytes, last), bytes));
        int mask = _mm_movemask_epi8(stop);
        if (mask)
            return at + __builtin_ctz((unsigned)mask);
        at += 16;
    }
#endif
    while (at < end && *at != '"' && *at != '\\' && *at >= 0x20)
        at++;
    return at;
}

static int nibble(unsigned char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The unit of a `\u` escape whose four digits stand at `at`; -1 where they do not. */
static int32_t unit(const unsigned char *at, const unsigned char *end)
{
    int32_t made = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = nibble(at[i]);
        if (digit < 0)
            return -1;
        made = made << 4 | digit;
    }
    return made;
}

/* Past the escape at `at`; NULL where it is none. */
static const unsigned char *escape(const unsigned char *at, const unsigned char *end)
{
    if (end - at < 2)
        return NULL;
    if (at[1] != 'u')
        return at[1] && strchr("\"\\/bfnrt", at[1]) ? at + 2 : NULL;
    int32_t one = unit(at + 2, end);
    if (one < 0 || (one >= 0xDC00 && one <= 0xDFFF))
        return NULL;
    at += 6;
    if (one < 0xD800 || one > 0xDBFF)
        return at;
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u') /* the second half of a pair */
        return NULL;
    int32_t two = unit(at + 2, end);
    return two >= 0xDC00 && two <= 0xDFFF ? at + 6 : NULL;
}

/* The closing quote of the string that opens at `at`; NULL where it is broken. Kept in registers: a slice that is
   written in halves and read as one waits for both. */
static inline const unsigned char *closing(const unsigned char *at, const unsigned char *end, bool *escaped)
{
    if (at >= end || *at != '"')
        return NULL;
    at++;
    for (;;) {
        at = plain(at, end);
        if (at >= end || *at < 0x20)
            return NULL;
        if (*at == '"')
            return at;
        *escaped = true;
        if (end - at >= 2 && (at[1] == 'n' || at[1] == '"'))
            at += 2;
        else if ((at = escape(at, end)) == NULL)
            return NULL;
    }
}

bool json_quoted(cursor *in, quoted *found)
{
    bool escaped = false;
    const unsigned char *from = in->at + 1, *at = closing(in->at, in->end, &escaped);
    if (at == NULL)
        return false;
    found->raw.at = from;
    found->raw.size = (size_t)(at - from);
    found->escaped = escaped;
    in->at = at + 1;
    return true;
}

static bool skip_string(cursor *in)
{
    bool escaped = false;
    const unsigned char *at = closing(in->at, in->end, &escaped);
    if (at != NULL)
        in->at = at + 1;
    return at != NULL;
}

static unsigned char *put_point(unsigned char *to, int32_t point)
{
    if (point < 0x80) {
        *to++ = (unsigned char)point;
    } else if (point < 0x800) {
        *to++ = (unsigned char)(0xC0 | point >> 6);
        *to++ = (unsigned char)(0x80 | (point & 63));
    } else if (point < 0x10000) {
        *to++ = (unsigned char)(0xE0 | point >> 12);
        *to++ = (unsigned char)(0x80 | (point >> 6 & 63));
        *to++ = (unsigned char)(0x80 | (point & 63));
    } else {
        *to++ = (unsigned char)(0xF0 | point >> 18);
        *to++ = (unsigned char)(0x80 | (point >> 12 & 63));
        *to++ = (unsigned char)(0x80 | (point >> 6 & 63));
        *to++ = (unsigned char)(0x80 | (point & 63));
    }
    return to;
}

slice json_text(arena *into, quoted string, bool lines)
{
    if (!string.escaped)
        return string.raw;
    const unsigned char *at = string.raw.at, *end = at + string.raw.size;
    unsigned char *made = arena_take(into, string.raw.size), *to = made;
    if (made == NULL)
        return NONE;
    while (at < end) {
        const unsigned char *back = memchr(at, '\\', (size_t)(end - at));
        size_t size = (size_t)((back ? back : end) - at);
        memcpy(to, at, size);
        to += size;
        if (back == NULL)
            break;
        at = back + 2;
        switch (back[1]) {
        case 'n':
            if (lines)
                *to++ = '\\';
            *to++ = lines ? 'n' : '\n';
            break;
        case 'b': *to++ = '\b'; break;
        case 'f': *to++ = '\f'; break;
        case 'r': *to++ = '\r'; break;
        case 't': *to++ = '\t'; break;
        case 'u': {
            int32_t point = unit(at, end);
            at += 4;
            if (point >= 0xD800 && point <= 0xDBFF) {
                point = 0x10000 + ((point - 0xD800) << 10) + (unit(at + 2, end) - 0xDC00);
                at += 6;
            }
            if (point == '\n' && lines) {
                *to++ = '\\';
                *to++ = 'n';
            } else {
                to = put_point(to, point);
            }
            break;
        }
        default: *to++ = back[1];
        }
    }
    return (slice){made, (size_t)(to - made)};
}

bool json_string(cursor *in, slice *found)
{
    bool escaped = false;
    const unsigned char *from = in->at + 1, *at = closing(in->at, in->end, &escaped);
    if (at == NULL)
        return false;
    slice raw = {from, (size_t)(at - from)};
    if (!ascii(raw) && !utf8(raw))
        return false;
    in->at = at + 1;
    if (escaped)
        raw = json_text(in->made, (quoted){raw, true}, false);
    found->at = raw.at;
    found->size = raw.size;
    return raw.at != NULL;
}

static bool word(cursor *in, const char *text)
{
    size_t size = strlen(text);
    if ((size_t)(in->end - in->at) < size || memcmp(in->at, text, size) != 0)
        return false;
    in->at += size;
    return true;
}

bool json_null(cursor *in)
{
    return word(in, "null");
}

bool json_string_or_null(cursor *in, slice *found)
{
    if (in->at < in->end && *in->at == 'n') {
        *found = NONE;
        return json_null(in);
    }
    return json_string(in, found);
}

bool json_bool_or_null(cursor *in, bool *found)
{
    *found = word(in, "true");
    return *found || word(in, "false") || json_null(in);
}

static bool digit(const cursor *in)
{
    return in->at < in->end && *in->at >= '0' && *in->at <= '9';
}

bool json_count(cursor *in, int64_t *found)
{
    bool minus = in->at < in->end && *in->at == '-';
    in->at += minus;
    const unsigned char *from = in->at;
    int64_t made = 0;
    while (digit(in) && in->at - from < 18)
        made = made * 10 + (*in->at++ - '0');
    if (in->at == from || (*from == '0' && in->at - from > 1))
        return false;
    if (in->at < in->end && ((*in->at >= '0' && *in->at <= '9') || *in->at == '.' || (*in->at | 0x20) == 'e'))
        return false;
    *found = minus ? -made : made;
    return true;
}

static bool number(cursor *in)
{
    if (*in->at == '-')
        in->at++;
    if (!digit(in))
        return false;
    if (*in->at == '0')
        in->at++;
    else
        while (digit(in))
            in->at++;
    if (in->at < in->end && *in->at == '.') {
        in->at++;
        if (!digit(in))
            return false;
        while (digit(in))
            in->at++;
    }
    if (in->at < in->end && (*in->at | 0x20) == 'e') {
        in->at++;
        if (in->at < in->end && (*in->at == '+' || *in->at == '-'))
            in->at++;
        if (!digit(in))
            return false;
        while (digit(in))
            in->at++;
    }
    return !digit(in);
}

bool json_member(cursor *in, bool *first, slice *key, bool *ok)
{
    *ok = false;
    in->at += *first;
    if (!json_space(in))
        return false;
    const unsigned char *at = in->at;
    if (*at == '}') {
        in->at = at + 1;
        *ok = true;
        return false;
    }
    if (!*first && *at++ != ',')
        return false;
    *first = false;
    in->at = at;
    if (!json_space(in))
        return false;
    bool escaped = false;
    const unsigned char *from = in->at + 1, *end = closing(in->at, in->end, &escaped);
    if (end == NULL || escaped)
        return false;
    key->at = from;
    key->size = (size_t)(end - from);
    in->at = end + 1;
    if (!json_space(in) || *in->at != ':')
        return false;
    in->at++;
    return *ok = json_space(in);
}

bool json_element(cursor *in, bool *first, bool *ok)
{
    *ok = false;
    if (*first) {
        in->at++;
    }
    if (!json_space(in))
        return false;
    if (*in->at == ']') {
        in->at++;
        *ok = true;
        return false;
    }
    if (!*first) {
        if (*in->at != ',')
            return false;
        in->at++;
        if (!json_space(in))
            return false;
    }
    *first = false;
    *ok = true;
    return true;
}

static bool skip(cursor *in, int deep)
{
    bool first = true, ok;
    slice key;
    if (in->at >= in->end)
        return false;
    switch (*in->at) {
    case '"': return skip_string(in);
    case 't': return word(in, "true");
    case 'f': return word(in, "false");
    case 'n': return json_null(in);
    case '{':
        if (deep >= DEEPEST)
            return false;
        while (json_member(in, &first, &key, &ok))
            if (!skip(in, deep + 1))
                return false;
        return ok;
    case '[':
        if (deep >= DEEPEST)
            return false;
        while (json_element(in, &first, &ok))
            if (!skip(in, deep + 1))
                return false;
        return ok;
    default: return number(in);
    }
}

bool json_raw(cursor *in, slice *found)
{
    const unsigned char *from = in->at;
    if (!skip(in, 0))
        return false;
    found->at = from;
    found->size = (size_t)(in->at - from);
    return true;
}
