/* SPDX-License-Identifier: MIT */
#include "topics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
topics_fini(struct topics *topics)
{
    for (size_t i = 0; i < topics->n; i++) {
        free(topics->sorted[i]->refused);
        free(topics->sorted[i]);
    }
    free(topics->sorted);
    *topics = (struct topics){0};
}

/* Where ${name} is, or where it belongs. */
static size_t
place_of(const struct topics *topics, const char *name, bool *is_found)
{
    size_t low = 0;
    size_t high = topics->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, topics->sorted[middle]->name);

        if (order == 0) {
            *is_found = true;
            return middle;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    *is_found = false;
    return low;
}

struct topic *
topics_find(const struct topics *topics, const char *name)
{
    bool is_found;
    size_t place = place_of(topics, name, &is_found);

    return is_found ? topics->sorted[place] : NULL;
}

static bool
make_room(struct topics *topics)
{
    struct topic **sorted;
    size_t max = topics->max == 0 ? 16 : topics->max * 2;

    if (topics->n < topics->max)
        return true;
    if (topics->n == (size_t)TOPICS_MAX)
        return false;
    if ((sorted = realloc(topics->sorted, max * sizeof(struct topic *))) ==
        NULL)
        return false;
    topics->sorted = sorted;
    topics->max = max;
    return true;
}

struct topic *
topics_take(struct topics *topics, const char *name)
{
    struct topic *topic;
    bool is_found;
    size_t place = place_of(topics, name, &is_found);

    if (is_found)
        return topics->sorted[place];
    if (strlen(name) > APNS_MAX_TOPIC || !make_room(topics))
        return NULL;
    if ((topic = calloc(1, sizeof *topic)) == NULL)
        return NULL;
    memcpy(topic->name, name, strlen(name));
    topics_hold(topic, "no push certificate for this topic");
    memmove(&topics->sorted[place + 1], &topics->sorted[place],
            (topics->n - place) * sizeof(struct topic *));
    topics->sorted[place] = topic;
    topics->n++;
    return topic;
}

void
topics_hold(struct topic *topic, const char *why)
{
    topic->is_held = true;
    topic->is_probing = false;
    topic->n_probes = 0;
    snprintf(topic->why, sizeof topic->why, "%s", why);
}

bool
topics_release(struct topic *topic)
{
    if (!topic->is_held)
        return false;
    topic->is_held = false;
    topic->is_probing = false;
    topic->n_probes = 0;
    topic->why[0] = '\0';
    topic->n_releases++;
    return true;
}

bool
topics_all_held(const struct topics *topics)
{
    for (size_t i = 0; i < topics->n; i++)
        if (!topics->sorted[i]->is_held)
            return false;
    return true;
}
