/* SPDX-License-Identifier: MIT */
#include "sim_fixture.h"

#include <stdlib.h>

#include "tests/support/pki_make.h"
#include "tests/support/temp_dir.h"

struct sim_fixture fixture;

int
sim_fixture_start(void **state)
{
    (void)state;
    fixture.dir = temp_dir_new();
    fixture.cert = pki_make(SIM_PROC_PROGRAM, fixture.dir, TOPIC, NULL);
    fixture.ca = temp_dir_path(fixture.dir, "ca.pem");
    fixture.sim = sim_proc_start(SIM_PROC_PROGRAM, fixture.dir, NULL);
    return 0;
}

int
sim_fixture_stop(void **state)
{
    (void)state;
    sim_proc_stop(fixture.sim);
    free(fixture.ca);
    free(fixture.cert);
    temp_dir_free(fixture.dir);
    return 0;
}

int
sim_fixture_mend(void **state)
{
    (void)state;
    sim_proc_tell(fixture.sim, "reset-faults");
    sim_proc_tell(fixture.sim, "forget");
    return 0;
}

struct raw_client *
sim_fixture_open(void)
{
    struct raw_client *client = raw_client_open(fixture.sim->port, fixture.ca,
                                                fixture.cert, TLS1_3_VERSION);

    raw_client_run(client, raw_client_is_settled);
    return client;
}

struct raw_answer *
sim_fixture_push(struct raw_client *client)
{
    struct raw_answer *answer = raw_client_push(client, TOPIC, TOKEN);

    raw_client_run(client, raw_client_is_idle);
    return answer;
}
