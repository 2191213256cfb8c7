/* SPDX-License-Identifier: MIT */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

/*
 * The command line taken apart: words in their order, options wherever they
 * stand. One table for all commands, so that an option means the same
 * everywhere and may come before the word that it belongs to.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(name, text, value or NULL for a flag, help) */
#define CLI_OPTIONS(X)                                                         \
    X(HELP, "help", NULL, "show this help")                                    \
    X(VERSION, "version", NULL, "show the version")                            \
    X(JSON, "json", NULL, "print the server's JSON: one object")               \
    X(VERBOSE, "verbose", NULL, "also show the codes of refusals (or -v)")     \
    X(COLOR, "color", "WHEN", "never, auto or always; NO_COLOR: never")        \
    X(SOCKET, "socket", "PATH", "roused's socket (or ROUSE_SOCKET)")           \
    X(URL, "url", "URL", "http(s):// address of roused instead of a socket")   \
    X(KEY, "key", "KEY", "API key; ROUSE_KEY keeps it out of process lists")   \
    X(CA_FILE, "ca-file", "FILE", "trust these certificates for https")        \
    X(TOPIC, "topic", "TOPIC", "only this push topic")                         \
    X(KIND, "kind", "KIND",                                                    \
      "only these kinds, comma-separated: Device, User, ...")                  \
    X(STATE, "state", "STATE", "enabled, disabled, dead or suspect")           \
    X(SILENT_FOR, "silent-for", "SPAN", "not seen for this long, e.g. 7d")     \
    X(PARENT, "parent", "ID", "a device and its users")                        \
    X(SERIAL, "serial", "SERIAL", "only this serial number")                   \
    X(YES, "yes", NULL, "do not ask")                                          \
    X(SECRETS, "secrets", NULL,                                                \
      "include tokens and push magics, as an import needs")                    \
    X(ALL, "all", NULL, "every enabled enrollment")                            \
    X(RATE, "rate", "N/s", "at most N pushes per second")                      \
    X(DEADLINE, "deadline", "SPAN", "give up after this time, e.g. 7d")        \
    X(WAIT, "wait", NULL, "wait for completion and report the result")         \
    X(TIMEOUT, "timeout", "SPAN",                                              \
      "stop waiting after this time (10m; cert test: 1m)")                     \
    X(OPEN, "open", NULL, "only open ones")                                    \
    X(VERBS, "verbs", "A,B",                                                   \
      "read,checkin,wake,enrollments,export,pushcert,admin")                   \
    X(FOLLOW, "follow", NULL, "keep printing new events")                      \
    X(AFTER, "after", "N", "only events after number N")                       \
    X(APPLE_ACCOUNT, "apple-account", "MAIL",                                  \
      "Apple Account it was created with")                                     \
    X(NOTE, "note", "TEXT", "a note kept with the certificate")                \
    X(NEW, "new", NULL, "request a new topic; devices must enroll again")      \
    X(NAME, "name", "NAME", "name of the pending request")                     \
    X(COMMON_NAME, "common-name", "NAME", "common name in the request")        \
    X(COUNTRY, "country", "CC", "country in the request, two letters")         \
    X(EMAIL, "email", "MAIL", "e-mail address in the request")                 \
    X(SIGN, "sign", NULL, "sign it with the vendor credential in roused")      \
    X(OUTPUT, "output", "FILE", "write to this new file (or -o FILE)")         \
    X(CSR, "csr", "FILE", "the certificate request")                           \
    X(VENDOR_CERT, "vendor-cert", "FILE", "the MDM vendor certificate")        \
    X(VENDOR_KEY, "vendor-key", "FILE", "its private key, or both as PKCS#12") \
    X(CHAIN, "chain", "FILE", "issuers of the vendor certificate; repeatable") \
    X(RENEW, "renew", "TOPIC", "the topic that the certificate must renew")    \
    X(ADD, "add", NULL, "allow an additional topic")                           \
    X(REPLACE_TOPIC, "replace-topic", "TOPIC",                                 \
      "replace this topic with the new one")                                   \
    X(CONFIRM, "confirm", "N", "confirm that N enrollments go silent")         \
    X(NO_TEST, "no-test", NULL, "do not test it with APNs afterwards")         \
    X(DRY_RUN, "dry-run", NULL, "only show what would happen")                 \
    X(PASSWORD_FILE, "password-file", "FILE",                                  \
      "read the password from its first line")                                 \
    X(FILE, "file", "FILE", "test this certificate and key without an import") \
    X(ENROLLMENT, "enrollment", "ID",                                          \
      "also wake this device, wait for its check-in")                          \
    X(WITH_KEY, "with-key", NULL, "include the private key")                   \
    X(MDMCERT_KEY, "mdmcert-key", "KEY", "mdmcert.download's API key")         \
    X(PERMISSION, "permission", "P", "inherit, override or either")            \
    X(GROUP, "group", "PATH", "only this group, and those below it")           \
    X(CREATE_GROUPS, "create-groups", NULL,                                    \
      "create missing groups, without a topic of their own")                   \
    X(NO_TOPIC, "no-topic", NULL, "remove the group's own topic")              \
    X(PEM, "pem", NULL, "print only the certificate, as PEM")                  \
    X(BY_GROUP, "by-group", NULL, "one line for each group that has a topic")  \
    X(REPLAYED, "replayed", NULL, "from storage: time of sending unknown")

enum cli_option {
#define X(name, text, value, help) CLI_OPT_##name,
    CLI_OPTIONS(X)
#undef X
    CLI_N_OPTIONS
};

#define CLI_BIT(name) (UINT64_C(1) << CLI_OPT_##name)

/* Options that every command takes. */
#define CLI_COMMON                                                         \
    (CLI_BIT(HELP) | CLI_BIT(VERSION) | CLI_BIT(JSON) | CLI_BIT(VERBOSE) | \
     CLI_BIT(COLOR) | CLI_BIT(SOCKET) | CLI_BIT(URL) | CLI_BIT(KEY) |      \
     CLI_BIT(CA_FILE))

#define CLI_MAX_TOPICS 4 /* topics in one command */

struct cli_args {
    const char *values[CLI_N_OPTIONS]; /* NULL: not given; "" for a flag */
    const char **words;                /* borrowed from argv */
    size_t n_words;
    const char **chain; /* all values of --chain: it may be repeated */
    size_t n_chain;
    char unknown[64];             /* an option that there is not; "" */
    char *topics[CLI_MAX_TOPICS]; /* in the place of parts: cli_topic.h */
    size_t n_topics;
};

/**
 * cli_options_parse(args, argc, argv, why, why_size):
 * Take ${argv} apart, without its first. "--" ends the options; "-" is a
 * word. False with a line in ${why}, and the name of an option that there is
 * not in ${args->unknown}; cli_options_fini is needed either way.
 */
bool cli_options_parse(struct cli_args *args, int argc, char **argv, char *why,
                       size_t why_size);
void cli_options_fini(struct cli_args *args);

/** cli_options_given(args): a bit for each option that was given. */
uint64_t cli_options_given(const struct cli_args *args);

const char *cli_options_text(enum cli_option option);
/** cli_options_value: what its value is called; NULL for a flag. */
const char *cli_options_value(enum cli_option option);
const char *cli_options_help(enum cli_option option);

/** cli_options_short(arg): "-o" as "--output" and the like; ${arg} itself. */
const char *cli_options_short(const char *arg);

#endif /* CLI_OPTIONS_H */
