/* SPDX-License-Identifier: MIT */

#include "cli_commands.h"

#include <string.h>

#include "cmd.h"
#include "server/certlife/certlife.h"

#define ANY SIZE_MAX

#define FILTER                                                               \
    (CLI_BIT(TOPIC) | CLI_BIT(KIND) | CLI_BIT(STATE) | CLI_BIT(SILENT_FOR) | \
     CLI_BIT(PARENT) | CLI_BIT(SERIAL) | CLI_BIT(GROUP))

static const struct cli_command commands[] = {
    {"status", "", "show certificates, enrollments and pushes", 0, 0, 0,
     cmd_status},
    {"cert list", "", "list push certificates and the days they have left",
     CLI_BIT(BY_GROUP), 0, 0, cmd_cert_list},
    {"cert show", "[TOPIC]", "show a push certificate in detail", CLI_BIT(PEM),
     0, 1, cmd_cert_show},
    {"cert request", "", "create a key and the request to upload to Apple",
     CLI_BIT(TOPIC) | CLI_BIT(NEW) | CLI_BIT(NAME) | CLI_BIT(COMMON_NAME) |
         CLI_BIT(COUNTRY) | CLI_BIT(EMAIL) | CLI_BIT(SIGN) | CLI_BIT(OUTPUT),
     0, 0, cmd_cert_request},
    {"cert requests remove", "NAME", "delete a pending request and its key",
     CLI_BIT(YES), 1, 1, cmd_cert_requests_remove},
    {"cert requests", "", "list pending certificate requests", 0, 0, 0,
     cmd_cert_requests},
    {"cert sign-request", "",
     "sign a request with the vendor's key, without roused",
     CLI_BIT(CSR) | CLI_BIT(VENDOR_CERT) | CLI_BIT(VENDOR_KEY) |
         CLI_BIT(CHAIN) | CLI_BIT(OUTPUT) | CLI_BIT(PASSWORD_FILE),
     0, CERTLIFE_MAX_FILES, cmd_cert_sign_request},
    {"cert vendor put", "FILE...",
     "store the vendor certificate, key and chain in roused",
     CLI_BIT(PASSWORD_FILE), 1, CERTLIFE_MAX_FILES, cmd_cert_vendor_put},
    {"cert vendor show", "", "show the stored vendor certificate", 0, 0, 0,
     cmd_cert_vendor_show},
    {"cert vendor remove", "", "delete the vendor certificate and its key",
     CLI_BIT(YES), 0, 0, cmd_cert_vendor_remove},
    {"cert mdmcert request", "",
     "create a request for mdmcert.download to sign",
     CLI_BIT(EMAIL) | CLI_BIT(MDMCERT_KEY) | CLI_BIT(NAME) | CLI_BIT(TOPIC) |
         CLI_BIT(OUTPUT),
     0, 0, cmd_cert_mdmcert_request},
    {"cert mdmcert open", "FILE",
     "decrypt its reply into the file to upload to Apple",
     CLI_BIT(NAME) | CLI_BIT(OUTPUT), 1, 1, cmd_cert_mdmcert_open},
    {"cert renew", "", "guide you through a renewal at Apple's portal",
     CLI_BIT(TOPIC) | CLI_BIT(COMMON_NAME) | CLI_BIT(COUNTRY) | CLI_BIT(EMAIL) |
         CLI_BIT(OUTPUT) | CLI_BIT(APPLE_ACCOUNT) | CLI_BIT(NOTE) |
         CLI_BIT(NO_TEST) | CLI_BIT(YES) | CLI_BIT(PASSWORD_FILE),
     0, 0, cmd_cert_renew},
    {"cert check", "FILE...",
     "identify files; report what fits and what is wrong",
     CLI_BIT(PASSWORD_FILE), 1, ANY, cmd_cert_check},
    {"cert import", "FILE...", "import and activate a push certificate",
     CLI_BIT(RENEW) | CLI_BIT(ADD) | CLI_BIT(REPLACE_TOPIC) | CLI_BIT(CONFIRM) |
         CLI_BIT(APPLE_ACCOUNT) | CLI_BIT(NOTE) | CLI_BIT(NO_TEST) |
         CLI_BIT(DRY_RUN) | CLI_BIT(YES) | CLI_BIT(PASSWORD_FILE),
     1, CERTLIFE_MAX_FILES, cmd_cert_import},
    {"cert test", "", "send a test push",
     CLI_BIT(TOPIC) | CLI_BIT(FILE) | CLI_BIT(ENROLLMENT) | CLI_BIT(TIMEOUT) |
         CLI_BIT(PASSWORD_FILE),
     0, 0, cmd_cert_test},
    {"cert history", "[TOPIC]",
     "list every certificate ever held, and how it ended", 0, 0, 1,
     cmd_cert_history},
    {"cert revert", "", "restore a topic's previous certificate",
     CLI_BIT(TOPIC) | CLI_BIT(NOTE) | CLI_BIT(YES), 0, 0, cmd_cert_revert},
    {"cert remove", "TOPIC",
     "remove a topic; its devices can no longer be woken", CLI_BIT(CONFIRM), 1,
     1, cmd_cert_remove},
    {"cert export", "TOPIC", "write certificate and key as encrypted PKCS#12",
     CLI_BIT(WITH_KEY) | CLI_BIT(OUTPUT) | CLI_BIT(PASSWORD_FILE), 1, 1,
     cmd_cert_export},
    {"alerts", "", "list alerts", CLI_BIT(OPEN) | CLI_BIT(ALL), 0, 0,
     cmd_alerts},
    {"group list", "", "show the tree of groups", 0, 0, 0, cmd_group_list},
    {"group show", "PATH", "show a group and its topic", 0, 1, 1,
     cmd_group_show},
    {"group put", "PATH", "create a group, or change its topic or permission",
     CLI_BIT(TOPIC) | CLI_BIT(NO_TOPIC) | CLI_BIT(PERMISSION) | CLI_BIT(YES), 1,
     1, cmd_group_put},
    {"group remove", "PATH", "remove a group", CLI_BIT(YES), 1, 1,
     cmd_group_remove},
    {"group assign", "PATH ID...",
     "put enrollments into a group (- reads IDs, one per line)", 0, 2, ANY,
     cmd_group_assign},
    {"group unassign", "ID...", "take enrollments out of their groups", 0, 1,
     ANY, cmd_group_unassign},
    {"group export", "[FILE]", "write all groups, one JSON object per line", 0,
     0, 1, cmd_group_export},
    {"group import", "FILE",
     "create or change groups, one JSON object per line", 0, 1, 1,
     cmd_group_import},
    {"enrollment list", "", "list enrollments that match the options", FILTER,
     0, 0, cmd_enrollment_list},
    {"enrollment show", "ID", "show an enrollment, its last push and its wake",
     0, 1, 1, cmd_enrollment_show},
    {"enrollment import", "FILE",
     "add or replace enrollments, one JSON object per line",
     CLI_BIT(CREATE_GROUPS), 1, 1, cmd_enrollment_import},
    {"enrollment export", "[FILE]",
     "write enrollments, one JSON object per line", FILTER | CLI_BIT(SECRETS),
     0, 1, cmd_enrollment_export},
    {"enrollment remove", "ID...", "delete enrollments and their wakes",
     CLI_BIT(YES), 1, ANY, cmd_enrollment_remove},
    {"checkin", "FILE...", "submit check-in plists", CLI_BIT(REPLAYED), 1, ANY,
     cmd_checkin},
    {"wake", "ID... | --all | --topic T ...",
     "wake enrollments by ID (- reads IDs) or by options",
     CLI_BIT(ALL) | CLI_BIT(GROUP) | CLI_BIT(TOPIC) | CLI_BIT(KIND) |
         CLI_BIT(SILENT_FOR) | CLI_BIT(PARENT) | CLI_BIT(RATE) |
         CLI_BIT(DEADLINE) | CLI_BIT(WAIT) | CLI_BIT(TIMEOUT),
     0, ANY, cmd_wake},
    {"wave list", "", "list waves, newest first", CLI_BIT(OPEN), 0, 0,
     cmd_wave_list},
    {"wave show", "ID", "show a wave's progress",
     CLI_BIT(WAIT) | CLI_BIT(TIMEOUT), 1, 1, cmd_wave_show},
    {"wave cancel", "ID", "cancel a wave", 0, 1, 1, cmd_wave_cancel},
    {"key create", "NAME", "create an API key; it is shown once",
     CLI_BIT(VERBS) | CLI_BIT(TOPIC) | CLI_BIT(GROUP), 1, 1, cmd_key_create},
    {"key list", "", "list API keys and their rights", 0, 0, 0, cmd_key_list},
    {"key revoke", "ID", "revoke an API key", 0, 1, 1, cmd_key_revoke},
    {"key rotate-master", "", "reseal all private keys under a new master key",
     CLI_BIT(YES), 0, 0, cmd_key_rotate_master},
    {"backup", "FILE", "write a consistent copy of the database", 0, 1, 1,
     cmd_backup},
    {"events", "", "show the audit log", CLI_BIT(FOLLOW) | CLI_BIT(AFTER), 0, 0,
     cmd_events},
    {"complete", "WHAT",
     "print names for completion: topics, groups or requests", 0, 1, 1,
     cmd_complete},
};

#define N_COMMANDS (sizeof commands / sizeof commands[0])

/* Where an option means something of its own. */
static const struct {
    const char *command;
    enum cli_option option;
    const char *help;
} own_help[] = {
    {"cert request", CLI_OPT_TOPIC, "the topic to renew"},
    {"cert mdmcert request", CLI_OPT_TOPIC, "the topic to renew"},
    {"cert renew", CLI_OPT_TOPIC, "the topic to renew, when several are held"},
    {"cert test", CLI_OPT_TOPIC, "test this topic only"},
    {"cert revert", CLI_OPT_TOPIC, "the topic to restore"},
    {"group put", CLI_OPT_TOPIC, "the group's own topic"},
    {"group put", CLI_OPT_YES, "do not ask, with --no-topic"},
    {"key create", CLI_OPT_TOPIC, "limit the key to this topic"},
    {"key create", CLI_OPT_GROUP,
     "limit the key to this group and those below it"},
    {"alerts", CLI_OPT_ALL, "include alerts that have ended"},
    {"alerts", CLI_OPT_OPEN, "only open alerts (the default)"},
    {"events", CLI_OPT_JSON, "print JSON: one object per line for each event"},
    {"enrollment list", CLI_OPT_JSON,
     "print JSON: one object per line for each enrollment"},
    {"wave list", CLI_OPT_JSON,
     "print JSON: one object per line for each page"},
    {"wake", CLI_OPT_JSON, "print JSON: one object per line for each answer"},
};

const char *
cli_commands_help(const struct cli_command *command, enum cli_option option)
{
    for (size_t i = 0; i < sizeof own_help / sizeof own_help[0]; i++)
        if (command != NULL && own_help[i].option == option &&
            strcmp(own_help[i].command, command->name) == 0)
            return own_help[i].help;
    return cli_options_help(option);
}

const struct cli_command *
cli_commands_at(size_t i)
{
    return i < N_COMMANDS ? &commands[i] : NULL;
}

size_t
cli_commands_words(const struct cli_command *command)
{
    size_t n = 1;

    for (const char *p = command->name; *p != '\0'; p++)
        n += *p == ' ';
    return n;
}

bool
cli_commands_begins(const struct cli_command *command, const char *const *words,
                    size_t n)
{
    const char *name = command->name;

    for (size_t i = 0; i < n; i++) {
        size_t len = strcspn(name, " ");

        if (len == 0 || strlen(words[i]) != len ||
            memcmp(name, words[i], len) != 0)
            return false;
        name += len + (name[len] == ' ');
    }
    return true;
}

bool
cli_commands_has(const char *const *words, size_t n)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (cli_commands_begins(&commands[i], words, n))
            return true;
    return false;
}

const struct cli_command *
cli_commands_find(const char *const *words, size_t n_words)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        size_t n = cli_commands_words(&commands[i]);

        if (n <= n_words && cli_commands_begins(&commands[i], words, n))
            return &commands[i];
    }
    return NULL;
}
