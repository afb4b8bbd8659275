/* One merged row per API answer: `sources.transcript` says what is in it. */
#ifndef LINEITEM_ANSWERS_H
#define LINEITEM_ANSWERS_H

#include "text.h"

enum { A_UNCACHED, A_OUTPUT, A_WRITE5, A_WRITE1, A_READ, A_THINKING, A_SEARCHES, A_PROMPT, A_COUNTS };

typedef struct {
    uint64_t hash;
    slice id, variant, model, modifiers, origin, thread, branch, skill;
    int64_t at, counts[A_COUNTS];
} answer;

typedef struct {
    answer *at;
    size_t count, room;
    uint32_t *slots; /* numbers of answers from 1 on, by hash */
    size_t slot_count;
    arena texts;
    bool failed;
} answers;

/* Merges what another line says of an answer: per field the maximum, the earliest time. */
void answers_merge(answers *into, const answer *seen);
uint64_t answers_digest(const answers *of); /* the same for the same answers in any order */
void answers_free(answers *of);

#endif
