/* SPDX-License-Identifier: MIT */
#include "faults.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct rule {
    struct directive directive;
    uint64_t n_seen; /* pushes since it came */
    bool is_spent;   /* acts once, and has */
};

struct faults {
    struct rule **rules; /* oldest first */
    uint32_t n, max;
    struct rng rng;
};

struct faults *
faults_new(uint64_t seed)
{
    struct faults *faults = calloc(1, sizeof *faults);

    if (faults != NULL)
        faults->rng.state = seed;
    return faults;
}

void
faults_clear(struct faults *faults)
{
    for (uint32_t i = 0; i < faults->n; i++)
        free(faults->rules[i]);
    faults->n = 0;
}

void
faults_free(struct faults *faults)
{
    if (faults == NULL)
        return;
    faults_clear(faults);
    free(faults->rules);
    free(faults);
}

bool
faults_is_empty(const struct faults *faults)
{
    return faults->n == 0;
}

static bool
is_decision(const struct directive *directive)
{
    return directive->action <= ACTION_STALL;
}

static bool
is_same_condition(const struct directive *a, const struct directive *b)
{
    if (a->when != b->when)
        return false;
    switch (a->when) {
    case WHEN_ALWAYS:
        return true;
    case WHEN_RATE:
        return a->probability >= b->probability &&
               a->probability <= b->probability;
    case WHEN_TOKENS:
        return a->token_len == b->token_len &&
               memcmp(a->token, b->token, a->token_len) == 0 &&
               memcmp(a->last_token, b->last_token, a->token_len) == 0;
    case WHEN_TOKEN:
        return a->token_len == b->token_len &&
               memcmp(a->token, b->token, a->token_len) == 0;
    case WHEN_CERT:
        return strcasecmp(a->serial, b->serial) == 0;
    case WHEN_TOPIC:
        return strcmp(a->topic, b->topic) == 0;
    default:
        return a->n == b->n;
    }
}

static bool
replaces(const struct directive *newer, const struct directive *older)
{
    if (!is_same_condition(newer, older))
        return false;
    return is_decision(newer) ? is_decision(older)
                              : newer->action == older->action;
}

static bool
remove_replaced(struct faults *faults, const struct directive *directive)
{
    for (uint32_t i = 0; i < faults->n; i++) {
        if (!replaces(directive, &faults->rules[i]->directive))
            continue;
        free(faults->rules[i]);
        faults->n--;
        memmove(&faults->rules[i], &faults->rules[i + 1],
                (faults->n - i) * sizeof(struct rule *));
        return true;
    }
    return false;
}

/* A directive that says how things are anyway. */
static bool
is_normal(const struct directive *directive)
{
    if (directive->action == ACTION_LATENCY)
        return directive->latency_max_ms == 0;
    return directive->action == ACTION_ANSWER && directive->status == 200;
}

bool
faults_add(struct faults *faults, const struct directive *directive)
{
    bool was_there = remove_replaced(faults, directive);
    struct rule *rule;

    /* With a condition it may be the exception to another rule. */
    if (is_normal(directive) && (was_there || directive->when == WHEN_ALWAYS))
        return true;
    if (faults->n >= FAULTS_MAX_RULES)
        return false;
    if (faults->n == faults->max) {
        uint32_t max = faults->max * 2 + 16;
        struct rule **rules;

        rules = realloc(faults->rules, max * sizeof(struct rule *));
        if (rules == NULL)
            return false;
        faults->rules = rules;
        faults->max = max;
    }
    if ((rule = calloc(1, sizeof *rule)) == NULL)
        return false;
    rule->directive = *directive;
    faults->rules[faults->n++] = rule;
    return true;
}

static bool
fits(struct faults *faults, struct rule *rule, const struct faults_push *push)
{
    const struct directive *directive = &rule->directive;

    switch (directive->when) {
    case WHEN_ALWAYS:
        return true;
    case WHEN_EVERY:
        return rule->n_seen % directive->n == 0;
    case WHEN_AFTER:
        return rule->n_seen > directive->n;
    case WHEN_FIRST:
        return rule->n_seen <= directive->n;
    case WHEN_NTH:
        return push->number == directive->n;
    case WHEN_RATE:
        return rng_unit(&faults->rng) < directive->probability;
    case WHEN_TOKEN:
        return directive->token_len == push->token_len &&
               memcmp(directive->token, push->token, push->token_len) == 0;
    case WHEN_TOKENS:
        return directive->token_len <= push->token_len &&
               memcmp(push->token, directive->token, directive->token_len) >=
                   0 &&
               memcmp(push->token, directive->last_token,
                      directive->token_len) <= 0;
    case WHEN_CERT:
        return push->serial != NULL &&
               strcasecmp(directive->serial, push->serial) == 0;
    case WHEN_TOPIC:
        return strcmp(directive->topic, push->topic) == 0;
    }
    return false;
}

static void
note_once(struct rule *rule, struct faults_met *met)
{
    if (rule->is_spent || met->n_once == FAULTS_MAX_ONCE)
        return;
    rule->is_spent = rule->directive.when == WHEN_AFTER;
    met->once[met->n_once++] = &rule->directive;
}

void
faults_meet(struct faults *faults, const struct faults_push *push,
            struct faults_met *met)
{
    const struct directive *latency = NULL;

    *met = (struct faults_met){.decision = NULL};
    for (uint32_t i = 0; i < faults->n; i++) {
        struct rule *rule = faults->rules[i];
        const struct directive *directive = &rule->directive;

        rule->n_seen++;
        if (!fits(faults, rule, push))
            continue;
        if (is_decision(directive))
            met->decision = directive;
        else if (directive->action == ACTION_LATENCY)
            latency = directive;
        else
            note_once(rule, met);
    }
    if (latency == NULL)
        return;
    met->latency_ms = latency->latency_min_ms;
    if (latency->latency_max_ms > latency->latency_min_ms)
        met->latency_ms +=
            (uint32_t)rng_below(&faults->rng, latency->latency_max_ms -
                                                  latency->latency_min_ms + 1);
}
