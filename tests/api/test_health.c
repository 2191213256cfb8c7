/* SPDX-License-Identifier: MIT */

/*
 * What a load balancer is told, whatever the engine's state.
 */

#include <stdlib.h>
#include <string.h>

#include "server/api/api_private.h"
#include "server/api/request.h"
#include "server/api/routes.h"
#include "tests/support/unit.h"

static struct rouse_status status;

/* In the place of the engine's: see CMakeLists.txt. */
void __wrap_rouse_status_get(const struct rouse *rouse,
                             struct rouse_status *answer);
void
__wrap_rouse_status_get(const struct rouse *rouse, struct rouse_status *answer)
{
    assert_null(rouse);
    *answer = status;
}

static void
expect(route_handler_fn *handle, bool is_draining, unsigned wanted,
       const char *text)
{
    struct api api = {.is_draining = is_draining};
    struct request request = {.api = &api};

    handle(&request);
    assert_int_equal(request.status, wanted);
    assert_string_equal(request.text, text);
    free(request.text);
}

#define OK               "{\"status\":\"ok\"}\n"
#define UNAVAILABLE(why) "{\"status\":\"unavailable\",\"why\":\"" why "\"}\n"
#define DISK             UNAVAILABLE("the disk fails: nothing can be written")

TEST(it_is_ready_with_a_connection_and_a_disk)
{
    status = (struct rouse_status){.is_ready = true};
    expect(serve_health_ready, false, 200, OK);
    status.is_ready = false;
    expect(serve_health_ready, false, 503,
           UNAVAILABLE("no connection to APNs yet"));
    status = (struct rouse_status){.is_ready = true, .is_disk_failing = true};
    expect(serve_health_ready, false, 503, DISK);
}

/* New requests are for another one, whatever else is wrong. */
TEST(one_that_stops_is_not_ready)
{
    status = (struct rouse_status){.is_ready = true};
    expect(serve_health_ready, true, 503, UNAVAILABLE("stopping"));
    status.is_disk_failing = true;
    expect(serve_health_ready, true, 503, UNAVAILABLE("stopping"));
}

/* Nobody restarts it for want of APNs, nor while it stops. */
TEST(it_lives_unless_the_disk_fails)
{
    status = (struct rouse_status){0};
    expect(serve_health_live, false, 200, OK);
    expect(serve_health_live, true, 200, OK);
    status.is_disk_failing = true;
    expect(serve_health_live, false, 503, DISK);
}
