/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "server/cli/lib/cli_options.h"
#include "tests/support/unit.h"

/* Parses ${words}, which end with NULL; ${why} has 256 bytes. */
static bool
parse(struct cli_args *args, char *why, const char *const *words)
{
    static char storage[16][256];
    static char *argv[17];
    int argc = 1;

    argv[0] = storage[0];
    for (; words[argc - 1] != NULL; argc++) {
        assert_true(argc < 16);
        memcpy(storage[argc], words[argc - 1], strlen(words[argc - 1]) + 1);
        argv[argc] = storage[argc];
    }
    argv[argc] = NULL;
    return cli_options_parse(args, argc, argv, why, 256);
}

#define PARSE(args, why, ...) \
    parse(args, why, (const char *const[]){__VA_ARGS__, NULL})

TEST(options_stand_before_between_and_after_words)
{
    struct cli_args args;
    char why[256];

    assert_true(PARSE(&args, why, "--socket", "/s", "wake", "--json", "A",
                      "--topic=com.apple.mgmt.x", "B"));
    assert_int_equal(args.n_words, 3);
    assert_string_equal(args.words[0], "wake");
    assert_string_equal(args.words[1], "A");
    assert_string_equal(args.words[2], "B");
    assert_string_equal(args.values[CLI_OPT_SOCKET], "/s");
    assert_string_equal(args.values[CLI_OPT_TOPIC], "com.apple.mgmt.x");
    assert_string_equal(args.values[CLI_OPT_JSON], "");
    assert_null(args.values[CLI_OPT_ALL]);
    assert_int_equal(cli_options_given(&args),
                     CLI_BIT(SOCKET) | CLI_BIT(TOPIC) | CLI_BIT(JSON));
    cli_options_fini(&args);
}

TEST(two_dashes_end_the_options)
{
    struct cli_args args;
    char why[256];

    assert_true(PARSE(&args, why, "wake", "-", "--", "--all", "-h"));
    assert_int_equal(args.n_words, 4);
    assert_string_equal(args.words[1], "-");
    assert_string_equal(args.words[2], "--all");
    assert_int_equal(cli_options_given(&args), 0);
    cli_options_fini(&args);
}

TEST(one_option_may_be_repeated_and_one_is_short)
{
    struct cli_args args;
    char why[256];

    assert_true(PARSE(&args, why, "--chain", "a", "-o", "out", "--chain=b"));
    assert_int_equal(args.n_chain, 2);
    assert_string_equal(args.chain[0], "a");
    assert_string_equal(args.chain[1], "b");
    assert_string_equal(args.values[CLI_OPT_OUTPUT], "out");
    cli_options_fini(&args);
}

TEST(wrong_options_are_named)
{
    static const struct {
        const char *words[4];
        const char *why;
    } cases[] = {
        {{"--frob"}, "unknown option --frob"},
        {{"--frob=3"}, "unknown option --frob"},
        {{"--top", "x"}, "unknown option --top"},
        {{"-x"}, "unknown option -x"},
        {{"--json=1"}, "--json takes no value"},
        {{"--topic"}, "--topic needs a value: TOPIC"},
        {{"--topic="}, "--topic has an empty value"},
        {{"--topic", ""}, "--topic has an empty value"},
        {{"-o"}, "--output needs a value: FILE"},
        {{"--output", "a", "-o", "b"}, "--output is given twice"},
        {{"--json", "--json"}, "--json is given twice"},
        {{"--rate=1", "--rate=2"}, "--rate is given twice"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cli_args args;
        char why[256] = "";

        assert_false(parse(&args, why, cases[i].words));
        assert_string_equal(why, cases[i].why);
        cli_options_fini(&args);
    }
}

TEST(every_option_has_a_text_and_help)
{
    for (unsigned i = 0; i < CLI_N_OPTIONS; i++) {
        assert_true(strlen(cli_options_text((enum cli_option)i)) > 0);
        assert_true(strlen(cli_options_help((enum cli_option)i)) > 0);
    }
}
