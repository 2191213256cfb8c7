/* SPDX-License-Identifier: MIT */

/*
 * Every file of transcripts/.
 */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/paper.h"
#include "transcript.h"

#define FOLDER SOURCE_DIR "/tests/cli/transcripts"

#define MAX_FILES 64

static int
is_transcript(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len > 4 && strcmp(entry->d_name + len - 4, ".txt") == 0;
}

static void
reads_as_written(void **state)
{
    transcript_play(*state);
}

int
main(void)
{
    static char paths[MAX_FILES][512];
    struct CMUnitTest tests[MAX_FILES];
    struct dirent **entries;
    int n = scandir(FOLDER, &entries, is_transcript, alphasort);

    if (n <= 0 || n > MAX_FILES) {
        fprintf(stderr, "%s: %d transcripts\n", FOLDER, n);
        return 1;
    }
    for (int i = 0; i < n; i++) {
        snprintf(paths[i], sizeof paths[i], FOLDER "/%s", entries[i]->d_name);
        tests[i] = (struct CMUnitTest){.name = strrchr(paths[i], '/') + 1,
                                       .test_func = reads_as_written,
                                       .initial_state = paths[i]};
        free(entries[i]);
    }
    free(entries);
    return _cmocka_run_group_tests("transcripts", tests, (size_t)n, NULL,
                                   paper_free_keys);
}
