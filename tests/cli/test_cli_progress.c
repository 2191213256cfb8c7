/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "server/cli/term/cli_progress.h"
#include "tests/support/unit.h"

TEST(the_bar_fills_with_what_is_done)
{
    char line[CLI_PROGRESS_MAX_WIDTH + 1];

    cli_progress_render(line, 40, 0, 100, 0);
    assert_string_equal(line, "[................................] 0/100");
    cli_progress_render(line, 40, 100, 100, 1000);
    assert_string_equal(line, "[##############################] 100/100");
    cli_progress_render(line, 50, 50, 100, 1000);
    assert_string_equal(line,
                        "[#############.............] 50/100  50/s, 1s left");
}

TEST(the_line_never_outgrows_its_width)
{
    char line[CLI_PROGRESS_MAX_WIDTH + 1];

    for (int width = 0; width < 200; width++) {
        for (uint64_t done = 0; done <= 1000; done += 125) {
            size_t max = width > CLI_PROGRESS_MAX_WIDTH ? CLI_PROGRESS_MAX_WIDTH
                                                        : (size_t)width;

            cli_progress_render(line, width, done, 1000, 1234);
            assert_true(strlen(line) <= max);
            cli_progress_render(line, width, done * UINT64_C(1000000000),
                                UINT64_C(1000000000000), 10);
            assert_true(strlen(line) <= max);
        }
    }
}

TEST(odd_numbers_do_no_harm)
{
    char line[CLI_PROGRESS_MAX_WIDTH + 1];

    cli_progress_render(line, 60, 0, 0, 0);
    assert_string_equal(line, "0/0");
    cli_progress_render(line, 40, 200, 100, 1000);
    assert_string_equal(line, "[##############################] 100/100");
    cli_progress_render(line, -1, 1, 2, 5);
    assert_string_equal(line, "");
}

TEST(a_terminal_is_drawn_over_and_left_clean)
{
    struct cli_progress progress;
    char *text;
    size_t len;
    FILE *stream = open_memstream(&text, &len);

    cli_progress_init(&progress, stream, 30, 1000);
    cli_progress_show(&progress, 1, 10, 1000 + CLI_PROGRESS_BAR_MS - 1);
    fflush(stream);
    assert_int_equal(len, 0);
    cli_progress_show(&progress, 5, 10, 1000 + CLI_PROGRESS_BAR_MS);
    cli_progress_clear(&progress);
    cli_progress_clear(&progress);
    fclose(stream);
    assert_string_equal(text, "\r5/10  50/s, 1s left\033[K\r\033[K");
    free(text);
}

TEST(a_log_gets_a_line_now_and_then)
{
    struct cli_progress progress;
    char *text;
    size_t len;
    FILE *stream = open_memstream(&text, &len);

    cli_progress_init(&progress, stream, 0, 0);
    for (int64_t now = 0; now <= 25000; now += 100)
        cli_progress_show(&progress, (uint64_t)now, 50000, now);
    cli_progress_clear(&progress);
    fclose(stream);
    assert_string_equal(text, "10000 of 50000 done\n20000 of 50000 done\n");
    free(text);
}
