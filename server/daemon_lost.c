/* SPDX-License-Identifier: MIT */
#include "daemon_lost.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define EXIT_GUARD 3 /* refused by a guard; nothing changed */

static void
print_lost(const struct rouse_lost_keys *lost)
{
    printf("%llu private key%s sealed under the lost master key: %llu of "
           "push certificates,\n%llu of certificate requests, %llu of the "
           "vendor.\n",
           (unsigned long long)lost->n, lost->n == 1 ? " was" : "s were",
           (unsigned long long)lost->n_certs,
           (unsigned long long)lost->n_requests,
           (unsigned long long)lost->n_vendors);
}

static int
tell_refusal(const struct rouse_lost_keys *lost)
{
    print_lost(lost);
    printf("Nothing has changed. If no copy of the master key is left, give "
           "them up:\n  roused ... --new-master-key %llu\nEnrollments, groups, "
           "API keys and waiting wakes stay. The push certificates are "
           "then\nimported again with their keys, or renewed; their "
           "enrollments are unaffected.\n",
           (unsigned long long)lost->n);
    return EXIT_GUARD;
}

int
daemon_lost_key(const struct rouse_config *config, uint64_t n_confirmed)
{
    struct rouse_lost_keys lost;
    char why[256];
    char by[64];
    enum rouse_err err;

    snprintf(by, sizeof by, "roused --new-master-key, uid %u",
             (unsigned)getuid());
    err = rouse_lost_master_key(config, n_confirmed, by, &lost, why);
    if (err == ROUSE_EGUARD)
        return tell_refusal(&lost);
    if (err != ROUSE_OK) {
        fprintf(stderr, "roused: %s\n", why);
        return EXIT_FAILURE;
    }
    print_lost(&lost);
    puts("They are given up. Back up the new master key, start roused, and "
         "import each push\ncertificate again with its key, or renew it: rouse "
         "cert list, rouse cert renew.");
    return EXIT_SUCCESS;
}
