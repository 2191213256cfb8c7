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
    {"status", "", "one screen: certificates, enrollments, pushes", 0, 0, 0,
     cmd_status},
    {"cert list", "", "push certificates and how long they last",
     CLI_BIT(BY_GROUP), 0, 0, cmd_cert_list},
    {"cert show", "[TOPIC]", "everything about one push certificate",
     CLI_BIT(PEM), 0, 1, cmd_cert_show},
    {"cert request", "", "make a sealed key and the request to upload to Apple",
     CLI_BIT(TOPIC) | CLI_BIT(NEW) | CLI_BIT(NAME) | CLI_BIT(COMMON_NAME) |
         CLI_BIT(COUNTRY) | CLI_BIT(EMAIL) | CLI_BIT(SIGN) | CLI_BIT(OUTPUT),
     0, 0, cmd_cert_request},
    {"cert requests remove", "NAME", "delete a pending request and its key",
     CLI_BIT(YES), 1, 1, cmd_cert_requests_remove},
    {"cert requests", "", "list pending certificate requests", 0, 0, 0,
     cmd_cert_requests},
    {"cert sign-request", "",
     "put the vendor's signature on a request, without roused",
     CLI_BIT(CSR) | CLI_BIT(VENDOR_CERT) | CLI_BIT(VENDOR_KEY) |
         CLI_BIT(CHAIN) | CLI_BIT(OUTPUT) | CLI_BIT(PASSWORD_FILE),
     0, CERTLIFE_MAX_FILES, cmd_cert_sign_request},
    {"cert vendor put", "FILE...",
     "hold the vendor certificate, key and chain to sign with",
     CLI_BIT(PASSWORD_FILE), 1, CERTLIFE_MAX_FILES, cmd_cert_vendor_put},
    {"cert vendor show", "", "the vendor certificate that roused holds", 0, 0,
     0, cmd_cert_vendor_show},
    {"cert vendor remove", "", "delete the vendor certificate and its key",
     CLI_BIT(YES), 0, 0, cmd_cert_vendor_remove},
    {"cert mdmcert request", "",
     "make the request for mdmcert.download's signature",
     CLI_BIT(EMAIL) | CLI_BIT(MDMCERT_KEY) | CLI_BIT(NAME) | CLI_BIT(TOPIC) |
         CLI_BIT(OUTPUT),
     0, 0, cmd_cert_mdmcert_request},
    {"cert mdmcert open", "FILE", "open its reply: the file to upload to Apple",
     CLI_BIT(NAME) | CLI_BIT(OUTPUT), 1, 1, cmd_cert_mdmcert_open},
    {"cert renew", "", "lead through a renewal at Apple's portal",
     CLI_BIT(TOPIC) | CLI_BIT(COMMON_NAME) | CLI_BIT(COUNTRY) | CLI_BIT(EMAIL) |
         CLI_BIT(OUTPUT) | CLI_BIT(APPLE_ACCOUNT) | CLI_BIT(NOTE) |
         CLI_BIT(NO_TEST) | CLI_BIT(YES) | CLI_BIT(PASSWORD_FILE),
     0, 0, cmd_cert_renew},
    {"cert check", "FILE...",
     "say what these files are, what fits and what is wrong",
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
    {"cert history", "[TOPIC]", "every certificate ever held, and its end", 0,
     0, 1, cmd_cert_history},
    {"cert revert", "", "restore a topic's previous certificate",
     CLI_BIT(TOPIC) | CLI_BIT(NOTE) | CLI_BIT(YES), 0, 0, cmd_cert_revert},
    {"cert remove", "TOPIC",
     "remove a topic; its devices can no longer be woken", CLI_BIT(CONFIRM), 1,
     1, cmd_cert_remove},
    {"cert export", "TOPIC", "certificate and key as encrypted PKCS#12",
     CLI_BIT(WITH_KEY) | CLI_BIT(OUTPUT) | CLI_BIT(PASSWORD_FILE), 1, 1,
     cmd_cert_export},
    {"alerts", "", "list alerts", CLI_BIT(OPEN) | CLI_BIT(ALL), 0, 0,
     cmd_alerts},
    {"group list", "", "the tree of groups", 0, 0, 0, cmd_group_list},
    {"group show", "PATH", "one group and its topic", 0, 1, 1, cmd_group_show},
    {"group put", "PATH", "make a group, or change its topic or permission",
     CLI_BIT(TOPIC) | CLI_BIT(NO_TOPIC) | CLI_BIT(PERMISSION) | CLI_BIT(YES), 1,
     1, cmd_group_put},
    {"group remove", "PATH", "remove a group", CLI_BIT(YES), 1, 1,
     cmd_group_remove},
    {"group assign", "PATH ID...",
     "put enrollments into a group (- reads ids, a line each)", 0, 2, ANY,
     cmd_group_assign},
    {"group unassign", "ID...", "take enrollments out of their groups", 0, 1,
     ANY, cmd_group_unassign},
    {"group export", "[FILE]", "write the tree as a line of JSON each", 0, 0, 1,
     cmd_group_export},
    {"group import", "FILE", "make or change groups: a line of JSON each", 0, 1,
     1, cmd_group_import},
    {"enrollment list", "", "enrollments, narrowed by options", FILTER, 0, 0,
     cmd_enrollment_list},
    {"enrollment show", "ID", "one enrollment, its last push and its wake", 0,
     1, 1, cmd_enrollment_show},
    {"enrollment import", "FILE", "add or replace: a line of JSON each",
     CLI_BIT(CREATE_GROUPS), 1, 1, cmd_enrollment_import},
    {"enrollment export", "[FILE]", "write them as a line of JSON each",
     FILTER | CLI_BIT(SECRETS), 0, 1, cmd_enrollment_export},
    {"enrollment remove", "ID...", "forget enrollments and their wakes",
     CLI_BIT(YES), 1, ANY, cmd_enrollment_remove},
    {"checkin", "FILE...", "submit check-in plists", CLI_BIT(REPLAYED), 1, ANY,
     cmd_checkin},
    {"wake", "ID... | --all | --topic T ...",
     "push: some by id (- reads ids), or many by options",
     CLI_BIT(ALL) | CLI_BIT(GROUP) | CLI_BIT(TOPIC) | CLI_BIT(KIND) |
         CLI_BIT(SILENT_FOR) | CLI_BIT(PARENT) | CLI_BIT(RATE) |
         CLI_BIT(DEADLINE) | CLI_BIT(WAIT) | CLI_BIT(TIMEOUT),
     0, ANY, cmd_wake},
    {"wave list", "", "waves, the newest first", CLI_BIT(OPEN), 0, 0,
     cmd_wave_list},
    {"wave show", "ID", "show a wave's progress",
     CLI_BIT(WAIT) | CLI_BIT(TIMEOUT), 1, 1, cmd_wave_show},
    {"wave cancel", "ID", "cancel a wave", 0, 1, 1, cmd_wave_cancel},
    {"key create", "NAME", "make an API key; it is shown once",
     CLI_BIT(VERBS) | CLI_BIT(TOPIC) | CLI_BIT(GROUP), 1, 1, cmd_key_create},
    {"key list", "", "API keys and what they may do", 0, 0, 0, cmd_key_list},
    {"key revoke", "ID", "revoke an API key", 0, 1, 1, cmd_key_revoke},
    {"key rotate-master", "", "seal everything under a new master key",
     CLI_BIT(YES), 0, 0, cmd_key_rotate_master},
    {"backup", "FILE", "write a copy of the database while roused runs", 0, 1,
     1, cmd_backup},
    {"events", "", "what happened: the audit log",
     CLI_BIT(FOLLOW) | CLI_BIT(AFTER), 0, 0, cmd_events},
    {"complete", "WHAT", "names for the shell: topics, groups or requests", 0,
     1, 1, cmd_complete},
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
    {"cert revert", CLI_OPT_TOPIC, "the topic to go back with"},
    {"group put", CLI_OPT_TOPIC, "the group's own topic"},
    {"group put", CLI_OPT_YES, "do not ask, with --no-topic"},
    {"key create", CLI_OPT_TOPIC, "good for this topic only"},
    {"key create", CLI_OPT_GROUP, "good for this group and those below it"},
    {"alerts", CLI_OPT_ALL, "those that have ended as well"},
    {"alerts", CLI_OPT_OPEN, "only open ones: what is shown anyway"},
    {"events", CLI_OPT_JSON, "print JSON: an object on a line for each event"},
    {"enrollment list", CLI_OPT_JSON,
     "print JSON: an object on a line for each enrollment"},
    {"wave list", CLI_OPT_JSON,
     "print JSON: an object on a line for each page"},
    {"wake", CLI_OPT_JSON, "print JSON: an object on a line for each answer"},
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
