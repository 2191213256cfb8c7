/* SPDX-License-Identifier: MIT */

/*
 * The daemon's configuration: every key as ini key and as flag.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/daemon_config.h"
#include "server/daemon_setup.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define MAX_ARGS 8

/* The table once more, as the user sees it. */
static const struct shown {
    const char *section;
    const char *key;
    const char *absent;
    uint32_t min;
    uint32_t max;
    enum {
        TEXT,
        NUMBER,
        OCTAL,
        BOOL,
        LEVEL
    } type;
    size_t offset;
} shown[] = {
#define X(section, key, type, absent, min, max, reload, help) \
    {#section,                                                \
     #key,                                                    \
     absent,                                                  \
     min,                                                     \
     max,                                                     \
     type,                                                    \
     offsetof(struct daemon_config, section##_##key)},
    DAEMON_CONFIG_KEYS(X)
#undef X
};

#define N_SHOWN (sizeof shown / sizeof shown[0])

static const struct daemon_config_value *
value_of(const struct daemon_config *config, const struct shown *key)
{
    return (const struct daemon_config_value *)((const char *)config +
                                                key->offset);
}

static void
name_flag(const struct shown *key, char *flag, size_t size)
{
    bool is_plain = strcmp(key->section, "daemon") == 0 ||
                    strcmp(key->section, "pace") == 0;

    snprintf(flag, size, "--%s%s%s", is_plain ? "" : key->section,
             is_plain ? "" : "-", key->key);
    for (char *at = flag; *at != '\0'; at++) {
        if (*at == '_')
            *at = '-';
    }
}

/* A valid value that is not the default. */
static const char *
other_value(const struct shown *key, char *text, size_t size)
{
    unsigned long absent = strtoul(key->absent, NULL, 10);

    if (key->type == NUMBER)
        snprintf(text, size, "%lu",
                 absent < key->max ? absent + 1 : absent - 1);
    else if (key->type == OCTAL)
        snprintf(text, size, "0660");
    else if (key->type == BOOL)
        snprintf(text, size, "yes");
    else if (key->type == LEVEL)
        snprintf(text, size, "debug");
    else
        snprintf(text, size, "other-%s", key->key);
    return text;
}

static bool
load(const char *const args[], struct daemon_config *config, char *why)
{
    char *argv[MAX_ARGS] = {strdup("roused")};
    enum daemon_config_wish wish;
    int argc = 1;
    bool is_ok;

    for (; args[argc - 1] != NULL; argc++)
        argv[argc] = strdup(args[argc - 1]);
    is_ok = daemon_config_load(argc, argv, config, &wish, why);
    for (int i = 0; i < argc; i++)
        free(argv[i]);
    return is_ok;
}

static bool
load_file(const char *text, struct daemon_config *config, char *why)
{
    char *dir = temp_dir_new();
    char *path = temp_dir_path(dir, "roused.ini");
    const char *const args[] = {"--config", path, NULL};
    bool is_ok;

    temp_dir_write(path, text);
    is_ok = load(args, config, why);
    free(path);
    temp_dir_free(dir);
    return is_ok;
}

TEST(every_key_has_its_default)
{
    const char *const args[] = {NULL};
    char why[DAEMON_CONFIG_WHY];
    struct daemon_config config;

    assert_true(load(args, &config, why));
    for (size_t i = 0; i < N_SHOWN; i++)
        assert_string_equal(value_of(&config, &shown[i])->text,
                            shown[i].absent);
    daemon_config_fini(&config);
}

TEST(every_key_can_be_a_flag)
{
    for (size_t i = 0; i < N_SHOWN; i++) {
        char flag[64];
        char value[128];
        const char *const args[] = {
            flag,
            shown[i].type == BOOL ? NULL
                                  : other_value(&shown[i], value, sizeof value),
            NULL};
        char why[DAEMON_CONFIG_WHY] = "";
        struct daemon_config config;

        name_flag(&shown[i], flag, sizeof flag);
        other_value(&shown[i], value, sizeof value);
        if (!load(args, &config, why))
            fail_msg("%s %s: %s", flag, value, why);
        assert_string_equal(value_of(&config, &shown[i])->text, value);
        daemon_config_fini(&config);
    }
}

TEST(every_key_can_be_in_the_file)
{
    for (size_t i = 0; i < N_SHOWN; i++) {
        char text[256];
        char value[128];
        char why[DAEMON_CONFIG_WHY] = "";
        struct daemon_config config;

        other_value(&shown[i], value, sizeof value);
        snprintf(text, sizeof text, "[%s]\n%s = %s\n", shown[i].section,
                 shown[i].key, value);
        if (!load_file(text, &config, why))
            fail_msg("%s: %s", text, why);
        assert_string_equal(value_of(&config, &shown[i])->text, value);
        daemon_config_fini(&config);
    }
}

static void
expect_refused(const char *const args[], const char *part, const char *other)
{
    char why[DAEMON_CONFIG_WHY] = "";
    struct daemon_config config;

    assert_false(load(args, &config, why));
    if (strstr(why, part) == NULL || strstr(why, other) == NULL)
        fail_msg("\"%s\" names neither \"%s\" nor \"%s\"", why, part, other);
    daemon_config_fini(&config);
}

TEST(numbers_beyond_their_limits_are_refused_by_name)
{
    for (size_t i = 0; i < N_SHOWN; i++) {
        char flag[64];
        char value[32];
        char limit[32];
        const char *const args[] = {flag, value, NULL};

        if (shown[i].type != NUMBER)
            continue;
        name_flag(&shown[i], flag, sizeof flag);
        snprintf(limit, sizeof limit, "%u", shown[i].max);
        snprintf(value, sizeof value, "%llu",
                 (unsigned long long)shown[i].max + 1);
        expect_refused(args, flag, limit);
        if (shown[i].min == 0)
            continue;
        snprintf(value, sizeof value, "%u", shown[i].min - 1);
        expect_refused(args, flag, limit);
    }
}

TEST(what_is_no_number_is_refused)
{
    static const char *const wrong[] = {
        "", "x", "1x", "-1", " 1", "0x10", "99999999999999999999999"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *const args[] = {"--pace", wrong[i], NULL};

        expect_refused(args, "--pace", "must be a number from 0 to 1000000");
    }
}

TEST(wrong_words_are_refused)
{
    const char *const level[] = {"--log-level", "loud", NULL};
    const char *const mode[] = {"--socket-mode", "0888", NULL};
    const char *const wide[] = {"--socket-mode", "01777", NULL};
    const char *const flag[] = {"--behind-tls-proxy=maybe", NULL};

    expect_refused(level, "--log-level", "debug");
    expect_refused(mode, "--socket-mode", "0777");
    expect_refused(wide, "--socket-mode", "0777");
    expect_refused(flag, "--behind-tls-proxy", "yes or no");
}

TEST(unknown_and_repeated_options_are_refused)
{
    const char *const unknown[] = {"--frobnicate", NULL};
    const char *const bare[] = {"now", NULL};
    const char *const twice[] = {"--pace", "1", "--pace", "2", NULL};
    const char *const valueless[] = {"--pace", NULL};
    const char *const no_file[] = {"--config", "/nonexistent/x.ini", NULL};
    const char *const together[] = {"--apns-conns-min", "9", NULL};

    expect_refused(unknown, "--frobnicate", "--help");
    expect_refused(bare, "now", "--help");
    expect_refused(twice, "--pace", "twice");
    expect_refused(valueless, "--pace", "value");
    expect_refused(no_file, "/nonexistent/x.ini", "cannot be read");
    expect_refused(together, "conns_min", "conns_max");
}

static void
expect_file_refused(const char *text, const char *part, const char *line)
{
    char why[DAEMON_CONFIG_WHY] = "";
    struct daemon_config config;

    assert_false(load_file(text, &config, why));
    if (strstr(why, part) == NULL || strstr(why, line) == NULL)
        fail_msg("\"%s\" names neither \"%s\" nor \"%s\"", why, part, line);
    daemon_config_fini(&config);
}

TEST(wrong_files_are_refused_with_key_and_line)
{
    expect_file_refused("[apns]\nport = 0\n", "[apns] port", "line 2");
    expect_file_refused("[apns]\n\nprt = 1\n", "[apns] prt", "line 3");
    expect_file_refused("[nowhere]\nport = 1\n", "[nowhere] port", "line 2");
    expect_file_refused("port = 1\n", "port", "line 1");
    expect_file_refused("[pace]\npace = 1\npace = 2\n", "twice", "line 3");
    expect_file_refused("[pace]\nnonsense\n", "KEY = VALUE", "line 2");
}

TEST(a_flag_wins_over_the_file)
{
    char *dir = temp_dir_new();
    char *path = temp_dir_path(dir, "roused.ini");
    const char *const args[] = {"--pace=7", "--config", path, NULL};
    char why[DAEMON_CONFIG_WHY];
    struct daemon_config config;

    temp_dir_write(path, "[pace]\npace = 3\ntopic_pace = 4\n");
    assert_true(load(args, &config, why));
    assert_int_equal(config.pace_pace.number, 7);
    assert_int_equal(config.pace_topic_pace.number, 4);
    daemon_config_fini(&config);
    free(path);
    temp_dir_free(dir);
}

TEST(help_names_every_flag_and_default)
{
    char *help = daemon_config_help();

    assert_non_null(help);
    for (size_t i = 0; i < N_SHOWN; i++) {
        char flag[64];

        name_flag(&shown[i], flag, sizeof flag);
        if (strstr(help, flag) == NULL)
            fail_msg("--help does not know %s", flag);
        if (shown[i].type != BOOL && strstr(help, shown[i].absent) == NULL)
            fail_msg("--help does not know %s", shown[i].absent);
    }
    free(help);
}

/* With the comment signs away, it says the defaults and all of them. */
TEST(the_example_file_says_the_defaults)
{
    char *text = temp_dir_read(SOURCE_DIR "/deploy/roused.ini.example", NULL);
    const char *const none[] = {NULL};
    char why[DAEMON_CONFIG_WHY] = "";
    struct daemon_config config;
    struct daemon_config defaults;

    for (char *at = text; at != NULL; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (*at == ';')
            *at = ' ';
    }
    /* An indented line would go on with the key before it. */
    for (char *at = text; (at = strstr(at, "\n ")) != NULL;)
        memmove(at + 1, at + 2, strlen(at + 2) + 1);
    if (!load_file(text, &config, why))
        fail_msg("%s", why);
    assert_true(load(none, &defaults, why));
    for (size_t i = 0; i < N_SHOWN; i++) {
        const struct daemon_config_value *value = value_of(&config, &shown[i]);

        if (value->source != DAEMON_CONFIG_FILE)
            fail_msg("[%s] %s is not in the example", shown[i].section,
                     shown[i].key);
        assert_string_equal(value->text, shown[i].absent);
    }
    daemon_config_fini(&defaults);
    daemon_config_fini(&config);
    free(text);
}

static void
count_diff(void *arg, const char *section, const char *key, bool can_reload)
{
    int *counts = arg;

    (void)section;
    (void)key;
    counts[can_reload]++;
}

TEST(a_diff_tells_what_needs_a_restart)
{
    const char *const none[] = {NULL};
    const char *const more[] = {"--pace", "5", "--apns-port", "444", NULL};
    char why[DAEMON_CONFIG_WHY];
    struct daemon_config before;
    struct daemon_config after;
    int counts[2] = {0};

    assert_true(load(none, &before, why));
    assert_true(load(more, &after, why));
    daemon_config_diff(&before, &after, count_diff, counts);
    assert_int_equal(counts[true], 1);
    assert_int_equal(counts[false], 1);
    daemon_config_fini(&before);
    daemon_config_fini(&after);
}

TEST(defaults_are_those_of_the_parts)
{
    const char *const none[] = {NULL};
    char why[DAEMON_CONFIG_WHY];
    struct daemon_config config;
    struct rouse_config rouse;
    struct rouse_config engine;
    struct api_config api;
    struct api_config own;

    assert_true(load(none, &config, why));
    daemon_setup_rouse(&config, &rouse);
    rouse_config_init(&engine);
    assert_int_equal(rouse.window, engine.window);
    assert_int_equal(rouse.wake_deadline_s, engine.wake_deadline_s);
    assert_int_equal(rouse.apns.port, engine.apns.port);
    assert_int_equal(rouse.apns.fallback_port, engine.apns.fallback_port);
    assert_int_equal(rouse.apns.queue_max, engine.apns.queue_max);
    assert_int_equal(rouse.apns.conns_max, engine.apns.conns_max);
    assert_int_equal(rouse.apns.deadline_ms, engine.apns.deadline_ms);
    assert_int_equal(rouse.apns.expiration_s, engine.apns.expiration_s);
    assert_int_equal(rouse.apns.ping_idle_ms, engine.apns.ping_idle_ms);
    assert_int_equal(rouse.apns.backoff_max_ms, engine.apns.backoff_max_ms);
    assert_int_equal(rouse.apns.probe_ms, engine.apns.probe_ms);
    daemon_setup_api(&config, &api);
    api_config_init(&own);
    assert_int_equal(api.max_conns, own.max_conns);
    assert_int_equal(api.max_conns_per_ip, own.max_conns_per_ip);
    assert_int_equal(api.timeout_s, own.timeout_s);
    assert_int_equal(api.push_wait_s, own.push_wait_s);
    assert_int_equal(api.socket_mode, own.socket_mode);
    assert_null(api.listen);
    daemon_config_fini(&config);
}
