/* SPDX-License-Identifier: MIT */

#include "cli.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli_commands.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_topic.h"
#include "server/cli/term/cli_help.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_style.h"
#include "server/cli/term/cli_when.h"

#define MAX_KEY 256 /* bytes of an API key */

/* bytes of a unix socket's path, without its NUL */
#define MAX_SOCKET (sizeof((struct sockaddr_un *)NULL)->sun_path - 1)

/* What the table says about the options and words of ${command}. */
static enum cli_exit
check_usage(struct cli *cli, const struct cli_command *command,
            const struct cli_args *args)
{
    uint64_t extra = cli_options_given(args) & ~(CLI_COMMON | command->options);

    for (unsigned i = 0; i < CLI_N_OPTIONS; i++)
        if (extra >> i & 1)
            return cli_say_misuse(
                cli, "--%s is not an option of rouse %s; see its --help",
                cli_options_text((enum cli_option)i), command->name);
    if (args->n_words >= command->min_words &&
        args->n_words <= command->max_words)
        return CLI_DONE;
    if (args->n_words > command->max_words && command->max_words > 1)
        return cli_say_misuse(
            cli, "rouse %s %s: at most %zu, and %zu were given", command->name,
            command->usage, command->max_words, args->n_words);
    return cli_say_misuse(
        cli, "%s; usage: rouse %s%s%s",
        args->n_words < command->min_words ? "an argument is missing"
                                           : "too many arguments",
        command->name, command->usage[0] != '\0' ? " " : "", command->usage);
}

/* Where to find roused, and how to get in. */
static enum cli_exit
take_target(struct cli *cli, const struct cli_args *args)
{
    const char *socket = args->values[CLI_OPT_SOCKET];
    const char *key = args->values[CLI_OPT_KEY];

    cli->is_verbose = args->values[CLI_OPT_VERBOSE] != NULL;
    if (!cli_style_read(cli, args->values[CLI_OPT_COLOR]))
        return cli_say_misuse(cli, "--color must be never, auto or always");
    cli->url = args->values[CLI_OPT_URL];
    cli->ca_file = args->values[CLI_OPT_CA_FILE];
    if (cli->url != NULL && socket != NULL)
        return cli_say_misuse(cli, "give --socket or --url, not both");
    if (cli->url != NULL && strncmp(cli->url, "http://", 7) != 0 &&
        strncmp(cli->url, "https://", 8) != 0)
        return cli_say_misuse(cli, "--url must begin with http:// or https://");
    if (socket == NULL)
        socket = secure_getenv("ROUSE_SOCKET");
    cli->socket =
        socket != NULL && socket[0] != '\0' ? socket : CLI_DEFAULT_SOCKET;
    if (strlen(cli->socket) > MAX_SOCKET)
        return cli_say_misuse(cli,
                              "a socket path may have at most %zu bytes: %s",
                              MAX_SOCKET, cli->socket);
    if (key == NULL)
        key = secure_getenv("ROUSE_KEY");
    if (key != NULL && key[0] == '\0')
        key = NULL;
    if (key != NULL && strlen(key) > MAX_KEY)
        return cli_say_misuse(cli, "a key may have at most %d bytes", MAX_KEY);
    for (const char *p = key; p != NULL && *p != '\0'; p++)
        if (*p <= ' ' || *p > '~')
            return cli_say_misuse(
                cli, "a key must be printable ASCII without spaces");
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
        cli_help_command(cli->out, command);
        return CLI_DONE;
    }
    rest.words += n_own;
    rest.n_words -= n_own;
    if ((result = check_usage(cli, command, &rest)) != CLI_DONE ||
        (result = take_target(cli, args)) != CLI_DONE)
        return result;
    result = cli_topic_resolve(cli, command, &rest);
    if (result == CLI_DONE)
        result = command->run(cli, &rest);
    for (size_t i = 0; i < rest.n_topics; i++)
        free(rest.topics[i]);
    cli_call_free(cli);
    return result;
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
        (args->n_words == 0 || cli_commands_has(args->words, args->n_words))) {
        cli_help_print(cli->out, args->words, args->n_words);
        return CLI_DONE;
    }
    return cli_help_words(cli, args);
}

/* A program that reads JSON gets the reason as JSON, whoever said it. */
static void
answer_trouble(struct cli *cli)
{
    json_t *json;

    if (cli->is_json && !cli->is_answered && cli->trouble != NULL) {
        json = json_pack("{s:s?}", "error", cli->trouble);
        if (json == NULL)
            json = json_pack("{s:s}", "error", "not UTF-8");
        cli_json_print(cli, json);
        json_decref(json);
    }
}

enum cli_exit
cli_main_run(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    char why[256];
    enum cli_exit result;

    bool is_parsed = cli_options_parse(&args, argc, argv, why, sizeof why);

    /* before anything can fail */
    cli->is_json = args.values[CLI_OPT_JSON] != NULL;
    if (!is_parsed)
        result = cli_help_option(cli, &args, why);
    else
        result = dispatch(cli, &args);
    cli_options_fini(&args);
    if (result != CLI_DONE)
        answer_trouble(cli);
    /* a full disk or a closed pipe must not look like success */
    if (fflush(cli->out) != 0 || ferror(cli->out))
        result = cli_say_failed(cli, "cannot write the output: %s",
                                strerrordesc_np(errno));
    free(cli->trouble);
    cli->trouble = NULL;
    return result;
}

static bool
is_colored(int fd)
{
    const char *no_color = secure_getenv("NO_COLOR");
    const char *term = secure_getenv("TERM");

    return isatty(fd) && (no_color == NULL || no_color[0] == '\0') &&
           term != NULL && strcmp(term, "dumb") != 0;
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
        .out_is_colored = is_colored(STDOUT_FILENO),
        .err_is_colored = is_colored(STDERR_FILENO),
        .clock = cli_when_clock(),
        .poll_ms = 250,
    };

    return (int)cli_main_run(&cli, argc, argv);
}
