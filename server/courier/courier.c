/* SPDX-License-Identifier: MIT */
#include "server/courier/courier.h"

#include <ev.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/clock.h"
#include "apns/base/event.h"
#include "apns/base/rng.h"
#include "apns/base/text.h"
#include "server/courier/hook_command.h"
#include "server/courier/hook_post.h"
#include "server/courier/parcel.h"
#include "store/store.h"

#define MAX_SLEEP_MS 60000 /* so that a clock that was set is noticed */
#define MAX_LINE     1024

/*
 * One channel. From idle to the next message and back:
 *
 *   IDLE -> ASKING -> SENDING -> SETTLING -> ASKING …
 *             |-> IDLE (none) or WAITING (not due, or the store fails)
 */
enum lane_state {
    LANE_IDLE,
    LANE_WAITING, /* for its timer */
    LANE_ASKING,  /* the store */
    LANE_SENDING,
    LANE_SETTLING, /* the store */
};

struct lane {
    struct courier *courier;
    enum courier_channel channel;
    bool is_used;
    bool is_stirred; /* while it asked: ask again */
    enum lane_state state;
    ev_timer timer;
    int64_t message; /* in SENDING and SETTLING */
    int64_t alert;
    uint32_t attempt; /* failures before this one */
    char *body;       /* owned */
};

struct courier {
    struct ev_loop *loop;
    struct store *store;
    struct courier_config config; /* owns its texts */
    struct hook_post *post;
    struct hook_command *command;
    struct lane lanes[COURIER_N_CHANNELS];
    struct rng rng;
    bool is_closed;
};

static const char *
word_of(const struct lane *lane)
{
    static const char *const words[] = {
#define X(name, word) word,
        COURIER_CHANNELS(X)
#undef X
    };

    return words[lane->channel];
}

__attribute__((format(printf, 3, 4))) static void
say(const struct courier *courier, enum apns_log_level level,
    const char *format, ...)
{
    char line[MAX_LINE];
    va_list args;

    if (courier->config.log == NULL)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    courier->config.log(courier->config.log_arg, level, line);
}

static int64_t
now_ms(const struct courier *courier)
{
    if (courier->config.now_ms != NULL)
        return courier->config.now_ms(courier->config.now_arg);
    return clock_unix_ms();
}

/*
 * The way of a message.
 */

static void ask(struct lane *lane);

static void
wait_for(struct lane *lane, int64_t ms)
{
    if (ms > MAX_SLEEP_MS)
        ms = MAX_SLEEP_MS;
    lane->state = LANE_WAITING;
    ev_timer_set(&lane->timer, (double)ms / 1000.0, 0.0);
    ev_timer_start(lane->courier->loop, &lane->timer);
}

static void
on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop;
    (void)revents;
    ask(timer->data);
}

static void
on_settled(void *arg, enum store_err err)
{
    struct lane *lane = arg;
    struct courier *courier = lane->courier;

    if (courier->is_closed)
        return;
    /* What the store did not take is delivered again: better than never. */
    if (err != STORE_OK && err != STORE_ENOTFOUND) {
        say(courier, APNS_LOG_ERROR, EVENT_OUTBOX_NOT_WRITTEN " err=%s",
            store_err_name(err));
        wait_for(lane, MAX_SLEEP_MS);
        return;
    }
    ask(lane);
}

static void
give_up(struct lane *lane, const char *why)
{
    struct courier *courier = lane->courier;
    char detail[COURIER_WHY + 64];
    char subject[32];
    struct store_event event = {
        .at_ms = now_ms(courier),
        .kind = "alert.undelivered",
        .subject = subject,
        .actor = "rouse",
        .detail = detail,
    };

    snprintf(subject, sizeof subject, "%" PRId64, lane->alert);
    snprintf(detail, sizeof detail, "%s, given up after %d attempts: %s",
             word_of(lane), COURIER_MAX_ATTEMPTS, why);
    say(courier, APNS_LOG_ERROR,
        EVENT_ALERT_GIVEN_UP " channel=%s alert=%" PRId64 " why=\"%s\"",
        word_of(lane), lane->alert, why);
    if (store_event_add(courier->store, &event, NULL, NULL) != STORE_OK)
        say(courier, APNS_LOG_ERROR, EVENT_AUDIT_LOST);
}

static void
settle(struct lane *lane, bool is_delivered, const char *why)
{
    struct courier *courier = lane->courier;
    bool is_over = is_delivered || lane->attempt + 1 >= COURIER_MAX_ATTEMPTS;
    int64_t delay =
        parcel_delay_ms(lane->attempt + 1, rng_next_u32(&courier->rng));
    enum store_err err;

    free(lane->body);
    lane->body = NULL;
    lane->state = LANE_SETTLING;
    if (is_delivered)
        say(courier, APNS_LOG_NOTICE,
            EVENT_ALERT_DELIVERED " channel=%s alert=%" PRId64, word_of(lane),
            lane->alert);
    else if (is_over)
        give_up(lane, why);
    else
        say(courier, APNS_LOG_WARN,
            EVENT_ALERT_NOT_DELIVERED " channel=%s alert=%" PRId64
                                      " attempt=%u again_ms=%" PRId64
                                      " why=\"%s\"",
            word_of(lane), lane->alert, lane->attempt + 1, delay, why);
    err =
        is_over
            ? store_outbox_drop(courier->store, lane->message, on_settled, lane)
            : store_outbox_put_off(courier->store, lane->message,
                                   now_ms(courier) + delay, on_settled, lane);
    if (err != STORE_OK)
        wait_for(lane, MAX_SLEEP_MS);
}

static void
on_done(void *arg, bool is_delivered, const char *why)
{
    settle(arg, is_delivered, why);
}

static void
deliver(struct lane *lane, const struct store_message *message)
{
    struct courier *courier = lane->courier;
    bool is_sent = false;

    lane->state = LANE_SENDING;
    lane->message = message->id;
    lane->alert = message->alert.id;
    lane->attempt = message->attempt;
    lane->body = parcel_json(message);
    if (lane->body != NULL && strlen(lane->body) <= PARCEL_MAX)
        is_sent = lane->channel == COURIER_WEBHOOK
                      ? hook_post_send(courier->post, lane->body)
                      : hook_command_send(courier->command, lane->body);
    if (!is_sent)
        settle(lane, false, "it could not be started");
}

/* One that is due later than any delay was put off by another clock. */
static int64_t
time_until(const struct courier *courier, const struct store_message *message)
{
    int64_t left = message->due_ms - now_ms(courier);

    return left > 2 * (int64_t)PARCEL_MAX_MS ? 0 : left;
}

static void
on_next(void *arg, enum store_err err, const struct store_message *message)
{
    struct lane *lane = arg;

    if (lane->courier->is_closed)
        return;
    if (err != STORE_OK) {
        wait_for(lane, MAX_SLEEP_MS);
    } else if (message == NULL && lane->is_stirred) {
        ask(lane);
    } else if (message == NULL) {
        lane->state = LANE_IDLE;
    } else if (time_until(lane->courier, message) > 0) {
        wait_for(lane, time_until(lane->courier, message));
        if (lane->is_stirred)
            ask(lane);
    } else {
        deliver(lane, message);
    }
}

static void
ask(struct lane *lane)
{
    struct courier *courier = lane->courier;

    ev_timer_stop(courier->loop, &lane->timer);
    lane->is_stirred = false;
    lane->state = LANE_ASKING;
    if (store_outbox_next(courier->store, lane->channel, on_next, lane) !=
        STORE_OK)
        wait_for(lane, MAX_SLEEP_MS);
}

void
courier_stir(struct courier *courier)
{
    if (courier == NULL || courier->is_closed)
        return;
    for (int i = 0; i < COURIER_N_CHANNELS; i++) {
        struct lane *lane = &courier->lanes[i];

        if (!lane->is_used)
            continue;
        if (lane->state == LANE_IDLE || lane->state == LANE_WAITING)
            ask(lane);
        else
            lane->is_stirred = true; /* the others ask when they are done */
    }
}

/*
 * Life.
 */

void
courier_config_init(struct courier_config *config)
{
    *config = (struct courier_config){.timeout_s = 10};
}

uint32_t
courier_channels(const struct courier_config *config)
{
    return (config->webhook_url != NULL ? 1U << COURIER_WEBHOOK : 0) |
           (config->command != NULL ? 1U << COURIER_COMMAND : 0);
}

static const char *
check(const struct courier_config *config)
{
    if (config->webhook_url != NULL &&
        (strncmp(config->webhook_url, "https://", 8) != 0 ||
         config->webhook_url[8] == '\0'))
        return "webhook_url must begin with https://";
    if (!text_is_short(config->webhook_url, COURIER_MAX_URL))
        return "webhook_url is longer than 1023 bytes";
    if (!text_is_short(config->webhook_key, COURIER_MAX_KEY))
        return "webhook_key is longer than 1023 bytes";
    if (!text_is_short(config->command, COURIER_MAX_COMMAND))
        return "command is longer than 1023 bytes";
    if (config->timeout_s == 0 || config->timeout_s > COURIER_MAX_TIMEOUT_S)
        return "timeout_s is not within 1 and 300";
    return NULL;
}

static void
free_config(struct courier_config *config)
{
    char *key = (char *)(uintptr_t)config->webhook_key;

    if (key != NULL)
        OPENSSL_cleanse(key, strlen(key));
    free(key);
    free((void *)(uintptr_t)config->webhook_url);
    free((void *)(uintptr_t)config->webhook_ca);
    free((void *)(uintptr_t)config->webhook_proxy);
    free((void *)(uintptr_t)config->command);
}

static bool
copy_config(struct courier *courier, const struct courier_config *config)
{
    struct courier_config *copy = &courier->config;
    bool is_copied;

    *copy = *config;
    is_copied = text_copy(&copy->webhook_url, config->webhook_url, NULL);
    is_copied =
        text_copy(&copy->webhook_key, config->webhook_key, NULL) && is_copied;
    is_copied =
        text_copy(&copy->webhook_ca, config->webhook_ca, NULL) && is_copied;
    is_copied = text_copy(&copy->webhook_proxy, config->webhook_proxy, NULL) &&
                is_copied;
    return text_copy(&copy->command, config->command, NULL) && is_copied;
}

static bool
make_hooks(struct courier *courier)
{
    struct lane *lanes = courier->lanes;

    for (int i = 0; i < COURIER_N_CHANNELS; i++) {
        lanes[i].courier = courier;
        lanes[i].channel = (enum courier_channel)i;
        lanes[i].is_used = (courier_channels(&courier->config) >> i & 1) != 0;
        ev_init(&lanes[i].timer, on_timer);
        lanes[i].timer.data = &lanes[i];
    }
    if (lanes[COURIER_WEBHOOK].is_used)
        courier->post = hook_post_new(courier->loop, &courier->config, on_done,
                                      &lanes[COURIER_WEBHOOK]);
    if (lanes[COURIER_COMMAND].is_used)
        courier->command = hook_command_new(courier->loop, &courier->config,
                                            on_done, &lanes[COURIER_COMMAND]);
    return (courier->post != NULL || !lanes[COURIER_WEBHOOK].is_used) &&
           (courier->command != NULL || !lanes[COURIER_COMMAND].is_used);
}

bool
courier_new(struct ev_loop *loop, struct store *store,
            const struct courier_config *config, struct courier **out,
            char *why)
{
    const char *wrong = check(config);
    struct courier *courier;

    snprintf(why, COURIER_WHY, "%s", wrong != NULL ? wrong : "out of memory");
    if (wrong != NULL || (courier = calloc(1, sizeof *courier)) == NULL)
        return false;
    courier->loop = loop;
    courier->store = store;
    if (!copy_config(courier, config) || !make_hooks(courier)) {
        courier_close(courier);
        courier_free(courier);
        return false;
    }
    rng_seed(&courier->rng, config->seed);
    *out = courier;
    courier_stir(courier);
    return true;
}

void
courier_close(struct courier *courier)
{
    if (courier == NULL)
        return;
    courier->is_closed = true;
    for (int i = 0; i < COURIER_N_CHANNELS; i++)
        if (courier->lanes[i].courier != NULL)
            ev_timer_stop(courier->loop, &courier->lanes[i].timer);
    hook_post_free(courier->post);
    hook_command_free(courier->command);
    courier->post = NULL;
    courier->command = NULL;
}

void
courier_free(struct courier *courier)
{
    if (courier == NULL)
        return;
    for (int i = 0; i < COURIER_N_CHANNELS; i++)
        free(courier->lanes[i].body);
    free_config(&courier->config);
    free(courier);
}
