#include "answers.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash(uint64_t made, slice text)
{
    for (size_t i = 0; i < text.size; i++)
        made = (made ^ text.at[i]) * 0x100000001B3u;
    return (made ^ 0xFF) * 0x100000001B3u;
}

static bool grow(answers *of)
{
    if (of->count == of->room) {
        size_t room = of->room ? of->room * 2 : 64;
        answer *at = realloc(of->at, room * sizeof *at);
        if (at == NULL)
            return false;
        of->at = at;
        of->room = room;
    }
    if (of->count * 2 >= of->slot_count) {
        size_t slot_count = of->slot_count ? of->slot_count * 2 : 128;
        uint32_t *slots = calloc(slot_count, sizeof *slots);
        if (slots == NULL)
            return false;
        for (size_t i = 0; i < of->count; i++) {
            size_t at = of->at[i].hash & (slot_count - 1);
            while (slots[at])
                at = (at + 1) & (slot_count - 1);
            slots[at] = (uint32_t)(i + 1);
        }
        free(of->slots);
        of->slots = slots;
        of->slot_count = slot_count;
    }
    return true;
}

static void later(answers *in, slice *kept, slice seen)
{
    if (compare(seen, *kept) > 0)
        *kept = arena_copy(&in->texts, seen);
}

void answers_merge(answers *into, const answer *seen)
{
    if (into->failed || !grow(into)) {
        into->failed = true;
        return;
    }
    uint64_t key = hash(hash(0xCBF29CE484222325u, seen->id), seen->variant);
    size_t slot = key & (into->slot_count - 1);
    for (; into->slots[slot]; slot = (slot + 1) & (into->slot_count - 1)) {
        answer *known = &into->at[into->slots[slot] - 1];
        if (known->hash != key || compare(known->id, seen->id) || compare(known->variant, seen->variant))
            continue;
        if (seen->at && (seen->at < known->at || !known->at))
            known->at = seen->at;
        if (seen->counts[A_OUTPUT] > known->counts[A_OUTPUT])
            known->model = compare(seen->model, known->model) ? arena_copy(&into->texts, seen->model) : known->model;
        else if (seen->counts[A_OUTPUT] == known->counts[A_OUTPUT])
            later(into, &known->model, seen->model);
        for (int i = 0; i < A_COUNTS; i++)
            if (seen->counts[i] > known->counts[i])
                known->counts[i] = seen->counts[i];
        later(into, &known->modifiers, seen->modifiers);
        later(into, &known->origin, seen->origin);
        later(into, &known->thread, seen->thread);
        later(into, &known->branch, seen->branch);
        later(into, &known->skill, seen->skill);
        into->failed = into->failed || into->texts.failed;
        return;
    }
    answer *made = &into->at[into->count++];
    into->slots[slot] = (uint32_t)into->count;
    *made = *seen;
    made->hash = key;
    made->id = arena_copy(&into->texts, seen->id);
    made->variant = arena_copy(&into->texts, seen->variant);
    made->model = arena_copy(&into->texts, seen->model);
    made->modifiers = arena_copy(&into->texts, seen->modifiers);
    made->origin = arena_copy(&into->texts, seen->origin);
    made->thread = arena_copy(&into->texts, seen->thread);
    made->branch = arena_copy(&into->texts, seen->branch);
    made->skill = arena_copy(&into->texts, seen->skill);
    into->failed = into->texts.failed;
}

uint64_t answers_digest(const answers *of)
{
    uint64_t sum = 1 + of->count;
    for (size_t i = 0; i < of->count; i++) {
        const answer *each = &of->at[i];
        const slice texts[] = {each->model, each->modifiers, each->origin, each->thread, each->branch, each->skill};
        uint64_t made = each->hash;
        for (size_t text = 0; text < sizeof texts / sizeof *texts; text++)
            made = hash(made, texts[text]);
        for (int count = 0; count < A_COUNTS; count++)
            made = (made ^ (uint64_t)each->counts[count]) * 0x9E3779B97F4A7C15u;
        sum += (made ^ (uint64_t)each->at) * 0x9E3779B97F4A7C15u;
    }
    return sum;
}

void answers_free(answers *of)
{
    free(of->at);
    free(of->slots);
    arena_free(&of->texts);
    *of = (answers){0};
}
