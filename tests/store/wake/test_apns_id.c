/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "store/wake/apns_id.h"
#include "tests/support/unit.h"

/* What comes back is what went in, and as short as it can be. */
static void
expect_packed(const char *text, size_t wanted)
{
    struct arena arena = {0};
    uint8_t bytes[APNS_ID_MAX];
    size_t len = apns_id_pack(text, bytes);
    const char *back = apns_id_unpack(&arena, bytes, len);

    if (len != wanted)
        fail_msg("%s takes %zu bytes, not %zu", text, len, wanted);
    assert_non_null(back);
    assert_string_equal(back, text);
    arena_fini(&arena);
}

TEST(a_uuid_of_one_case_takes_16_or_17_bytes)
{
    expect_packed("ec1bf194-b3b2-424a-89a9-5a918a6e6b5f", 16);
    expect_packed("EC1BF194-B3B2-424A-89A9-5A918A6E6B5F", 17);
    expect_packed("01234567-8901-4234-8567-890123456789", 16);
    expect_packed("01234567-8901-4234-8567-89012345678a", 16);
    expect_packed("01234567-8901-4234-8567-89012345678A", 17);
}

TEST(what_is_no_uuid_is_kept_as_it_is)
{
    static const char *const texts[] = {
        "",
        "x",
        "ec1bf194-b3b2-424a-89a9-5a918a6e6b5F", /* of two cases */
        "ec1bf194-b3b2-424a-89a9-5a918a6e6b5",
        "ec1bf194-b3b2-424a-89a9-5a918a6e6b5f0",
        "ec1bf1940b3b2-424a-89a9-5a918a6e6b5f",
        "ec1bf194-b3b2-424a-89a905a918a6e6b5f",
        "-c1bf194-b3b2-424a-89a9-5a918a6e6b5f",
        "ec1bf194-b3b2-424a-89a9-5a918a6e6b5g",
        "ec1bf194-b3b2-424a-89a9-5a918a6e6b5-",
        "EC1BF194-B3B2-424A-89A9-5A918A6E6B5G",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_packed(texts[i], strlen(texts[i]));
}

/* Or it would come back as another. */
TEST(a_text_as_long_as_a_packed_uuid_is_cut)
{
    uint8_t bytes[APNS_ID_MAX];

    assert_int_equal(apns_id_pack("0123456789abcdef", bytes), 15);
    assert_int_equal(apns_id_pack("0123456789abcdefg", bytes), 15);
    assert_memory_equal(bytes, "0123456789abcde", 15);
}
