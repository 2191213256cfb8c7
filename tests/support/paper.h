/* SPDX-License-Identifier: MIT */
#ifndef TEST_PAPER_H
#define TEST_PAPER_H

/*
 * Certificates, keys and requests as files in a folder, from a made-up Apple
 * and a made-up vendor. Keys are made once for each test program.
 */

#include <stdint.h>

#define PAPER_TOPIC "com.apple.mgmt.External.paper"

/**
 * paper_write_push(dir, name, days):
 * "${dir}/${name}": a push certificate of PAPER_TOPIC that ends in ${days}
 * days, PEM, without its key. Returns the path, to free().
 */
char *paper_write_push(const char *dir, const char *name, int days);

/** paper_write_key: its private key; sealed unless ${password} is NULL. */
char *paper_write_key(const char *dir, const char *name, const char *password);

/** paper_write_csr: a request for a key of its own. */
char *paper_write_csr(const char *dir, const char *name);

/**
 * paper_write_vendor(dir, days, paths):
 * A vendor's certificate (${paths}[0], ending in ${days} days), its key
 * (1, sealed unless ${password} is NULL), intermediate (2) and root (3).
 */
void paper_write_vendor(const char *dir, int days, const char *password,
                        char *paths[4]);

/** paper_free_keys(): a group teardown. */
int paper_free_keys(void **state);

#endif /* TEST_PAPER_H */
