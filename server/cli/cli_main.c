/* SPDX-License-Identifier: MIT */

#include "cli.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli_call.h"
#include "cli_say.h"
#include "cli_when.h"
#include "cmd.h"

#define MAX_KEY 256 /* bytes of an API key */
#define ANY     SIZE_MAX

/* bytes of a unix socket's path, without its NUL */
#define MAX_SOCKET (sizeof((struct sockaddr_un *)NULL)->sun_path - 1)

#define FILTER                                                               \
    (CLI_BIT(TOPIC) | CLI_BIT(KIND) | CLI_BIT(STATE) | CLI_BIT(SILENT_FOR) | \
     CLI_BIT(PARENT) | CLI_BIT(SERIAL))

struct command {
    const char *noun;
    const char *verb; /* NULL: the noun is the command */
    const char *usage;
    const char *help;
    uint32_t options; /* beside CLI_COMMON */
    size_t min_words;
    size_t max_words;
    enum cli_exit (*run)(struct cli *cli, const struct cli_args *args);
};

static const struct command commands[] = {
    {"status", NULL, "", "one screen: certificates, enrollments, pushes", 0, 0,
     0, cmd_status},
    {"cert", "import", "FILE...",
     "use this push certificate and key (PEM, one file or two)",
     CLI_BIT(APPLE_ACCOUNT) | CLI_BIT(NOTE), 1, 2, cmd_cert_import},
    {"cert", "list", "", "push certificates and how long they last", 0, 0, 0,
     cmd_cert_list},
    {"cert", "show", "TOPIC", "everything about one push certificate", 0, 1, 1,
     cmd_cert_show},
    {"enrollment", "list", "", "enrollments, narrowed by options", FILTER, 0, 0,
     cmd_enrollment_list},
    {"enrollment", "show", "ID", "one enrollment, its last push and its wake",
     0, 1, 1, cmd_enrollment_show},
    {"enrollment", "import", "FILE", "add or replace: a line of JSON each", 0,
     1, 1, cmd_enrollment_import},
    {"enrollment", "export", "[FILE]", "write them as a line of JSON each",
     FILTER | CLI_BIT(SECRETS), 0, 1, cmd_enrollment_export},
    {"enrollment", "remove", "ID...", "forget enrollments and their wakes",
     CLI_BIT(YES), 1, ANY, cmd_enrollment_remove},
    {"checkin", NULL, "FILE...", "hand check-in plists of devices to roused", 0,
     1, ANY, cmd_checkin},
    {"wake", NULL, "ID... | --all | --topic T ...",
     "push: some by id (- reads ids, a line each), or many by options",
     CLI_BIT(ALL) | CLI_BIT(TOPIC) | CLI_BIT(KIND) | CLI_BIT(SILENT_FOR) |
         CLI_BIT(PARENT) | CLI_BIT(RATE) | CLI_BIT(DEADLINE) | CLI_BIT(WAIT) |
         CLI_BIT(TIMEOUT),
     0, ANY, cmd_wake},
    {"wave", "list", "", "waves, the newest first", CLI_BIT(OPEN), 0, 0,
     cmd_wave_list},
    {"wave", "show", "ID", "how far a wave has come",
     CLI_BIT(WAIT) | CLI_BIT(TIMEOUT), 1, 1, cmd_wave_show},
    {"wave", "cancel", "ID", "push no more for it", 0, 1, 1, cmd_wave_cancel},
    {"key", "create", "NAME", "make an API key; it is shown once",
     CLI_BIT(VERBS) | CLI_BIT(TOPIC), 1, 1, cmd_key_create},
    {"key", "list", "", "API keys and what they may do", 0, 0, 0, cmd_key_list},
    {"key", "revoke", "ID", "make an API key worthless", 0, 1, 1,
     cmd_key_revoke},
    {"events", NULL, "", "what happened: the audit log",
     CLI_BIT(FOLLOW) | CLI_BIT(AFTER), 0, 0, cmd_events},
};

#define N_COMMANDS (sizeof commands / sizeof commands[0])

static void
print_options(FILE *out, uint32_t mask)
{
    for (unsigned i = 0; i < CLI_N_OPTIONS; i++) {
        enum cli_option option = (enum cli_option)i;
        const char *value = cli_options_value(option);
        char left[32];

        if ((mask >> i & 1) == 0)
            continue;
        snprintf(left, sizeof left, "--%s%s%s", cli_options_text(option),
                 value != NULL ? " " : "", value != NULL ? value : "");
        fprintf(out, "  %-22s %s\n", left, cli_options_help(option));
    }
}

static void
print_usage(FILE *out, const struct command *command)
{
    fprintf(out, "rouse %s%s%s%s%s", command->noun,
            command->verb != NULL ? " " : "",
            command->verb != NULL ? command->verb : "",
            command->usage[0] != '\0' ? " " : "", command->usage);
}

/* ${noun} NULL: everything. */
static void
print_help(FILE *out, const char *noun)
{
    fprintf(out, "Usage: rouse COMMAND [OPTION...]\n\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const struct command *command = &commands[i];
        char left[32];

        if (noun != NULL && strcmp(command->noun, noun) != 0)
            continue;
        snprintf(left, sizeof left, "%s%s%s", command->noun,
                 command->verb != NULL ? " " : "",
                 command->verb != NULL ? command->verb : "");
        fprintf(out, "  %-20s %s\n", left, command->help);
    }
    fprintf(out, "\nOptions of every command:\n");
    print_options(out, CLI_COMMON);
    fprintf(out, "\nrouse COMMAND --help tells more about one command.\n"
                 "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by a "
                 "guard.\n");
}

static void
print_command_help(FILE *out, const struct command *command)
{
    fprintf(out, "Usage: ");
    print_usage(out, command);
    fprintf(out, " [OPTION...]\n\n%s\n", command->help);
    if (command->options != 0) {
        fprintf(out, "\nOptions:\n");
        print_options(out, command->options);
    }
    fprintf(out, "\nOptions of every command:\n");
    print_options(out, CLI_COMMON);
}

static bool
is_noun(const char *word)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].noun, word) == 0)
            return true;
    return false;
}

/* The command that the first one or two words name; NULL: none. */
static const struct command *
find_command(const struct cli_args *args)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const struct command *command = &commands[i];

        if (args->n_words == 0 || strcmp(command->noun, args->words[0]) != 0)
            continue;
        if (command->verb == NULL ||
            (args->n_words > 1 && strcmp(command->verb, args->words[1]) == 0))
            return command;
    }
    return NULL;
}

static enum cli_exit
refuse_words(struct cli *cli, const struct cli_args *args)
{
    if (args->n_words == 0)
        return cli_say_misuse(cli, "no command given; see rouse --help");
    if (!is_noun(args->words[0]))
        return cli_say_misuse(cli, "unknown command %s; see rouse --help",
                              args->words[0]);
    if (args->n_words == 1)
        return cli_say_misuse(cli, "rouse %s needs a verb; see rouse %s --help",
                              args->words[0], args->words[0]);
    return cli_say_misuse(cli, "unknown command %s %s; see rouse %s --help",
                          args->words[0], args->words[1], args->words[0]);
}

/* What the table says about the options and words of ${command}. */
static enum cli_exit
check_usage(struct cli *cli, const struct command *command,
            const struct cli_args *args)
{
    uint32_t extra = cli_options_given(args) & ~(CLI_COMMON | command->options);

    for (unsigned i = 0; i < CLI_N_OPTIONS; i++)
        if (extra >> i & 1)
            return cli_say_misuse(cli,
                                  "--%s does not belong to rouse %s%s%s; see "
                                  "its --help",
                                  cli_options_text((enum cli_option)i),
                                  command->noun,
                                  command->verb != NULL ? " " : "",
                                  command->verb != NULL ? command->verb : "");
    if (args->n_words >= command->min_words &&
        args->n_words <= command->max_words)
        return CLI_DONE;
    return cli_say_misuse(
        cli, "%s; usage: rouse %s%s%s %s",
        args->n_words < command->min_words ? "a word is missing"
                                           : "too many words",
        command->noun, command->verb != NULL ? " " : "",
        command->verb != NULL ? command->verb : "", command->usage);
}

/* Where to find roused, and how to get in. */
static enum cli_exit
take_target(struct cli *cli, const struct cli_args *args)
{
    const char *socket = args->values[CLI_OPT_SOCKET];
    const char *key = args->values[CLI_OPT_KEY];

    cli->is_json = args->values[CLI_OPT_JSON] != NULL;
    cli->url = args->values[CLI_OPT_URL];
    cli->ca_file = args->values[CLI_OPT_CA_FILE];
    if (cli->url != NULL && socket != NULL)
        return cli_say_misuse(cli, "give --socket or --url, not both");
    if (cli->url != NULL && strncmp(cli->url, "http://", 7) != 0 &&
        strncmp(cli->url, "https://", 8) != 0)
        return cli_say_misuse(cli, "--url begins with http:// or https://");
    if (socket == NULL)
        socket = secure_getenv("ROUSE_SOCKET");
    cli->socket =
        socket != NULL && socket[0] != '\0' ? socket : CLI_DEFAULT_SOCKET;
    if (strlen(cli->socket) > MAX_SOCKET)
        return cli_say_misuse(cli, "a socket's path has at most %zu bytes: %s",
                              MAX_SOCKET, cli->socket);
    if (key == NULL)
        key = secure_getenv("ROUSE_KEY");
    if (key != NULL && key[0] == '\0')
        key = NULL;
    if (key != NULL && strlen(key) > MAX_KEY)
        return cli_say_misuse(cli, "a key has at most %d bytes", MAX_KEY);
    for (const char *p = key; p != NULL && *p != '\0'; p++)
        if (*p <= ' ' || *p > '~')
            return cli_say_misuse(cli, "a key is printable ASCII without "
                                       "blanks");
    cli->key = key;
    return CLI_DONE;
}

static enum cli_exit
run_command(struct cli *cli, const struct command *command,
            struct cli_args *args)
{
    size_t n_own = command->verb != NULL ? 2 : 1;
    struct cli_args rest = *args;
    enum cli_exit result;

    if (args->values[CLI_OPT_HELP] != NULL) {
        print_command_help(cli->out, command);
        return CLI_DONE;
    }
    rest.words += n_own;
    rest.n_words -= n_own;
    if ((result = check_usage(cli, command, &rest)) != CLI_DONE ||
        (result = take_target(cli, args)) != CLI_DONE)
        return result;
    result = command->run(cli, &rest);
    cli_call_free(cli);
    return result;
}

static enum cli_exit
dispatch(struct cli *cli, struct cli_args *args)
{
    const struct command *command = find_command(args);

    if (args->values[CLI_OPT_VERSION] != NULL) {
        fprintf(cli->out, "rouse %s\n", ROUSE_VERSION);
        return CLI_DONE;
    }
    if (command != NULL)
        return run_command(cli, command, args);
    if (args->values[CLI_OPT_HELP] != NULL &&
        (args->n_words == 0 || is_noun(args->words[0]))) {
        print_help(cli->out, args->n_words > 0 ? args->words[0] : NULL);
        return CLI_DONE;
    }
    return refuse_words(cli, args);
}

enum cli_exit
cli_main_run(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    char why[256];
    enum cli_exit result;

    if (!cli_options_parse(&args, argc, argv, why, sizeof why))
        result = cli_say_misuse(cli, "%s; see rouse --help", why);
    else
        result = dispatch(cli, &args);
    cli_options_fini(&args);
    /* a full disk or a closed pipe must not look like success */
    if (fflush(cli->out) != 0 || ferror(cli->out))
        result = cli_say_failed(cli, "cannot write the output: %s",
                                strerrordesc_np(errno));
    return result;
}

static int
width_of(int fd)
{
    struct winsize size;

    if (!isatty(fd))
        return 0;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

int
cli_main(int argc, char **argv)
{
    struct cli cli = {
        .in = stdin,
        .out = stdout,
        .err = stderr,
        .is_asking = isatty(STDIN_FILENO) && isatty(STDERR_FILENO),
        .out_width = width_of(STDOUT_FILENO),
        .err_width = width_of(STDERR_FILENO),
        .clock = cli_when_clock(),
        .poll_ms = 250,
    };

    return (int)cli_main_run(&cli, argc, argv);
}
