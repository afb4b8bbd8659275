#include "shape.h"

#include <string.h>

/* As in sources/shapes.py: laws hold both to the same counts. */
enum { WHOLE = 3000, WINDOWS = 10, WINDOW = 256, SPARSE = 16, STEP = 32 };
enum { PLAIN = 15, SCRIPTS = 11, INDIC = 19 };
enum { LETTER = 1, DIGIT = 2, PUNCTUATION = 4, SPACE = 8, ESCAPE = 16, FOREIGN = 32, RARE = 64, COMMON = 128 };
enum { JOINED = WINDOWS * (WINDOW + 1), MOST = WHOLE > JOINED ? WHOLE : JOINED };

static unsigned char CASE[256], SCRIPT[256];

/* The class of a byte that stands behind another; written without branches or a table, so that compilers take sixteen
   at once. */
static inline unsigned char class_of(unsigned char byte, unsigned char before)
{
    unsigned char small = byte | 0x20, first = before | 0x20;
    unsigned char letter = (unsigned char)(small - 'a') <= 'z' - 'a';
    unsigned char digit = (unsigned char)(byte - '0') <= 9;
    unsigned char space = (byte == ' ') | (byte == '\t');
    unsigned char escape = byte == '\\', foreign = byte >> 7;
    unsigned char mark = (unsigned char)!(letter | digit | space | escape | foreign | (byte == 0));
    /* sums, for compilers make a look-up in a mask of tests joined by "or", and no longer take sixteen */
    unsigned char rare = (unsigned char)((small == 'j') + (small == 'q') + (small == 'x') + (small == 'z'));
    unsigned char common = (unsigned char)(((first == 'h') & (small == 'e')) + ((first == 's') & (small == 't')) +
                                           ((first == 'e') & (small == 'd')) + ((first == 'o') & (small == 'u')));
    return (unsigned char)(letter * LETTER | digit * DIGIT | mark * PUNCTUATION | space * SPACE | escape * ESCAPE |
                           foreign * FOREIGN | rare * RARE | common * COMMON);
}

static unsigned char script_of(int byte)
{
    static const unsigned char starts[][2] = {{0xF0, 11}, {0xEE, 10}, {0xEA, 9}, {0xE3, 8}, {0xD5, 4},
                                              {0xD0, 3},  {0xCC, 2},  {0xC3, 1}, {0xC2, 7}};
    if (byte >= 0xE0 && byte <= 0xE2)
        return (unsigned char)(byte - 0xDB);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (byte >= starts[i][0])
            return starts[i][1];
    return 0;
}

static void make_tables(void)
{
    for (int byte = 0; byte < 256; byte++) {
        CASE[byte] = byte >= 'a' && byte <= 'z' ? 'a' : byte >= 'A' && byte <= 'Z' ? 'A' : '.';
        SCRIPT[byte] = script_of(byte);
    }
}

/* Capitals alone among small letters or small letters among capitals, each counted once: `AaA`. */
static int64_t changes(const unsigned char *seen, size_t size)
{
    int64_t found = 0;
    for (size_t i = 0; i + 2 < size; i++)
        if (CASE[seen[i]] == 'A' && CASE[seen[i + 1]] == 'a' && CASE[seen[i + 2]] == 'A') {
            found++;
            i += 2;
        }
    return found;
}

static inline uint64_t eight(const unsigned char *at)
{
    uint64_t found;
    memcpy(&found, at, sizeof found);
    return found;
}

/* Characters by script, those of Devanagari, pairs of box-drawing lines. */
static int foreign(const unsigned char *seen, size_t size, int64_t *counts)
{
    int64_t scripts[SCRIPTS + 1] = {0}, devanagari = 0, lines = 0;
    size_t drawn = 0; /* up to here a pair of lines was counted */
    for (size_t i = 0; i < size;) {
        if (size - i >= 8 && !(eight(seen + i) & 0x8080808080808080u)) {
            i += 8;
            continue;
        }
        for (size_t end = size - i >= 8 ? i + 8 : size; i < end; i++) {
            if (seen[i] < 0x80)
                continue;
            scripts[SCRIPT[seen[i]]]++;
            if (seen[i] == 0xE0 && i + 1 < size)
                devanagari += seen[i + 1] == 0xA4 || seen[i + 1] == 0xA5;
            if (seen[i] == 0xE2 && i >= drawn && size - i >= 6 &&
                memcmp(seen + i, "\xE2\x94\x80\xE2\x94\x80", 6) == 0) {
                lines++;
                drawn = i + 6;
            }
        }
    }
    memcpy(counts, scripts + 1, SCRIPTS * sizeof *counts);
    counts[SCRIPTS] = counts[INDIC - PLAIN] ? devanagari : 0;
    counts[SCRIPTS + 1] = lines;
    return SCRIPTS + 2;
}

/* Counters of a bit each step, two in every byte of a word: of its bits 0 and 4. */
typedef struct {
    uint64_t lanes;
    int64_t low, high;
} lanes;

static inline void lanes_add(lanes *to, uint64_t bits)
{
    to->lanes += bits & 0x1111111111111111u;
}

static void lanes_flush(lanes *of, int many)
{
    for (int i = 0; i < many; i++) {
        uint64_t low = of[i].lanes & 0x0F0F0F0F0F0F0F0Fu, high = of[i].lanes >> 4 & 0x0F0F0F0F0F0F0F0Fu;
        of[i].low += (int64_t)((low * 0x0101010101010101u) >> 56);
        of[i].high += (int64_t)((high * 0x0101010101010101u) >> 56);
        of[i].lanes = 0;
    }
}

/* Made twice where the linker can choose by the machine that runs it: once for those that take thirty-two bytes at
   once. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

WIDE int shape(slice text, int64_t counts[SHAPE_MOST])
{
    /* What is looked at, behind an empty byte and before many: each has one before it, and steps are whole ones.
       Eight empty classes stand first, for the same reason, and are counted in eights. */
    unsigned char looked_at[1 + MOST + STEP], classes[8 + MOST + STEP], *seen = looked_at + 1;
    size_t size = text.size, looked = text.size;
    if (!CASE['a'])
        make_tables();
    counts[0] = (int64_t)text.size;
    if (!text.size)
        return 1;
    if (text.size > WHOLE) {
        size_t step = (text.size - WINDOW) / (WINDOWS - 1);
        for (size_t i = 0; i < WINDOWS; i++) {
            memcpy(seen + i * (WINDOW + 1), text.at + i * step, WINDOW);
            seen[i * (WINDOW + 1) + WINDOW] = 0;
        }
        size = JOINED - 1;
        looked = WINDOWS * WINDOW;
    } else
        memcpy(seen, text.at, text.size);
    looked_at[0] = 0;
    memset(seen + size, 0, STEP);
    memset(classes, 0, 8);
    unsigned char any = 0;
    for (size_t i = 0, end = (size + STEP - 1) / STEP * STEP; i < end; i++) {
        unsigned char class = class_of(seen[i], looked_at[i]);
        classes[i + 8] = class;
        any |= class;
    }
    lanes found[6] = {0}; /* of letters, digits, marks and spaces, with pairs of them; of escapes, with three digits;
                             of rare letters, with common pairs */
    for (size_t i = 8, end = size + 8; i < end;) {
        for (size_t stop = end - i > 15 * 8 ? i + 15 * 8 : end; i < stop; i += 8) { /* before a counter could overflow */
            uint64_t one = eight(classes + i), pair = one & eight(classes + i - 1);
            uint64_t three = pair & eight(classes + i - 2);
            uint64_t both = (one & 0x0F0F0F0F0F0F0F0Fu) | (pair & 0x0F0F0F0F0F0F0F0Fu) << 4;
            for (int bit = 0; bit < 4; bit++)
                lanes_add(&found[bit], both >> bit);
            lanes_add(&found[4], (one >> 4 & 0x0101010101010101u) | (three & 0x0202020202020202u) << 3);
            lanes_add(&found[5], (one >> 6 & 0x0101010101010101u) | (one >> 3 & 0x1010101010101010u));
        }
        lanes_flush(found, 6);
    }
    int64_t letters = found[0].low, digits = found[1].low, marks = found[2].low, spaces = found[3].low;
    int64_t letter_pairs = found[0].high, digit_pairs = found[1].high, mark_pairs = found[2].high;
    int64_t space_pairs = found[3].high, escapes = found[4].low, beyond = found[4].high;
    counts[1] = letters;
    counts[2] = letters - letter_pairs;
    counts[3] = digits;
    counts[4] = marks;
    counts[5] = spaces;
    counts[6] = (int64_t)looked - letters - digits - marks - spaces - escapes;
    counts[7] = escapes;
    counts[8] = digits - digit_pairs;
    counts[9] = beyond;
    counts[10] = mark_pairs;
    counts[11] = space_pairs;
    counts[12] = spaces * SPARSE < (int64_t)looked ? changes(seen, size) : 0;
    counts[13] = found[5].low;
    counts[14] = found[5].high;
    return any & FOREIGN ? PLAIN + foreign(seen, size, counts + PLAIN) : PLAIN;
}

void put_shape(buffer *into, slice text)
{
    int64_t counts[SHAPE_MOST];
    int many = shape(text, counts);
    for (int i = 0; i < many; i++) {
        put_char(into, i ? ',' : '[');
        put_number(into, counts[i]);
    }
    put_char(into, ']');
}
