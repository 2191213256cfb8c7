/* SPDX-License-Identifier: MIT */
#ifndef CLI_CERT_H
#define CLI_CERT_H

/*
 * What several certificate commands share: the import, with everything shown
 * before anything changes, and the report of a test.
 */

#include <jansson.h>

#include "cli_material.h"
#include "server/cli/cli.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/term/cli_table.h"

/* Seconds that a test with APNs may take beside the request itself. */
#define CLI_CERT_TEST_S 60

struct cli_cert_import {
    struct cli_material *material;
    const char *renew;         /* the topic that it must renew; NULL */
    const char *replace_topic; /* the topic given up for it; NULL */
    const char *confirm;       /* digits; NULL */
    const char *apple_account;
    const char *note;
    bool is_adding;
    bool is_untested; /* --no-test */
    bool is_dry;      /* only show */
    bool is_sure;     /* --yes */
};

/* What comes after a signed request was written. */
#define CLI_CERT_UPLOAD                                                     \
    "Next: upload it at https://identity.apple.com/pushcert: Renew on the " \
    "row of your topic; Create a Certificate for a first one only."

/**
 * cli_cert_import(cli, import):
 * Ask roused what would happen, show it, ask the person, and do it. A guard's
 * refusal is printed in full: CLI_REFUSED.
 */
enum cli_exit cli_cert_import(struct cli *cli,
                              const struct cli_cert_import *import);

/** cli_cert_print_import(cli, answer, verb): how it went, ${verb} being what
 *  was done ("imported"); CLI_FAILED when the test that followed did not get
 *  through. */
enum cli_exit cli_cert_print_import(struct cli *cli, const json_t *answer,
                                    const char *verb);

/** cli_cert_print_test(cli, name, test): CLI_FAILED unless it is ok. */
enum cli_exit cli_cert_print_test(struct cli *cli, const char *name,
                                  const json_t *test);

/** cli_cert_print_wake(cli, wake, wait_s): what came of waking the device of
 *  a test; CLI_FAILED unless it was seen. */
enum cli_exit cli_cert_print_wake(struct cli *cli, const json_t *wake,
                                  uint32_t wait_s);

/** cli_cert_refused(cli, json, is_shown): the reason of a 409, which names what
 *  would be lost and why, with the comparison; CLI_REFUSED.
 *  ${is_shown}: the comparison stands above already. */
enum cli_exit cli_cert_refused(struct cli *cli, const json_t *json,
                               bool is_shown);

/** cli_cert_is_expired(cert): by the server's clock. */
bool cli_cert_is_expired(const json_t *cert);

/** cli_cert_cells(table, cert): two cells: how it stands, and its days left.
 *  NULL: there is none. */
void cli_cert_cells(struct cli_table *table, const json_t *cert);

/**
 * cli_cert_get(cli, topic, json):
 * The push certificate of ${topic}. NULL: the only one that is held; which
 * others there are is said.
 */
enum cli_exit cli_cert_get(struct cli *cli, const char *topic, json_t **json);

/** cli_cert_socket_only(cli): CLI_DONE unless --url was given; said. */
enum cli_exit cli_cert_socket_only(struct cli *cli, const char *what);

#endif /* CLI_CERT_H */
