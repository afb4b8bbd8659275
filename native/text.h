/* Runs of bytes: what is looked at, what is made, and where what was decoded lives. */
#ifndef LINEITEM_TEXT_H
#define LINEITEM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes that belong to somebody else. `at` is NULL where JSON had null or nothing. */
typedef struct {
    const unsigned char *at;
    size_t size;
} slice;

/* Bytes that are being made. Once memory ran out, `failed` is set and nothing is added. */
typedef struct {
    unsigned char *at;
    size_t size, room;
    bool failed;
} buffer;

/* Small pieces that live until the next `arena_clear`. */
typedef struct chunk chunk;
typedef struct {
    chunk *first;
    bool failed;
} arena;

static const slice NONE = {NULL, 0};

/* -- what is asked of each byte or line stands here, to be inlined */

static inline bool is(slice text, const char *word)
{
    return text.size == strlen(word) && memcmp(text.at, word, text.size) == 0;
}

static inline bool same(slice one, slice other)
{
    return (one.at == NULL) == (other.at == NULL) && one.size == other.size &&
           (one.size == 0 || memcmp(one.at, other.at, one.size) == 0);
}

static inline bool starts(slice whole, const char *with)
{
    return whole.size >= strlen(with) && memcmp(whole.at, with, strlen(with)) == 0;
}

static inline bool ascii(slice text)
{
    const unsigned char *at = text.at;
    size_t left = text.size;
    uint64_t all = 0, eight;
    for (; left >= sizeof eight; at += sizeof eight, left -= sizeof eight) {
        memcpy(&eight, at, sizeof eight);
        all |= eight;
    }
    for (; left; at++, left--)
        all |= *at;
    return (all & 0x8080808080808080u) == 0;
}

int compare(slice one, slice other); /* as Python compares texts */
const unsigned char *find(slice whole, const char *part); /* NULL where it is not */
bool utf8(slice text);

static inline bool holds(slice whole, const char *part)
{
    return find(whole, part) != NULL;
}

bool buffer_grow(buffer *into, size_t size);

static inline bool buffer_room(buffer *into, size_t size)
{
    return into->room - into->size >= size ? !into->failed : buffer_grow(into, size);
}

static inline void put(buffer *into, const void *bytes, size_t size)
{
    if (size && buffer_room(into, size)) {
        memcpy(into->at + into->size, bytes, size);
        into->size += size;
    }
}

static inline void put_char(buffer *into, char byte)
{
    if (buffer_room(into, 1))
        into->at[into->size++] = (unsigned char)byte;
}

static inline void put_words(buffer *into, const char *text)
{
    put(into, text, strlen(text));
}

void put_number(buffer *into, int64_t number);
void put_string(buffer *into, slice text);
void put_string_or_null(buffer *into, slice text);
void buffer_free(buffer *of);

unsigned char *arena_take(arena *from, size_t size);
slice arena_copy(arena *into, slice text);
void arena_clear(arena *of);
void arena_free(arena *of);

#endif
