/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_FLEET_H
#define ROUSE_TESTS_FLEET_H

/*
 * A fleet of made-up devices whose ids and tokens follow from their number,
 * so that a simulator's ledger can be held against it without a list.
 */

#include <stddef.h>
#include <stdint.h>

#define FLEET_TOKEN_LEN 32

struct fleet {
    const char *topic;
    size_t n;
};

/** fleet_token(i, token): the device token of device ${i}. */
void fleet_token(size_t i, uint8_t token[FLEET_TOKEN_LEN]);

/** fleet_id(i, id): its enrollment id, a UDID of 36 characters. */
void fleet_id(size_t i, char id[37]);

/** fleet_write(fleet, path): one line each, as /v1/enrollments takes it. */
void fleet_write(const struct fleet *fleet, const char *path);

/* What ledgers say of a fleet. */
struct fleet_tally {
    size_t n_woken;      /* devices with at least one accepted push */
    size_t n_repeated;   /* accepted pushes beyond the first of a device */
    size_t max_accepted; /* pushes of one device, the most */
    size_t n_rejected;   /* pushes answered no */
    size_t n_strange;    /* tokens in a ledger that no device has */
};

/**
 * fleet_compare(fleet, ledgers, tally):
 * Add up the ledger files (NULL-terminated list of paths, lines
 * "<token hex> <accepted> <rejected>").
 */
void fleet_compare(const struct fleet *fleet, const char *const ledgers[],
                   struct fleet_tally *tally);

#endif /* ROUSE_TESTS_FLEET_H */
