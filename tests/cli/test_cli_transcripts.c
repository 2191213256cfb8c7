/* SPDX-License-Identifier: MIT */

/*
 * Every file of transcripts/.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/paper.h"
#include "tests/support/unit.h"
#include "transcript.h"

#define FOLDER SOURCE_DIR "/tests/cli/transcripts"

TEST_FILES(reads_as_written, FOLDER "/*.txt")
{
    transcript_play(*state);
}

ALL(NULL, paper_free_keys);
