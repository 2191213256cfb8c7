/* SPDX-License-Identifier: MIT */

#include "cli_near.h"

#include <string.h>

static unsigned
least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/*
 * How many characters have to be added, dropped, replaced or swapped with
 * their neighbour. Three rows of the usual table are enough.
 */
static unsigned
count_edits(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned rows[3][CLI_NEAR_MAX + 1] = {0};

    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_len; i++) {
        const unsigned *above = rows[(i - 1) % 3];
        const unsigned *second = rows[(i + 1) % 3];
        unsigned *row = rows[i % 3];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]),
                           least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], second[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

void
cli_near_begin(struct cli_near *near, const char *word)
{
    /* of short words one slip, of longer ones two, are worth a guess */
    *near = (struct cli_near){.word = word};
    near->distance = strlen(word) < 3 ? 0 : strlen(word) < 6 ? 2 : 3;
}

void
cli_near_try(struct cli_near *near, const char *word, size_t len)
{
    size_t word_len = strlen(near->word);
    unsigned distance;

    if (word_len > CLI_NEAR_MAX || len > CLI_NEAR_MAX)
        return;
    distance = count_edits(near->word, word_len, word, len);
    if (distance >= near->distance)
        return;
    near->distance = distance;
    near->best = word;
    near->len = len;
}
