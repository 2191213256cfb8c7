/* SPDX-License-Identifier: MIT */

#include "cli_help.h"

#include <string.h>

#include "cli_near.h"
#include "cli_say.h"
#include "server/cli/cli_commands.h"

/* As the help for the options of ${command} (NULL: of all) has it. */
static void
print_options(FILE *out, const struct cli_command *command, uint64_t mask)
{
    for (unsigned i = 0; i < CLI_N_OPTIONS; i++) {
        enum cli_option option = (enum cli_option)i;
        const char *value = cli_options_value(option);
        char left[32];

        if ((mask >> i & 1) == 0)
            continue;
        snprintf(left, sizeof left, "--%s%s%s", cli_options_text(option),
                 value != NULL ? " " : "", value != NULL ? value : "");
        fprintf(out, "  %-22s %s\n", left, cli_commands_help(command, option));
    }
}

static void
print_common(FILE *out, const struct cli_command *command)
{
    fprintf(out, "\nOptions of every command:\n");
    print_options(out, command, CLI_COMMON);
}

void
cli_help_print(FILE *out, const char *const *words, size_t n)
{
    const struct cli_command *command;

    fprintf(out, "Usage: rouse");
    for (size_t i = 0; i < n; i++)
        fprintf(out, " %s", words[i]);
    fprintf(out, " COMMAND [OPTION...]\n\n");
    for (size_t i = 0; (command = cli_commands_at(i)) != NULL; i++)
        if (cli_commands_begins(command, words, n))
            fprintf(out, "  %-20s %s\n", command->name, command->help);
    print_common(out, NULL);
    fprintf(out, "\nrouse COMMAND --help describes one command.\n"
                 "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by a "
                 "guard.\n");
}

void
cli_help_command(FILE *out, const struct cli_command *command)
{
    fprintf(out, "Usage: rouse %s%s%s [OPTION...]\n\n%s\n", command->name,
            command->usage[0] != '\0' ? " " : "", command->usage,
            command->help);
    if (command->options != 0) {
        fprintf(out, "\nOptions:\n");
        print_options(out, command, command->options);
    }
    print_common(out, command);
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

/* The ${i}-th word of ${name}; "" behind the last. */
static const char *
word_at(const char *name, size_t i, size_t *len)
{
    while (i-- > 0) {
        name += strcspn(name, " ");
        name += *name == ' ';
    }
    *len = strcspn(name, " ");
    return name;
}

/* The word that stands for words[known] in some command; NULL: none is near. */
static bool
guess_word(const struct cli_args *args, size_t known, struct cli_near *near)
{
    const struct cli_command *command;

    cli_near_begin(near, args->words[known]);
    for (size_t i = 0; (command = cli_commands_at(i)) != NULL; i++) {
        size_t len;
        const char *word = word_at(command->name, known, &len);

        if (len > 0 && cli_commands_begins(command, args->words, known))
            cli_near_try(near, word, len);
    }
    return near->best != NULL;
}

/* The first ${n} words in a row, which the caller frees. */
static char *
join_words(const struct cli_args *args, size_t n)
{
    char *text = strdup("");

    for (size_t i = 0; i < n && text != NULL; i++) {
        char *longer;

        must(asprintf(&longer, "%s%s%s", text, i > 0 ? " " : "",
                      args->words[i]) >= 0);
        free(text);
        text = longer;
    }
    must(text != NULL);
    return text;
}

/* The words that follow may belong to the command that was meant. */
static char *
describe_guess(const struct cli_args *args, size_t known)
{
    const char *words[3];
    struct cli_near near;
    char *guess = NULL;
    char *word;

    if (known >= 3 || !guess_word(args, known, &near))
        return strdup("");
    must((word = strndup(near.best, near.len)) != NULL);
    for (size_t i = 0; i < known; i++)
        words[i] = args->words[i];
    words[known] = word;
    if (known < 2 && known + 1 < args->n_words) {
        words[known + 1] = args->words[known + 1];
        known += cli_commands_has(words, known + 2);
    }

    struct cli_args meant = {.words = words, .n_words = known + 1};
    char *text = join_words(&meant, known + 1);

    must(asprintf(&guess, "; did you mean rouse %s?", text) >= 0);
    free(text);
    free(word);
    return guess;
}

enum cli_exit
cli_help_words(struct cli *cli, const struct cli_args *args)
{
    size_t n = count_known(args);
    enum cli_exit result;
    char *known;
    char *given;
    char *guess;

    if (args->n_words == 0)
        return cli_say_misuse(cli, "no command given; see rouse --help");
    known = join_words(args, n);
    given = join_words(args, n < args->n_words ? n + 1 : n);
    guess = n < args->n_words ? describe_guess(args, n) : strdup("");
    must(guess != NULL);
    if (n == args->n_words)
        result = cli_say_misuse(
            cli, "rouse %s needs a subcommand; see rouse %s --help", known,
            known);
    else if (guess[0] != '\0')
        result = cli_say_misuse(cli, "unknown command %s%s", given, guess);
    else
        result = cli_say_misuse(cli, "unknown command %s; see rouse %s%s--help",
                                given, known, n > 0 ? " " : "");
    free(known);
    free(given);
    free(guess);
    return result;
}

enum cli_exit
cli_help_option(struct cli *cli, const struct cli_args *args, const char *why)
{
    const struct cli_command *command =
        cli_commands_find(args->words, args->n_words);
    uint64_t mask =
        command != NULL ? command->options | CLI_COMMON : UINT64_MAX;
    const char *name = command != NULL ? command->name : "";
    const char *blank = command != NULL ? " " : "";
    struct cli_near near;

    cli_near_begin(&near, args->unknown);
    for (unsigned i = 0; i < CLI_N_OPTIONS; i++) {
        const char *text = cli_options_text((enum cli_option)i);

        if (mask >> i & 1)
            cli_near_try(&near, text, strlen(text));
    }
    if (args->unknown[0] != '\0' && near.best != NULL)
        return cli_say_misuse(cli, "%s; did you mean --%s?", why, near.best);
    return cli_say_misuse(cli, "%s; see rouse %s%s--help", why, name, blank);
}
