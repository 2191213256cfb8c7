/* SPDX-License-Identifier: MIT */

#include "cli_options.h"

#include <stdio.h>
#include <string.h>

#include "server/cli/cli.h"

static const struct {
    const char *text;
    const char *value;
    const char *help;
} options[CLI_N_OPTIONS] = {
#define X(name, text, value, help) [CLI_OPT_##name] = {text, value, help},
    CLI_OPTIONS(X)
#undef X
};

_Static_assert(CLI_N_OPTIONS <= 64, "options are bits of a uint64_t");

static bool
find_option(const char *text, size_t len, enum cli_option *option)
{
    for (unsigned i = 0; i < CLI_N_OPTIONS; i++) {
        if (strlen(options[i].text) == len &&
            memcmp(options[i].text, text, len) == 0) {
            *option = (enum cli_option)i;
            return true;
        }
    }
    return false;
}

/* ${arg} is "--name" or "--name=value"; ${next} is what follows, or NULL. */
static bool
take_option(struct cli_args *args, const char *arg, const char *next,
            bool *is_next_taken, char *why, size_t why_size)
{
    const char *name = arg + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
    enum cli_option option;

    *is_next_taken = false;
    if (!find_option(name, len, &option)) {
        snprintf(args->unknown, sizeof args->unknown, "%.*s", (int)len, name);
        snprintf(why, why_size, "unknown option --%.*s", (int)len, name);
        return false;
    }
    if (args->values[option] != NULL && option != CLI_OPT_CHAIN) {
        snprintf(why, why_size, "--%s is given twice", options[option].text);
        return false;
    }
    if (options[option].value == NULL) {
        if (equals != NULL)
            snprintf(why, why_size, "--%s takes no value",
                     options[option].text);
        args->values[option] = "";
        return equals == NULL;
    }
    if (equals == NULL && next == NULL) {
        snprintf(why, why_size, "--%s needs a value: %s", options[option].text,
                 options[option].value);
        return false;
    }
    args->values[option] = equals != NULL ? equals + 1 : next;
    *is_next_taken = equals == NULL;
    /* as from an unset variable: it must not mean "no restriction" */
    if (args->values[option][0] != '\0') {
        if (option == CLI_OPT_CHAIN)
            args->chain[args->n_chain++] = args->values[option];
        return true;
    }
    snprintf(why, why_size, "--%s has an empty value", options[option].text);
    return false;
}

const char *
cli_options_short(const char *arg)
{
    static const char *const names[][2] = {
        {"-h", "--help"}, {"-o", "--output"}, {"-v", "--verbose"}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(arg, names[i][0]) == 0)
            return names[i][1];
    return arg;
}

bool
cli_options_parse(struct cli_args *args, int argc, char **argv, char *why,
                  size_t why_size)
{
    bool is_ended = false;

    memset(args, 0, sizeof *args);
    args->words = calloc((size_t)argc + 1, sizeof *args->words);
    args->chain = calloc((size_t)argc + 1, sizeof *args->chain);
    must(args->words != NULL && args->chain != NULL);
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];

        if (is_ended || arg[0] != '-' || arg[1] == '\0') {
            args->words[args->n_words++] = arg;
        } else if (strcmp(arg, "--") == 0) {
            is_ended = true;
        } else if ((arg = cli_options_short(arg))[1] != '-') {
            snprintf(why, why_size, "unknown option %s", arg);
            return false;
        } else {
            bool is_next_taken;

            if (!take_option(args, arg, argv[i + 1], &is_next_taken, why,
                             why_size))
                return false;
            i += is_next_taken;
        }
    }
    return true;
}

void
cli_options_fini(struct cli_args *args)
{
    free(args->words);
    free(args->chain);
    args->words = NULL;
    args->chain = NULL;
}

uint64_t
cli_options_given(const struct cli_args *args)
{
    uint64_t given = 0;

    for (unsigned i = 0; i < CLI_N_OPTIONS; i++)
        if (args->values[i] != NULL)
            given |= UINT64_C(1) << i;
    return given;
}

const char *
cli_options_text(enum cli_option option)
{
    return options[option].text;
}

const char *
cli_options_value(enum cli_option option)
{
    return options[option].value;
}

const char *
cli_options_help(enum cli_option option)
{
    return options[option].help;
}
