/* SPDX-License-Identifier: MIT */
#include "directive.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/number.h"

#define MAX_WORDS 8

/* The line in words, and how far they were read. */
struct words {
    char text[DIRECTIVE_MAX_LINE];
    char *word[MAX_WORDS];
    int n, next;
    char *error;
};

static bool complain(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool
complain(struct words *words, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(words->error, DIRECTIVE_MAX_ERROR, format, ap);
    va_end(ap);
    return false;
}

static bool
split(struct words *words, const char *line)
{
    size_t len = strlen(line);
    char *save = NULL;

    if (len >= sizeof words->text)
        return complain(words, "longer than %d bytes", DIRECTIVE_MAX_LINE);
    memcpy(words->text, line, len + 1);
    for (char *word = strtok_r(words->text, " \t\r", &save); word != NULL;
         word = strtok_r(NULL, " \t\r", &save)) {
        if (words->n == MAX_WORDS)
            return complain(words, "more than %d words", MAX_WORDS);
        words->word[words->n++] = word;
    }
    return true;
}

static const char *
peek(const struct words *words)
{
    return words->next < words->n ? words->word[words->next] : NULL;
}

/* Take the next word; ${what} names it in the error when there is none. */
static bool
take(struct words *words, const char *what, const char **word)
{
    if ((*word = peek(words)) == NULL)
        return complain(words, "%s is missing", what);
    words->next++;
    return true;
}

static bool
read_number(struct words *words, const char *what, const char *text,
            uint64_t min, uint64_t max, uint64_t *number)
{
    if (!number_read(text, min, max, number))
        return complain(words,
                        "%s is `%.40s`, but must be a number from %" PRIu64
                        " to %" PRIu64,
                        what, text, min, max);
    return true;
}

static bool
take_number(struct words *words, const char *what, uint64_t min, uint64_t max,
            uint64_t *number)
{
    const char *text;

    return take(words, what, &text) &&
           read_number(words, what, text, min, max, number);
}

static bool
take_u32(struct words *words, const char *what, uint32_t *number)
{
    uint64_t wide;

    if (!take_number(words, what, 0, UINT32_MAX, &wide))
        return false;
    *number = (uint32_t)wide;
    return true;
}

static bool
take_token(struct words *words, struct directive *directive)
{
    struct field_text text;

    if (!take(words, "the token", &text.at))
        return false;
    text.len = strlen(text.at);
    directive->token_len = field_token_read(text, directive->token);
    if (directive->token_len == 0)
        return complain(words, "the token must be 2 to %d hex digits",
                        2 * FIELD_MAX_TOKEN);
    return true;
}

/* The first and the last one, or what they begin with. */
static bool
take_range(struct words *words, struct directive *directive)
{
    struct field_text first, last;
    const char *text, *dots;
    uint16_t last_len;
    bool is_zero;

    if (!take(words, "the range of tokens", &text))
        return false;
    if ((dots = strstr(text, "..")) == NULL)
        return complain(words, "the range of tokens has no `..`");
    first = (struct field_text){.at = text, .len = (size_t)(dots - text)};
    last = (struct field_text){.at = dots + 2, .len = strlen(dots + 2)};
    directive->token_len = field_bytes_read(first, directive->token, &is_zero);
    last_len = field_bytes_read(last, directive->last_token, &is_zero);
    if (directive->token_len == 0 || directive->token_len != last_len)
        return complain(words,
                        "the tokens must be 2 to %d hex digits, as many "
                        "before as behind the dots",
                        2 * FIELD_MAX_TOKEN);
    return true;
}

static bool
copy_word(struct words *words, const char *what, const char *word, char *to,
          size_t max)
{
    size_t len = strlen(word);

    if (len > max)
        return complain(words, "%s is longer than %zu bytes", what, max);
    memcpy(to, word, len + 1);
    return true;
}

/* The reason goes into JSON as it is, so it must need no escaping. */
static bool
copy_reason(struct words *words, const char *word, struct directive *directive)
{
    if (strpbrk(word, "\"\\") != NULL)
        return complain(words, "the reason holds a quote or backslash");
    return copy_word(words, "the reason", word, directive->reason,
                     DIRECTIVE_MAX_REASON);
}

/*
 * Conditions.
 */

static bool
take_probability(struct words *words, struct directive *directive)
{
    const char *text;
    char *end;

    if (!take(words, "the rate", &text))
        return false;
    directive->probability = strtod(text, &end);
    if (end == text || *end != '\0' ||
        !(directive->probability >= 0 && directive->probability <= 1))
        return complain(words, "the rate is `%.40s`, but must be from 0 to 1",
                        text);
    return true;
}

static bool
take_condition(struct words *words, struct directive *directive)
{
    static const struct {
        const char *word;
        enum directive_when when;
    } conditions[] = {
        {"every", WHEN_EVERY},   {"after", WHEN_AFTER}, {"first", WHEN_FIRST},
        {"nth", WHEN_NTH},       {"rate", WHEN_RATE},   {"token", WHEN_TOKEN},
        {"tokens", WHEN_TOKENS}, {"topic", WHEN_TOPIC}, {"cert", WHEN_CERT},
    };
    const char *word = peek(words), *topic;

    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++)
        if (word != NULL && strcmp(word, conditions[i].word) == 0)
            directive->when = conditions[i].when;
    /* `token HEX` alone is not a condition but a question. */
    if (directive->when == WHEN_TOKEN && words->n == 2)
        directive->when = WHEN_ALWAYS;
    if (directive->when == WHEN_ALWAYS)
        return true;
    words->next++;
    switch (directive->when) {
    case WHEN_RATE:
        return take_probability(words, directive);
    case WHEN_TOKEN:
        return take_token(words, directive);
    case WHEN_TOKENS:
        return take_range(words, directive);
    case WHEN_CERT:
        return take(words, "the serial number", &topic) &&
               copy_word(words, "the serial number", topic, directive->serial,
                         DIRECTIVE_MAX_SERIAL);
    case WHEN_TOPIC:
        return take(words, "the topic", &topic) &&
               copy_word(words, "the topic", topic, directive->topic,
                         FIELD_MAX_TOPIC);
    default:
        return take_number(words, word, directive->when != WHEN_AFTER,
                           UINT64_MAX / 2, &directive->n);
    }
}

/*
 * Actions: one reader each for what follows the action's word.
 */

static bool
read_nothing(struct words *words, struct directive *directive)
{
    (void)words;
    (void)directive;
    return true;
}

static bool
read_answer(struct words *words, struct directive *directive)
{
    const char *word;
    uint64_t number;

    if (!take_number(words, "the status", 200, 599, &number) ||
        !take(words, "the reason (or -)", &word))
        return false;
    directive->status = (uint16_t)number;
    if (strcmp(word, "-") != 0 && !copy_reason(words, word, directive))
        return false;
    while ((word = peek(words)) != NULL) {
        int64_t *place;

        if (strncmp(word, "timestamp=", 10) == 0)
            place = &directive->timestamp_ms;
        else if (strncmp(word, "retry-after=", 12) == 0)
            place = &directive->retry_after_s;
        else
            return true;
        if (!read_number(words, word, strchr(word, '=') + 1, 0, INT64_MAX,
                         &number))
            return false;
        *place = (int64_t)number;
        words->next++;
    }
    return true;
}

static bool
read_last(struct words *words, const char *text, struct directive *directive)
{
    uint64_t number;

    if (strcmp(text, "all") == 0) {
        directive->last = LAST_ALL;
    } else if (strcmp(text, "none") == 0) {
        directive->last = LAST_NONE;
    } else {
        if (!read_number(words, "last", text, 0, INT32_MAX, &number))
            return false;
        directive->last = LAST_NUMBER;
        directive->last_stream_id = (uint32_t)number;
    }
    return true;
}

static bool
read_goaway(struct words *words, struct directive *directive)
{
    const char *word;
    uint64_t number;

    for (; (word = peek(words)) != NULL; words->next++) {
        if (strncmp(word, "reason=", 7) == 0) {
            if (!copy_reason(words, word + 7, directive))
                return false;
        } else if (strncmp(word, "last=", 5) == 0) {
            if (!read_last(words, word + 5, directive))
                return false;
        } else if (strncmp(word, "code=", 5) == 0) {
            if (!read_number(words, "code", word + 5, 0, UINT32_MAX, &number))
                return false;
            directive->number = (uint32_t)number;
        } else {
            return true;
        }
    }
    return true;
}

static bool
read_code(struct words *words, struct directive *directive)
{
    return take_u32(words, "the error code", &directive->number);
}

static bool
read_count(struct words *words, struct directive *directive)
{
    return take_u32(words, "the number", &directive->number);
}

static bool
read_latency(struct words *words, struct directive *directive)
{
    const char *text;
    char *dots;
    uint64_t min, max;

    if (!take(words, "the latency in ms", &text))
        return false;
    if ((dots = strstr(text, "..")) != NULL)
        *dots = '\0';
    if (!read_number(words, "the latency", text, 0, DIRECTIVE_MAX_LATENCY,
                     &min))
        return false;
    max = min;
    if (dots != NULL && !read_number(words, "the upper latency", dots + 2, min,
                                     DIRECTIVE_MAX_LATENCY, &max))
        return false;
    directive->latency_min_ms = (uint32_t)min;
    directive->latency_max_ms = (uint32_t)max;
    return true;
}

/* The longest latency there is: until somebody says `release`. */
static bool
read_hold(struct words *words, struct directive *directive)
{
    (void)words;
    directive->latency_min_ms = DIRECTIVE_MAX_LATENCY;
    directive->latency_max_ms = DIRECTIVE_MAX_LATENCY;
    return true;
}

static bool
read_alert(struct words *words, struct directive *directive)
{
    static const char *const names[] = {
        [ALERT_OFF] = "off",
        [ALERT_EXPIRED] = "expired",
        [ALERT_REVOKED] = "revoked",
        [ALERT_UNKNOWN_CA] = "unknown-ca",
        [ALERT_BAD_CERTIFICATE] = "bad-certificate",
        [ALERT_INTERNAL_ERROR] = "internal-error",
        [ALERT_ACCESS_DENIED] = "access-denied",
    };
    const char *word;

    if (!take(words, "the alert", &word))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(word, names[i]) == 0) {
            directive->alert = (enum directive_alert)i;
            return true;
        }
    }
    return complain(words, "there is no alert `%.40s`", word);
}

static bool
read_switch(struct words *words, struct directive *directive)
{
    const char *word;

    if (!take(words, "on or off", &word))
        return false;
    directive->is_on = strcmp(word, "on") == 0;
    if (!directive->is_on && strcmp(word, "off") != 0)
        return complain(words, "`%.40s` is neither on nor off", word);
    return true;
}

/* So many, or all. */
static bool
read_release(struct words *words, struct directive *directive)
{
    return peek(words) == NULL ||
           take_number(words, "the number", 1, UINT64_MAX / 2, &directive->n);
}

static bool
read_path(struct words *words, struct directive *directive)
{
    const char *word = peek(words);

    if (word == NULL)
        return true;
    words->next++;
    return copy_word(words, "the file name", word, directive->path,
                     DIRECTIVE_MAX_PATH);
}

static bool
take_action(struct words *words, struct directive *directive)
{
    static const struct {
        const char *word;
        enum directive_action action;
        bool (*read)(struct words *words, struct directive *directive);
    } actions[] = {
        {"answer", ACTION_ANSWER, read_answer},
        {"goaway", ACTION_GOAWAY, read_goaway},
        {"refuse", ACTION_REFUSE, read_nothing},
        {"reset", ACTION_RESET, read_code},
        {"stall", ACTION_STALL, read_nothing},
        {"close", ACTION_CLOSE, read_nothing},
        {"mute", ACTION_MUTE, read_nothing},
        {"latency", ACTION_LATENCY, read_latency},
        {"hold", ACTION_LATENCY, read_hold},
        {"max-streams", ACTION_MAX_STREAMS, read_count},
        {"tls-alert", ACTION_TLS_ALERT, read_alert},
        {"environment", ACTION_ENVIRONMENT, read_switch},
        {"no-settings", ACTION_NO_SETTINGS, read_switch},
        {"no-ping-ack", ACTION_NO_PING_ACK, read_switch},
        {"need-headers", ACTION_NEED_HEADERS, read_switch},
        {"conn-cap", ACTION_CONN_CAP, read_count},
        {"accept", ACTION_ACCEPT, read_switch},
        {"reset-faults", ACTION_RESET_FAULTS, read_nothing},
        {"release", ACTION_RELEASE, read_release},
        {"forget", ACTION_FORGET, read_nothing},
        {"stats", ACTION_STATS, read_nothing},
        {"ledger", ACTION_LEDGER, read_path},
        {"token", ACTION_TOKEN, take_token},
    };
    const char *word;

    if (!take(words, "the action", &word))
        return false;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(word, actions[i].word) != 0)
            continue;
        directive->action = actions[i].action;
        if (directive->action >= ACTION_RESET_FAULTS &&
            directive->when != WHEN_ALWAYS)
            return complain(words, "`%s` takes no condition", word);
        return actions[i].read(words, directive);
    }
    return complain(words, "there is no action `%.40s`", word);
}

bool
directive_read(const char *line, struct directive *directive, char *error)
{
    struct words words = {.error = error};
    const char *rest;

    *directive = (struct directive){.timestamp_ms = -1, .retry_after_s = -1};
    error[0] = '\0';
    if (!split(&words, line) || !take_condition(&words, directive) ||
        !take_action(&words, directive))
        return false;
    if ((rest = peek(&words)) != NULL)
        return complain(&words, "unexpected word `%.40s`", rest);
    return true;
}

bool
directive_is_blank(const char *line)
{
    line += strspn(line, " \t\r\n");
    return *line == '\0' || *line == '#';
}
