#include "text.h"

#include <stdlib.h>
#include <string.h>

/* UTF-8 sorts as its code points do. */
int compare(slice one, slice other)
{
    size_t size = one.size < other.size ? one.size : other.size;
    int found = size ? memcmp(one.at, other.at, size) : 0;
    return found ? found : (one.size > other.size) - (one.size < other.size);
}

const unsigned char *find(slice whole, const char *part)
{
    size_t size = strlen(part);
    const unsigned char *at = whole.at, *end = whole.at + whole.size;
    while (at != NULL && (size_t)(end - at) >= size) {
        at = memchr(at, part[0], (size_t)(end - at) - size + 1);
        if (at == NULL || memcmp(at, part, size) == 0)
            return at;
        at++;
    }
    return NULL;
}

/* Whether Python would decode it: no surrogates, nothing longer than need be. */
bool utf8(slice text)
{
    const unsigned char *at = text.at, *end = text.at + text.size;
    while (at < end) {
        unsigned char first = *at++;
        if (first < 0x80)
            continue;
        int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
        if (first < 0xC2 || first > 0xF4 || end - at < more)
            return false;
        unsigned char second = at[0];
        if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) ||
            (first == 0xF4 && second > 0x8F))
            return false;
        while (more--)
            if ((*at++ & 0xC0) != 0x80)
                return false;
    }
    return true;
}

bool buffer_grow(buffer *into, size_t size)
{
    if (into->failed)
        return false;
    size_t room = into->room ? into->room : 1 << 16;
    while (room - into->size < size)
        room *= 2;
    unsigned char *at = realloc(into->at, room);
    if (at == NULL) {
        into->failed = true;
        return false;
    }
    into->at = at;
    into->room = room;
    return true;
}

void put_number(buffer *into, int64_t number)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    if (left < 10) {
        *--at = (char)('0' + left);
    } else {
        do
            *--at = (char)('0' + left % 10);
        while (left /= 10);
    }
    if (number < 0)
        *--at = '-';
    put(into, at, (size_t)(digits + sizeof digits - at));
}

/* A text as a JSON string, escaped the way msgspec escapes it. */
void put_string(buffer *into, slice text)
{
    static const char hex[] = "0123456789abcdef";
    size_t from = 0;
    if (!buffer_room(into, text.size + 2))
        return;
    put_char(into, '"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = text.at[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        put(into, text.at + from, i - from);
        from = i + 1;
        char escape[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
        const char *letter = strchr("\bb\ff\nn\rr\tt\"\"\\\\", byte);
        if (byte && letter != NULL) {
            escape[1] = letter[1];
            put(into, escape, 2);
        } else {
            put(into, escape, 6);
        }
    }
    put(into, text.at + from, text.size - from);
    put_char(into, '"');
}

void put_string_or_null(buffer *into, slice text)
{
    if (text.at == NULL)
        put(into, "null", 4);
    else
        put_string(into, text);
}

void buffer_free(buffer *of)
{
    free(of->at);
    *of = (buffer){0};
}

struct chunk {
    chunk *next;
    size_t size, room;
    unsigned char bytes[];
};

unsigned char *arena_take(arena *from, size_t size)
{
    chunk *first = from->first;
    if (first == NULL || first->room - first->size < size) {
        size_t room = size > 1 << 16 ? size : 1 << 16;
        first = malloc(sizeof *first + room);
        if (first == NULL) {
            from->failed = true;
            return NULL;
        }
        *first = (chunk){.next = from->first, .size = 0, .room = room};
        from->first = first;
    }
    unsigned char *at = first->bytes + first->size;
    first->size += size;
    return at;
}

slice arena_copy(arena *into, slice text)
{
    if (text.at == NULL)
        return text;
    unsigned char *at = arena_take(into, text.size ? text.size : 1);
    if (at == NULL)
        return NONE;
    if (text.size)
        memcpy(at, text.at, text.size);
    return (slice){at, text.size};
}

/* The last chunk is kept for what comes next, unless one long text made it large. */
void arena_clear(arena *of)
{
    chunk *kept = NULL;
    for (chunk *each = of->first, *next; each != NULL; each = next) {
        next = each->next;
        if (kept == NULL && each->room <= 1 << 16)
            kept = each;
        else
            free(each);
    }
    if (kept != NULL) {
        kept->next = NULL;
        kept->size = 0;
    }
    of->first = kept;
}

void arena_free(arena *of)
{
    arena_clear(of);
    free(of->first);
    of->first = NULL;
}
