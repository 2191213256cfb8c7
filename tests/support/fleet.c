/* SPDX-License-Identifier: MIT */
#include "fleet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apns/base/hex.h"

/*
 * A token begins with the device's number, so that a ledger's line leads back
 * to it; the rest looks random and must be right too.
 */
void
fleet_token(size_t i, uint8_t token[FLEET_TOKEN_LEN])
{
    uint64_t x = i + 1;

    for (size_t at = 0; at < FLEET_TOKEN_LEN; at++) {
        if (at < 4) {
            token[at] = (uint8_t)(i >> (8 * (3 - at)));
            continue;
        }
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        token[at] = (uint8_t)(x >> 24);
    }
}

void
fleet_id(size_t i, char id[37])
{
    unsigned device = (unsigned)i & 0xffffffff;

    snprintf(id, 37, "%08X-0000-4000-8000-0000%08X", device,
             device * 2654435761U);
}

void
fleet_write(const struct fleet *fleet, const char *path)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    for (size_t i = 0; i < fleet->n; i++) {
        uint8_t token[FLEET_TOKEN_LEN];
        char hex[2 * FLEET_TOKEN_LEN + 1], id[37];

        fleet_token(i, token);
        hex_write(token, sizeof token, hex);
        fleet_id(i, id);
        fprintf(file,
                "{\"id\":\"%s\",\"kind\":\"Device\",\"topic\":\"%s\","
                "\"token\":\"%s\",\"push_magic\":\"magic-%zu\"}\n",
                id, fleet->topic, hex, i);
    }
    assert_int_equal(fclose(file), 0);
}

/* The number of the device that has this token; n when none has. */
static size_t
find_device(const struct fleet *fleet, const char *hex)
{
    uint8_t token[FLEET_TOKEN_LEN];
    char mine[2 * FLEET_TOKEN_LEN + 1], head[9];
    size_t i;

    snprintf(head, sizeof head, "%.8s", hex);
    i = strtoul(head, NULL, 16);
    if (i >= fleet->n)
        return fleet->n;
    fleet_token(i, token);
    hex_write(token, sizeof token, mine);
    return strcmp(mine, hex) == 0 ? i : fleet->n;
}

static void
add_ledger(const struct fleet *fleet, const char *path, uint32_t *accepted,
           struct fleet_tally *tally)
{
    FILE *file = fopen(path, "r");
    char line[1024];

    if (file == NULL)
        fail_msg("no ledger at %s", path);
    while (fgets(line, sizeof line, file) != NULL) {
        char hex[600];
        unsigned yes, no;
        size_t i;

        /* NOLINTNEXTLINE(cert-err34-c): the count of fields is checked */
        if (sscanf(line, "%599s %u %u", hex, &yes, &no) != 3)
            fail_msg("not a ledger's line: %s", line);
        tally->n_rejected += no;
        if ((i = find_device(fleet, hex)) == fleet->n)
            tally->n_strange++;
        else
            accepted[i] += yes;
    }
    fclose(file);
}

void
fleet_compare(const struct fleet *fleet, const char *const ledgers[],
              struct fleet_tally *tally)
{
    uint32_t *accepted = calloc(fleet->n, sizeof *accepted);

    assert_non_null(accepted);
    *tally = (struct fleet_tally){0};
    for (; *ledgers != NULL; ledgers++)
        add_ledger(fleet, *ledgers, accepted, tally);
    for (size_t i = 0; i < fleet->n; i++) {
        if (accepted[i] == 0)
            continue;
        tally->n_woken++;
        tally->n_repeated += accepted[i] - 1;
        if (accepted[i] > tally->max_accepted)
            tally->max_accepted = accepted[i];
    }
    free(accepted);
}
