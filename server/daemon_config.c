/* SPDX-License-Identifier: MIT */
#include "daemon_config.h"

#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum type {
    TEXT,
    NUMBER,
    OCTAL,
    BOOL, /* a flag without a value */
    LEVEL,
};

struct key {
    const char *section;
    const char *name;
    enum type type;
    const char *absent;
    uint32_t min;
    uint32_t max;
    bool can_reload;
    size_t offset;
    const char *help;
};

static const struct key keys[] = {
#define X(section, key, type, absent, min, max, reload, help)                 \
    {#section, #key, type,   absent,                                          \
     min,      max,  reload, offsetof(struct daemon_config, section##_##key), \
     help},
    DAEMON_CONFIG_KEYS(X)
#undef X
};

#define N_KEYS   (sizeof keys / sizeof keys[0])
#define MAX_FLAG 64 /* bytes of a flag's name, with its NUL */

static const char *const level_names[] = {
    [APNS_LOG_ERROR] = "error",
    [APNS_LOG_WARN] = "warn",
    [APNS_LOG_NOTICE] = "notice",
    [APNS_LOG_DEBUG] = "debug",
};

static struct daemon_config_value *
value_of(struct daemon_config *config, const struct key *key)
{
    return (struct daemon_config_value *)((char *)config + key->offset);
}

static const struct daemon_config_value *
value_in(const struct daemon_config *config, const struct key *key)
{
    return (const struct daemon_config_value *)((const char *)config +
                                                key->offset);
}

/* "state-dir", "apns-ca-file". */
static void
name_flag(const struct key *key, char flag[MAX_FLAG])
{
    bool is_plain = strcmp(key->section, "daemon") == 0 ||
                    strcmp(key->section, "pace") == 0;

    snprintf(flag, MAX_FLAG, "%s%s%s", is_plain ? "" : key->section,
             is_plain ? "" : "-", key->name);
    for (char *at = flag; *at != '\0'; at++) {
        if (*at == '_')
            *at = '-';
    }
}

static bool
read_number(const struct key *key, const char *text, uint32_t *number,
            char *why)
{
    const char *digits = key->type == OCTAL ? "01234567" : "0123456789";
    uint64_t value = 0;
    size_t n = strspn(text, digits);

    for (size_t i = 0; i < n && value <= UINT32_MAX; i++)
        value =
            value * (key->type == OCTAL ? 8 : 10) + (uint64_t)(text[i] - '0');
    if (n > 0 && text[n] == '\0' && value >= key->min && value <= key->max) {
        *number = (uint32_t)value;
        return true;
    }
    if (key->type == OCTAL)
        snprintf(why, DAEMON_CONFIG_WHY,
                 "must be octal from %o to 0%o, not \"%.128s\"", key->min,
                 key->max, text);
    else
        snprintf(why, DAEMON_CONFIG_WHY,
                 "must be a number from %u to %u, not \"%.128s\"", key->min,
                 key->max, text);
    return false;
}

static bool
read_word(const char *const *words, size_t n, const char *text,
          uint32_t *number)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i], text) == 0) {
            *number = (uint32_t)i;
            return true;
        }
    }
    return false;
}

static bool
read_bool(const char *text, uint32_t *number, char *why)
{
    static const char *const words[] = {"no", "yes", "false", "true", "0", "1"};

    if (!read_word(words, sizeof words / sizeof words[0], text, number)) {
        snprintf(why, DAEMON_CONFIG_WHY, "must be yes or no, not \"%.128s\"",
                 text);
        return false;
    }
    *number %= 2;
    return true;
}

static bool
read_value(const struct key *key, const char *text, uint32_t *number, char *why)
{
    *number = 0;
    switch (key->type) {
    case NUMBER:
    case OCTAL:
        return read_number(key, text, number, why);
    case BOOL:
        return read_bool(text, number, why);
    case LEVEL:
        if (read_word(level_names, sizeof level_names / sizeof level_names[0],
                      text, number))
            return true;
        snprintf(why, DAEMON_CONFIG_WHY,
                 "must be error, warn, notice or debug, not \"%.128s\"", text);
        return false;
    case TEXT:
        break;
    }
    if (strlen(text) <= DAEMON_CONFIG_MAX_TEXT)
        return true;
    snprintf(why, DAEMON_CONFIG_WHY, "is longer than %d bytes",
             DAEMON_CONFIG_MAX_TEXT);
    return false;
}

/* ${where} is how the user wrote the key: "[apns] port" or "--apns-port". */
static bool
set_value(struct daemon_config *config, const struct key *key,
          const char *where, const char *text, enum daemon_config_source source,
          char *why)
{
    struct daemon_config_value *value = value_of(config, key);
    char what[DAEMON_CONFIG_WHY];
    uint32_t number;

    if (!read_value(key, text, &number, what)) {
        snprintf(why, DAEMON_CONFIG_WHY, "%.128s %.300s", where, what);
        return false;
    }
    if (source != DAEMON_CONFIG_DEFAULT && value->source == (unsigned)source) {
        snprintf(why, DAEMON_CONFIG_WHY, "%s is given twice", where);
        return false;
    }
    if (value->source > (unsigned)source)
        return true;
    free(value->text);
    value->text = strdup(text);
    value->number = number;
    value->source = source;
    if (value->text == NULL)
        snprintf(why, DAEMON_CONFIG_WHY, "out of memory");
    return value->text != NULL;
}

/*
 * Flags.
 */
struct flags {
    const char *file;
    enum daemon_config_wish wish;
};

static const struct key *
find_flag(const char *name, size_t len)
{
    char flag[MAX_FLAG];

    for (size_t i = 0; i < N_KEYS; i++) {
        name_flag(&keys[i], flag);
        if (strlen(flag) == len && memcmp(flag, name, len) == 0)
            return &keys[i];
    }
    return NULL;
}

/* "--name value" or "--name=value"; moves ${*i} over what it took. */
static const char *
take_value(int argc, char *const argv[], int *i, char *why)
{
    const char *equals = strchr(argv[*i], '=');

    if (equals != NULL)
        return equals + 1;
    if (*i + 1 >= argc) {
        snprintf(why, DAEMON_CONFIG_WHY, "%.64s needs a value", argv[*i]);
        return NULL;
    }
    return argv[++*i];
}

static bool
is_flag(const char *name, size_t len, const char *flag)
{
    return len == strlen(flag) && memcmp(name, flag, len) == 0;
}

/* How many private keys are given up with the master key; never in the file,
   where it would stay. */
static bool
read_new_key(const char *text, struct daemon_config *config,
             struct flags *flags, char *why)
{
    static const struct key count = {.type = NUMBER, .max = UINT32_MAX};
    char what[DAEMON_CONFIG_WHY];

    flags->wish = DAEMON_CONFIG_NEW_KEY;
    if (read_number(&count, text, &config->n_given_up, what))
        return true;
    snprintf(why, DAEMON_CONFIG_WHY, "--new-master-key %.400s", what);
    return false;
}

static bool
read_flag(int argc, char *const argv[], int *i, struct daemon_config *config,
          struct flags *flags, char *why)
{
    const char *name = argv[*i];
    size_t len = strcspn(name, "=");
    char where[MAX_FLAG + 2];
    const struct key *key;
    const char *text;

    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        flags->wish = DAEMON_CONFIG_HELP;
        return true;
    }
    if (strcmp(name, "--version") == 0) {
        flags->wish = DAEMON_CONFIG_VERSION;
        return true;
    }
    if (is_flag(name, len, "--config")) {
        flags->file = take_value(argc, argv, i, why);
        return flags->file != NULL;
    }
    if (is_flag(name, len, "--new-master-key")) {
        text = take_value(argc, argv, i, why);
        return text != NULL && read_new_key(text, config, flags, why);
    }
    key = strncmp(name, "--", 2) == 0 ? find_flag(name + 2, len - 2) : NULL;
    if (key == NULL) {
        snprintf(why, DAEMON_CONFIG_WHY,
                 "%.64s is not an option; roused --help lists them all", name);
        return false;
    }
    if (key->type == BOOL && name[len] == '\0')
        text = "yes";
    else
        text = take_value(argc, argv, i, why);
    if (text == NULL)
        return false;
    snprintf(where, sizeof where, "%.*s", (int)len, name);
    return set_value(config, key, where, text, DAEMON_CONFIG_FLAG, why);
}

/*
 * The file.
 */
struct reading {
    struct daemon_config *config;
    char *why;
    bool is_bad;
};

static const struct key *
find_key(const char *section, const char *name)
{
    for (size_t i = 0; i < N_KEYS; i++) {
        if (strcmp(keys[i].section, section) == 0 &&
            strcmp(keys[i].name, name) == 0)
            return &keys[i];
    }
    return NULL;
}

static int
on_pair(void *arg, const char *section, const char *name, const char *value)
{
    struct reading *reading = arg;
    const struct key *key = find_key(section, name);
    char where[128];

    if (reading->is_bad)
        return 0;
    snprintf(where, sizeof where, "[%.50s] %.64s", section, name);
    if (key == NULL)
        snprintf(reading->why, DAEMON_CONFIG_WHY,
                 "%s is not a key; roused --help lists them all", where);
    reading->is_bad =
        key == NULL || !set_value(reading->config, key, where, value,
                                  DAEMON_CONFIG_FILE, reading->why);
    return !reading->is_bad;
}

static bool
read_file(const char *path, struct daemon_config *config, char *why)
{
    char what[DAEMON_CONFIG_WHY] = "not KEY = VALUE under a [section]";
    struct reading reading = {.config = config, .why = what};
    int line = ini_parse(path, on_pair, &reading);

    if (line == 0)
        return true;
    if (line < 0)
        snprintf(why, DAEMON_CONFIG_WHY, "--config: %.128s cannot be read",
                 path);
    else
        snprintf(why, DAEMON_CONFIG_WHY, "%.100s line %d: %.350s", path, line,
                 what);
    return false;
}

static bool
set_defaults(struct daemon_config *config, char *why)
{
    memset(config, 0, sizeof *config);
    for (size_t i = 0; i < N_KEYS; i++) {
        if (!set_value(config, &keys[i], keys[i].name, keys[i].absent,
                       DAEMON_CONFIG_DEFAULT, why))
            return false;
    }
    return true;
}

static bool
check_together(const struct daemon_config *config, char *why)
{
    if (config->apns_conns_min.number > config->apns_conns_max.number) {
        snprintf(why, DAEMON_CONFIG_WHY,
                 "[apns] conns_min (%u) must not be above conns_max (%u)",
                 config->apns_conns_min.number, config->apns_conns_max.number);
        return false;
    }
    if (config->apns_backoff_min_ms.number >
        config->apns_backoff_max_ms.number) {
        snprintf(why, DAEMON_CONFIG_WHY,
                 "[apns] backoff_min_ms (%u) must not be above "
                 "backoff_max_ms (%u)",
                 config->apns_backoff_min_ms.number,
                 config->apns_backoff_max_ms.number);
        return false;
    }
    if (*config->daemon_state_dir.text == '\0' ||
        *config->daemon_socket.text == '\0') {
        snprintf(why, DAEMON_CONFIG_WHY,
                 "[daemon] state_dir and socket must not be empty");
        return false;
    }
    return true;
}

/* Nothing else matters then. */
static bool
is_words_only(enum daemon_config_wish wish)
{
    return wish == DAEMON_CONFIG_HELP || wish == DAEMON_CONFIG_VERSION;
}

bool
daemon_config_load(int argc, char *const argv[], struct daemon_config *config,
                   enum daemon_config_wish *wish, char *why)
{
    struct flags flags = {.wish = DAEMON_CONFIG_RUN};

    *wish = DAEMON_CONFIG_RUN;
    if (!set_defaults(config, why))
        return false;
    for (int i = 1; i < argc && !is_words_only(flags.wish); i++) {
        if (!read_flag(argc, argv, &i, config, &flags, why))
            return false;
    }
    *wish = flags.wish;
    if (is_words_only(flags.wish))
        return true;
    if (flags.file != NULL && !read_file(flags.file, config, why))
        return false;
    return check_together(config, why);
}

void
daemon_config_fini(struct daemon_config *config)
{
    for (size_t i = 0; i < N_KEYS; i++) {
        struct daemon_config_value *value = value_of(config, &keys[i]);

        free(value->text);
        value->text = NULL;
    }
}

/*
 * Help.
 */
static const char *
value_word(enum type type)
{
    static const char *const words[] = {
        [TEXT] = " TEXT", [NUMBER] = " N", [OCTAL] = " MODE",
        [BOOL] = "",      [LEVEL] = " L",
    };

    return words[type];
}

static void
help_key(FILE *out, const struct key *key)
{
    char flag[MAX_FLAG];
    char left[MAX_FLAG + 16];

    name_flag(key, flag);
    snprintf(left, sizeof left, "--%s%s", flag, value_word(key->type));
    fprintf(out, "  %-28s %s", left, key->help);
    if (*key->absent != '\0' && key->type != BOOL)
        fprintf(out, " (%s)", key->absent);
    fputc('\n', out);
}

char *
daemon_config_help(void)
{
    const char *section = "";
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL)
        return NULL;
    fputs("roused: wakes Apple devices for their MDM server\n\nusage: roused "
          "[--config FILE] [options]\n\n  --config FILE                ini "
          "file with the keys below\n  --new-master-key N           the master "
          "key is lost: give up the N\n                               private "
          "keys that it sealed, and exit\n  --version                    show "
          "the version\n  --help                       show this help\n",
          out);
    for (size_t i = 0; i < N_KEYS; i++) {
        if (strcmp(section, keys[i].section) != 0) {
            section = keys[i].section;
            fprintf(out, "\nsection [%s] of the ini file:\n", section);
        }
        help_key(out, &keys[i]);
    }
    fputs("\nIn the file a key has no --section- prefix, and _ for -: "
          "--apns-ca-file is ca_file in [apns].\n",
          out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

void
daemon_config_diff(const struct daemon_config *before,
                   const struct daemon_config *after,
                   daemon_config_diff_fn *on_diff, void *arg)
{
    for (size_t i = 0; i < N_KEYS; i++) {
        const struct daemon_config_value *old = value_in(before, &keys[i]);
        const struct daemon_config_value *new = value_in(after, &keys[i]);

        if (strcmp(old->text, new->text) != 0)
            on_diff(arg, keys[i].section, keys[i].name, keys[i].can_reload);
    }
}
