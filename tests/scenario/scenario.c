/* SPDX-License-Identifier: MIT */
#include "tests/scenario/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/scenario/fake_apns.h"
#include "tests/scenario/world.h"

#define TOPIC "com.apple.mgmt.a" /* where none is given */

bool
scenario_fail(struct words *words, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(words->failure, words->failure_size, format, args);
    va_end(args);
    return false;
}

const char *
scenario_value(const struct words *words, const char *name)
{
    size_t len = strlen(name);

    for (int i = 1; i < words->n; i++)
        if (strncmp(words->word[i], name, len) == 0 &&
            words->word[i][len] == '=')
            return words->word[i] + len + 1;
    return NULL;
}

int64_t
scenario_span(const char *text)
{
    char *unit;
    int64_t n = strtoll(text, &unit, 10);

    switch (*unit) {
    case 'd':
        return n * 86400000;
    case 'h':
        return n * 3600000;
    case 'm':
        return unit[1] == 's' ? n : n * 60000;
    default:
        return n * 1000;
    }
}

static int64_t
span_value(const struct words *words, const char *name)
{
    const char *value = scenario_value(words, name);

    return value != NULL ? scenario_span(value) : 0;
}

static const char *
topic_value(const struct words *words)
{
    const char *topic = scenario_value(words, "topic");

    return topic != NULL ? topic : TOPIC;
}

/* The words that are ids: no "=" in them. */
static size_t
ids_of(const struct words *words, const char **ids)
{
    size_t n = 0;

    for (int i = 1; i < words->n; i++)
        if (strchr(words->word[i], '=') == NULL)
            ids[n++] = words->word[i];
    return n;
}

/* cert SERIAL [topic=T] [until=SPAN] */
static bool
do_cert(struct world *world, struct words *words)
{
    struct rouse_import import = {.by = "tester"};
    char pem[256];

    if (scenario_value(words, "until") != NULL)
        snprintf(
            pem, sizeof pem, "%s %s u%lld", topic_value(words), words->word[1],
            (long long)(world->now_ms + span_value(words, "until")) / 1000);
    else
        snprintf(pem, sizeof pem, "%s %s", topic_value(words), words->word[1]);
    world->err = rouse_cert_import(world->rouse, pem, strlen(pem), &import,
                                   world_on_import, world);
    return true;
}

/* enroll ID… [topic=T], token ID… */
static bool
do_token(struct world *world, struct words *words)
{
    const char *ids[SCENARIO_MAX_WORDS];
    size_t n = ids_of(words, ids);

    for (size_t i = 0; i < n; i++) {
        struct world_device *device = world_device(world, ids[i]);

        if (device->topic[0] == '\0')
            snprintf(device->topic, sizeof device->topic, "%s",
                     topic_value(words));
        device->version++;
        world_checkin(world, device, "TokenUpdate");
    }
    return true;
}

/* checkin TYPE ID */
static bool
do_checkin(struct world *world, struct words *words)
{
    world_checkin(world, world_device(world, words->word[2]), words->word[1]);
    return true;
}

/* wake ID… [due=SPAN] [deadline=SPAN] */
static bool
do_wake(struct world *world, struct words *words)
{
    const char *ids[SCENARIO_MAX_WORDS];
    size_t n = ids_of(words, ids);
    struct rouse_wake_terms terms = {0};

    if (scenario_value(words, "due") != NULL)
        terms.due_ms = world->now_ms + span_value(words, "due");
    if (scenario_value(words, "deadline") != NULL)
        terms.deadline_ms = world->now_ms + span_value(words, "deadline");
    world->is_asked = false;
    world->err =
        rouse_wake(world->rouse, ids, n, &terms, world_on_asked, world);
    return true;
}

/* push ID… [wait=SPAN] */
static bool
do_push(struct world *world, struct words *words)
{
    const char *ids[SCENARIO_MAX_WORDS];
    size_t n = ids_of(words, ids);

    world->is_asked = false;
    world->err =
        rouse_push(world->rouse, ids, n, NULL,
                   (uint32_t)span_value(words, "wait"), world_on_asked, world);
    return true;
}

/* wave [topic=T] [pace=N] [deadline=SPAN] [until=check-in] [times=N] */
static bool
do_wave(struct world *world, struct words *words)
{
    const char *pace = scenario_value(words, "pace");
    struct rouse_filter filter = {.topic = scenario_value(words, "topic")};
    struct rouse_wave_terms terms = {.asked_by = "tester"};
    const char *times = scenario_value(words, "times");
    unsigned long n = times != NULL ? strtoul(times, NULL, 10) : 1;

    if (pace != NULL)
        terms.pace = (uint32_t)strtoul(pace, NULL, 10);
    if (scenario_value(words, "deadline") != NULL)
        terms.deadline_ms = world->now_ms + span_value(words, "deadline");
    if (scenario_value(words, "until") != NULL)
        terms.until = ROUSE_UNTIL_CHECK_IN;
    while (n-- > 0)
        world->err =
            rouse_wave_ask(world->rouse, &filter, &terms, world_on_wave, world);
    return true;
}

static bool
do_cancel(struct world *world, struct words *words)
{
    (void)words;
    world->err =
        rouse_wave_cancel(world->rouse, world->wave, world_on_done, world);
    return true;
}

/* answer ID|* STATUS REASON [times=N] [retry-after=SPAN] [died=SPAN] */
static bool
do_answer(struct world *world, struct words *words)
{
    struct fake_answer answer = {0};
    const char *times = scenario_value(words, "times");

    if (strcmp(words->word[1], "*") != 0)
        snprintf(answer.device, sizeof answer.device, "%s", words->word[1]);
    answer.status = (uint16_t)strtoul(words->word[2], NULL, 10);
    snprintf(answer.reason, sizeof answer.reason, "%s", words->word[3]);
    answer.n_times = times != NULL ? (uint32_t)strtoul(times, NULL, 10) : 0;
    answer.retry_after_s = (uint32_t)(span_value(words, "retry-after") / 1000);
    if (scenario_value(words, "died") != NULL)
        answer.timestamp_ms = world->now_ms + span_value(words, "died");
    fake_apns_answer(&answer);
    return true;
}

/* hold | release: APNs' answers */
static bool
do_hold(struct world *world, struct words *words)
{
    (void)world;
    fake_apns_hold(strcmp(words->word[0], "hold") == 0);
    return true;
}

static bool
do_queue(struct world *world, struct words *words)
{
    (void)world;
    fake_apns_queue((uint32_t)strtoul(words->word[1], NULL, 10));
    return true;
}

static bool
do_window(struct world *world, struct words *words)
{
    world->config.window = (uint32_t)strtoul(words->word[1], NULL, 10);
    rouse_reload(world->rouse, &world->config);
    return true;
}

static bool
do_pace(struct world *world, struct words *words)
{
    world->config.pace = (uint32_t)strtoul(words->word[1], NULL, 10);
    rouse_reload(world->rouse, &world->config);
    return true;
}

/* identity ready|stopped|probing|removed [WHY] [topic=T] */
static bool
do_identity(struct world *world, struct words *words)
{
    const char *topic = topic_value(words);
    const char *why = words->n > 2 ? words->word[2] : "";

    (void)world;
    if (strcmp(words->word[1], "removed") == 0)
        fake_apns_remove(topic);
    else if (strcmp(words->word[1], "ready") == 0)
        fake_apns_identity(topic, APNS_IDENTITY_READY, why);
    else if (strcmp(words->word[1], "probing") == 0)
        fake_apns_identity(topic, APNS_IDENTITY_PROBING, why);
    else
        fake_apns_identity(topic, APNS_IDENTITY_STOPPED, why);
    return true;
}

/* host NAME: of APNs, from the next start on */
static bool
do_host(struct world *world, struct words *words)
{
    snprintf(world->host, sizeof world->host, "%s", words->word[1]);
    world->config.apns.host = world->host;
    return true;
}

static bool
do_disk(struct world *world, struct words *words)
{
    (void)world;
    world_disk(strcmp(words->word[1], "full") == 0);
    return true;
}

static bool
do_advance(struct world *world, struct words *words)
{
    world_advance(world, scenario_span(words->word[1]));
    return true;
}

/* clock SPAN | clock -SPAN: it is set */
static bool
do_clock(struct world *world, struct words *words)
{
    const char *span = words->word[1];

    world->now_ms +=
        span[0] == '-' ? -scenario_span(span + 1) : scenario_span(span);
    return true;
}

static bool
do_restart(struct world *world, struct words *words)
{
    (void)words;
    world_stop(world);
    world_start(world);
    return true;
}

static bool
do_crash(struct world *world, struct words *words)
{
    (void)words;
    world_crash(world);
    return true;
}

static void
on_drained(void *arg)
{
    struct world *world = arg;

    world->is_drained = true;
}

static bool
do_drain(struct world *world, struct words *words)
{
    (void)words;
    rouse_drain(world->rouse, on_drained, world);
    return true;
}

static const struct {
    const char *name;
    int least; /* words */
    bool (*run)(struct world *world, struct words *words);
} directives[] = {
    {"cert", 2, do_cert},         {"enroll", 2, do_token},
    {"token", 2, do_token},       {"checkin", 3, do_checkin},
    {"wake", 2, do_wake},         {"push", 2, do_push},
    {"wave", 1, do_wave},         {"cancel", 1, do_cancel},
    {"answer", 4, do_answer},     {"hold", 1, do_hold},
    {"release", 1, do_hold},      {"queue", 2, do_queue},
    {"window", 2, do_window},     {"pace", 2, do_pace},
    {"identity", 2, do_identity}, {"disk", 2, do_disk},
    {"host", 2, do_host},         {"advance", 2, do_advance},
    {"restart", 1, do_restart},   {"clock", 2, do_clock},
    {"crash", 1, do_crash},       {"drain", 1, do_drain},
    {"expect", 3, expect_run},
};

bool
scenario_run(struct world *world, char *line, char *failure, size_t size)
{
    struct words words = {.failure = failure, .failure_size = size};
    char *rest = NULL;

    line[strcspn(line, "#\n")] = '\0';
    for (char *word = strtok_r(line, " ", &rest);
         word != NULL && words.n < SCENARIO_MAX_WORDS;
         word = strtok_r(NULL, " ", &rest))
        words.word[words.n++] = word;
    if (words.n == 0)
        return true;
    for (size_t i = 0; i < sizeof directives / sizeof directives[0]; i++) {
        bool is_good;

        if (strcmp(words.word[0], directives[i].name) != 0)
            continue;
        if (words.n < directives[i].least)
            return scenario_fail(&words, "too few words");
        is_good = directives[i].run(world, &words);
        world_run(world);
        return is_good;
    }
    return scenario_fail(&words, "no such directive: %s", words.word[0]);
}

void
scenario_do(struct world *world, const char *line)
{
    char copy[256];
    char failure[512] = "";

    snprintf(copy, sizeof copy, "%s", line);
    if (!scenario_run(world, copy, failure, sizeof failure))
        fail_msg("%s: %s", line, failure);
}
