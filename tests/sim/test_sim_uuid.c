/* SPDX-License-Identifier: MIT */
#include <nghttp2/nghttp2.h>
#include <string.h>

#include "bench/sim/h2/sim_uuid.h"
#include "tests/support/unit.h"

/* Decode a header block of one header; its value must be the UUID. */
static void
expect_inflated(nghttp2_hd_inflater *inflater, uint8_t *block, size_t len,
                const char *uuid)
{
    nghttp2_nv nv = {.namelen = 0};
    int flags = 0;

    assert_true(nghttp2_hd_inflate_hd2(inflater, &nv, &flags, block, len, 1) >
                0);
    assert_true(flags & NGHTTP2_HD_INFLATE_EMIT);
    assert_int_equal(nv.valuelen, SIM_UUID_LEN);
    assert_memory_equal(nv.value, uuid, SIM_UUID_LEN);
    nghttp2_hd_inflate_end_headers(inflater);
}

TEST(nghttp2_reads_every_uuid)
{
    struct rng rng = {.state = 42};
    nghttp2_hd_inflater *inflater;

    assert_int_equal(nghttp2_hd_inflate_new(&inflater), 0);
    for (int i = 0; i < 5000; i++) {
        /* Literal without indexing, the name "x". */
        uint8_t block[4 + SIM_UUID_ROOM] = {0x00, 0x01, 'x'};
        char uuid[SIM_UUID_LEN];
        size_t len;

        sim_uuid_write(&rng, uuid);
        len = sim_uuid_code(block + 4, uuid);
        assert_in_range(len, 22, 32);
        block[3] = (uint8_t)(0x80 | len);
        expect_inflated(inflater, block, 4 + len, uuid);
    }
    nghttp2_hd_inflate_del(inflater);
}

TEST(uuids_are_canonical_and_differ)
{
    struct rng rng = {.state = 1};
    char uuid[SIM_UUID_LEN], other[SIM_UUID_LEN];

    sim_uuid_write(&rng, uuid);
    sim_uuid_write(&rng, other);
    assert_memory_not_equal(uuid, other, sizeof uuid);
    for (int i = 0; i < SIM_UUID_LEN; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23)
            assert_int_equal(uuid[i], '-');
        else
            assert_non_null(memchr("0123456789ABCDEF", uuid[i], 16));
    }
    assert_int_equal(uuid[14], '4');
    assert_non_null(memchr("89AB", uuid[19], 4));
}
