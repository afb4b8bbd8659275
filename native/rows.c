#include "rows.h"

slice or_empty(slice text)
{
    return text.at ? text : (slice){(const unsigned char *)"", 0};
}

void string(buffer *into, slice text, char after)
{
    put_string(into, or_empty(text));
    put_char(into, after);
}

void number(buffer *into, int64_t value, char after)
{
    put_number(into, value);
    put_char(into, after);
}

void extra_key(buffer *extra, const char *key)
{
    put_words(extra, extra->size ? ",\"" : "{\"");
    put_words(extra, key);
    put_words(extra, "\":");
}

void extra_string(buffer *extra, const char *key, slice text)
{
    extra_key(extra, key);
    put_string(extra, text);
}

void put_extra(buffer *into, const buffer *extra)
{
    put(into, extra->size ? (const void *)extra->at : "0", extra->size ? extra->size : 1);
    if (extra->size)
        put_char(into, '}');
}

void row(buffer *rows, int kind, int64_t ordinal)
{
    if (rows->size)
        put_char(rows, ',');
    put_char(rows, '[');
    put_number(rows, kind);
    put_char(rows, ',');
    put_number(rows, ordinal);
    put_char(rows, ',');
}
