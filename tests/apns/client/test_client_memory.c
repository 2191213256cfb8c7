/* SPDX-License-Identifier: MIT */

/*
 * Memory that runs out at the n-th allocation of the client, for every n:
 * what is asked for fails as a whole and says so; what was accepted ends all
 * the same. nghttp2 gets what it asks for: when its queue of DATA cannot grow,
 * 1.52 frees an item twice.
 */

#include <stdlib.h>
#include <string.h>

#include <ares.h>

#include "apns/client.h"
#include "rig.h"
#include "tests/support/failing_memory.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define MAX_NTH 300

static struct rig rig;
static bool has_no_resolver; /* c-ares cannot be set up */

/* As failing_memory.h has it. */
void *__real_realloc(void *old, size_t size);
int __real_ares_init_options(ares_channel *channel,
                             const struct ares_options *options, int mask);
void *__wrap_realloc(void *old, size_t size);
int __wrap_ares_init_options(ares_channel *channel,
                             const struct ares_options *options, int mask);

void *
__wrap_realloc(void *old, size_t size)
{
    return must_fail() ? NULL : __real_realloc(old, size);
}

int
__wrap_ares_init_options(ares_channel *channel,
                         const struct ares_options *options, int mask)
{
    return has_no_resolver ? ARES_ENOMEM
                           : __real_ares_init_options(channel, options, mask);
}

/* As h2mem's own, but that they never fail. */
static nghttp2_mem h2mem;

static void *
h2_malloc(size_t size, void *mem)
{
    int nth = countdown;
    void *ptr;

    countdown = 0;
    ptr = h2mem.malloc(size, mem);
    countdown = nth;
    return ptr;
}

static void *
h2_calloc(size_t n, size_t size, void *mem)
{
    int nth = countdown;
    void *ptr;

    countdown = 0;
    ptr = h2mem.calloc(n, size, mem);
    countdown = nth;
    return ptr;
}

static void *
h2_realloc(void *old, size_t size, void *mem)
{
    int nth = countdown;
    void *ptr;

    countdown = 0;
    ptr = h2mem.realloc(old, size, mem);
    countdown = nth;
    return ptr;
}

static void
spare_nghttp2(void)
{
    nghttp2_mem *mem = &rig.client->h2mem.mem;

    h2mem = *mem;
    mem->malloc = h2_malloc;
    mem->calloc = h2_calloc;
    mem->realloc = h2_realloc;
}

static void
close_client(void)
{
    apns_client_free(rig.client);
    rig.client = NULL;
}

/* One that has all that it can have of its own. */
TEST(a_client_without_memory_is_not_made)
{
    bool is_hit = true;
    int nth;

    rig_start(&rig, NULL);
    rig.config.dns_servers = "127.0.0.1:9";
    rig.config.proxy = "http://user:word@127.0.0.1:9";
    for (nth = 1; is_hit; nth++) {
        char *ca = temp_dir_path(rig.dir, "ca.pem");
        enum apns_err err;

        assert_true(nth < MAX_NTH);
        rig.config.ca_file = ca;
        arm(nth);
        err = apns_client_new(rig.loop, &rig.config, &rig.client);
        is_hit = disarm();
        assert_int_equal(err, is_hit ? APNS_ENOMEM : APNS_OK);
        assert_int_equal(rig.client == NULL, is_hit);
        close_client();
        free(ca);
    }
    assert_true(nth > 6);
    rig_end(&rig);
}

/* The first certificate of a topic, and one that replaces it. */
TEST(an_identity_without_memory_is_not_held)
{
    char *path, *pem;
    size_t len;

    rig_start(&rig, NULL);
    path = temp_dir_path(rig.dir, "%s.pem", RIG_TOPIC);
    pem = temp_dir_read(path, &len);
    for (int is_renewal = 0; is_renewal < 2; is_renewal++) {
        bool is_hit = true;
        int nth;

        for (nth = 1; is_hit; nth++) {
            char detail[256];
            enum apns_err err;

            assert_true(nth < MAX_NTH);
            rig_open(&rig);
            if (is_renewal)
                assert_int_equal(rig_put(&rig), APNS_OK);
            arm(nth);
            err = apns_identity_put(rig.client, pem, len, NULL, detail);
            is_hit = disarm();
            assert_int_equal(err, is_hit ? APNS_ENOMEM : APNS_OK);
            assert_int_equal(rig_status(&rig).cert.topic[0] != '\0',
                             !is_hit || is_renewal);
            close_client();
        }
        assert_true(nth > 2);
    }
    free(pem);
    free(path);
    rig_end(&rig);
}

/* All that comes after: dialling, the session, what is written. */
TEST(what_was_accepted_is_pushed_all_the_same)
{
    bool is_hit = true;
    int nth;

    rig_start(&rig, NULL);
    for (nth = 1; is_hit; nth++) {
        assert_true(nth < MAX_NTH);
        rig_open(&rig);
        spare_nghttp2();
        assert_int_equal(rig_put(&rig), APNS_OK);
        rig_add(&rig, 20);
        arm(nth);
        rig_finish(&rig);
        is_hit = disarm();
        assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 20 * nth);
        close_client();
    }
    assert_true(nth > 5);
    rig_end(&rig);
}

TEST(a_push_without_memory_is_not_taken)
{
    bool is_hit = true;
    int nth;

    rig_begin(&rig, NULL);
    rig.stops_filling = true;
    rig_add(&rig, 1);
    for (nth = 2; is_hit; nth++) { /* the first is the test's own */
        enum apns_err err;

        assert_true(nth < MAX_NTH);
        arm(nth);
        err = rig_submit(&rig, 0);
        is_hit = disarm();
        assert_int_equal(err, is_hit ? APNS_ENOMEM : APNS_OK);
    }
    assert_true(nth > 3);
    rig.n_submitted = 1;
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 1);
    rig_end(&rig);
}

static bool
has_event(struct rig *r)
{
    return r->n_events > 0;
}

TEST(a_resolver_that_cannot_be_set_up_is_tried_again)
{
    rig_start(&rig, NULL);
    rig.config.host = "localhost";
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    has_no_resolver = true;
    rig_add(&rig, 5);
    rig_until(&rig, has_event);
    assert_int_equal(rig.event.state, APNS_IDENTITY_BACKOFF);
    assert_string_equal(rig.event.why, "resolve: cannot ask");
    has_no_resolver = false;
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 5);
    rig_end(&rig);
}
