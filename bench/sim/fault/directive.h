/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_DIRECTIVE_H
#define ROUSE_SIM_DIRECTIVE_H

/*
 * One line of a script or of the control socket, read into a value. Pure.
 *
 *     [every N | after N | first N | nth N | rate P | token HEX |
 *      tokens HEX..HEX | topic T | cert SERIAL]
 *     ACTION
 *
 * directive_help() is the whole grammar.
 */

#include <stdbool.h>
#include <stdint.h>

#include "bench/sim/push/field.h"

#define DIRECTIVE_MAX_LINE    4096    /* bytes, newline included */
#define DIRECTIVE_MAX_REASON  63      /* bytes of a reason */
#define DIRECTIVE_MAX_PATH    1023    /* bytes of a file name */
#define DIRECTIVE_MAX_SERIAL  64      /* hex digits; a CA has 40 at most */
#define DIRECTIVE_MAX_LATENCY 3600000 /* ms */
#define DIRECTIVE_MAX_ERROR   160 /* bytes of an error's text, NUL included */

enum directive_when {
    WHEN_ALWAYS, /* no condition */
    WHEN_EVERY,  /* each n-th push */
    WHEN_AFTER,  /* every push after the n-th; once, if it acts once */
    WHEN_FIRST,  /* the first n pushes */
    WHEN_NTH,    /* the n-th push of each connection */
    WHEN_RATE,   /* with this probability */
    WHEN_TOKEN,  /* pushes to this token */
    WHEN_TOKENS, /* to tokens that begin with bytes from here to there */
    WHEN_TOPIC,  /* pushes for this topic */
    WHEN_CERT,   /* pushes under the certificate with this serial number */
};

enum directive_action {
    ACTION_ANSWER, /* these four decide what becomes of a push */
    ACTION_REFUSE,
    ACTION_RESET,
    ACTION_STALL,
    ACTION_LATENCY,
    ACTION_GOAWAY, /* from here on: done once, at once */
    ACTION_CLOSE,
    ACTION_MUTE,
    ACTION_MAX_STREAMS,
    ACTION_TLS_ALERT,
    ACTION_ENVIRONMENT,
    ACTION_NO_SETTINGS,
    ACTION_NO_PING_ACK,
    ACTION_NEED_HEADERS,
    ACTION_CONN_CAP,
    ACTION_ACCEPT,
    ACTION_RESET_FAULTS, /* from here on: without a condition only */
    ACTION_RELEASE,
    ACTION_FORGET,
    ACTION_STATS,
    ACTION_LEDGER,
    ACTION_TOKEN,
};

enum directive_last {
    LAST_ALL,    /* GOAWAY's last-stream-id: the newest stream */
    LAST_NONE,   /* 0 */
    LAST_NUMBER, /* as given */
};

enum directive_alert {
    ALERT_OFF,
    ALERT_EXPIRED,
    ALERT_REVOKED,
    ALERT_UNKNOWN_CA,
    ALERT_BAD_CERTIFICATE,
    ALERT_INTERNAL_ERROR,
    ALERT_ACCESS_DENIED,
};

struct directive {
    enum directive_when when;
    enum directive_action action;
    uint64_t n;         /* EVERY, AFTER, FIRST, NTH; RELEASE: 0 is all */
    double probability; /* RATE */
    uint16_t token_len; /* WHEN_TOKEN, ACTION_TOKEN; WHEN_TOKENS: of both */
    uint8_t token[FIELD_MAX_TOKEN];
    uint8_t last_token[FIELD_MAX_TOKEN]; /* WHEN_TOKENS */
    char topic[FIELD_MAX_TOPIC + 1];
    char serial[DIRECTIVE_MAX_SERIAL + 1]; /* CERT */

    uint16_t status;                       /* ANSWER */
    char reason[DIRECTIVE_MAX_REASON + 1]; /* ANSWER, GOAWAY; "": none */
    int64_t timestamp_ms;                  /* ANSWER; -1: none given */
    int64_t retry_after_s;                 /* ANSWER; -1: none */
    enum directive_last last;              /* GOAWAY */
    enum directive_alert alert;            /* TLS_ALERT */
    uint32_t number; /* GOAWAY code, RESET code, MAX_STREAMS, CONN_CAP */
    uint32_t last_stream_id; /* GOAWAY with LAST_NUMBER */
    uint32_t latency_min_ms; /* LATENCY */
    uint32_t latency_max_ms;
    bool is_on;                        /* the on|off switches */
    char path[DIRECTIVE_MAX_PATH + 1]; /* LEDGER; "": totals only */
};

/**
 * directive_read(line, directive, error):
 * Read one directive; ${line} has no newline.
 *
 *   returns  false when it cannot be read; then ${error}, a buffer of
 *            DIRECTIVE_MAX_ERROR bytes, names the word that is wrong
 */
bool directive_read(const char *line, struct directive *directive, char *error);

/** directive_is_blank(line): nothing but spaces, or a comment with #. */
bool directive_is_blank(const char *line);

/** directive_help(): the grammar, for people; static. */
const char *directive_help(void);

#endif /* ROUSE_SIM_DIRECTIVE_H */
