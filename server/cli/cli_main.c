/* SPDX-License-Identifier: MIT */

#include "cli.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli_call.h"
#include "cli_commands.h"
#include "cli_say.h"
#include "cli_when.h"

#define MAX_KEY 256 /* bytes of an API key */

/* bytes of a unix socket's path, without its NUL */
#define MAX_SOCKET (sizeof((struct sockaddr_un *)NULL)->sun_path - 1)

static void
print_options(FILE *out, uint64_t mask)
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

/* ${noun} NULL: everything. */
static void
print_help(FILE *out, const char *noun)
{
    const struct cli_command *command;

    fprintf(out, "Usage: rouse COMMAND [OPTION...]\n\n");
    for (size_t i = 0; (command = cli_commands_at(i)) != NULL; i++)
        if (noun == NULL || cli_commands_begins(command, &noun, 1))
            fprintf(out, "  %-20s %s\n", command->name, command->help);
    fprintf(out, "\nOptions of every command:\n");
    print_options(out, CLI_COMMON);
    fprintf(out, "\nrouse COMMAND --help tells more about one command.\n"
                 "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by a "
                 "guard.\n");
}

static void
print_command_help(FILE *out, const struct cli_command *command)
{
    fprintf(out, "Usage: rouse %s%s%s [OPTION...]\n\n%s\n", command->name,
            command->usage[0] != '\0' ? " " : "", command->usage,
            command->help);
    if (command->options != 0) {
        fprintf(out, "\nOptions:\n");
        print_options(out, command->options);
    }
    fprintf(out, "\nOptions of every command:\n");
    print_options(out, CLI_COMMON);
}

/* How many of the first words begin a command: 0, 1, or 2 of three. */
static size_t
count_known(const struct cli_args *args)
{
    size_t n = 0;

    while (n < args->n_words && cli_commands_has(args->words, n + 1))
        n++;
    return n;
}

static enum cli_exit
refuse_words(struct cli *cli, const struct cli_args *args)
{
    size_t n = count_known(args);
    const char *first = args->n_words > 0 ? args->words[0] : "";
    const char *second = args->n_words > 1 ? args->words[1] : "";
    const char *third = args->n_words > 2 ? args->words[2] : "";

    if (args->n_words == 0)
        return cli_say_misuse(cli, "no command given; see rouse --help");
    if (n == 0)
        return cli_say_misuse(cli, "unknown command %s; see rouse --help",
                              first);
    if (n == args->n_words)
        return cli_say_misuse(cli,
                              "rouse %s%s%s needs a verb; see rouse %s --help",
                              first, n > 1 ? " " : "", second, first);
    return cli_say_misuse(cli, "unknown command %s %s%s%s; see rouse %s --help",
                          first, second, n > 1 ? " " : "", n > 1 ? third : "",
                          first);
}

/* What the table says about the options and words of ${command}. */
static enum cli_exit
check_usage(struct cli *cli, const struct cli_command *command,
            const struct cli_args *args)
{
    uint64_t extra = cli_options_given(args) & ~(CLI_COMMON | command->options);

    for (unsigned i = 0; i < CLI_N_OPTIONS; i++)
        if (extra >> i & 1)
            return cli_say_misuse(
                cli, "--%s does not belong to rouse %s; see its --help",
                cli_options_text((enum cli_option)i), command->name);
    if (args->n_words >= command->min_words &&
        args->n_words <= command->max_words)
        return CLI_DONE;
    return cli_say_misuse(
        cli, "%s; usage: rouse %s%s%s",
        args->n_words < command->min_words ? "a word is missing"
                                           : "too many words",
        command->name, command->usage[0] != '\0' ? " " : "", command->usage);
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
run_command(struct cli *cli, const struct cli_command *command,
            struct cli_args *args)
{
    size_t n_own = cli_commands_words(command);
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

/* An option that there is not, behind the words that are in ${args}. */
static enum cli_exit
refuse_option(struct cli *cli, const struct cli_args *args, const char *why)
{
    const struct cli_command *command =
        cli_commands_find(args->words, args->n_words);

    return cli_say_misuse(cli, "%s; see rouse %s%s--help", why,
                          command != NULL ? command->name : "",
                          command != NULL ? " " : "");
}

static enum cli_exit
dispatch(struct cli *cli, struct cli_args *args)
{
    const struct cli_command *command =
        cli_commands_find(args->words, args->n_words);

    if (args->values[CLI_OPT_VERSION] != NULL) {
        fprintf(cli->out, "rouse %s\n", ROUSE_VERSION);
        return CLI_DONE;
    }
    if (command != NULL)
        return run_command(cli, command, args);
    if (args->values[CLI_OPT_HELP] != NULL &&
        (args->n_words == 0 || cli_commands_has(args->words, 1))) {
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
        result = refuse_option(cli, &args, why);
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
