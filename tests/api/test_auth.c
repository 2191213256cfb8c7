/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "server/api/auth/auth.h"
#include "tests/support/unit.h"

TEST(a_new_secret_is_43_characters_of_base64url)
{
    char secret[AUTH_SECRET_LEN + 1];
    char other[AUTH_SECRET_LEN + 1];
    uint8_t hash[AUTH_HASH_LEN];

    assert_true(auth_secret_new(secret, hash));
    assert_true(auth_secret_new(other, hash));
    assert_int_equal(strlen(secret), 43);
    assert_int_equal(strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
                                    "opqrstuvwxyz0123456789-_"),
                     43);
    assert_string_not_equal(secret, other);
}

TEST(a_key_gives_back_its_number_and_hash)
{
    char secret[AUTH_SECRET_LEN + 1];
    char key[AUTH_KEY_SIZE];
    uint8_t stored[AUTH_HASH_LEN];
    uint8_t hash[AUTH_HASH_LEN];
    int64_t id;

    assert_true(auth_secret_new(secret, stored));
    snprintf(key, sizeof key, "rouse_42_%s", secret);
    assert_true(auth_key_split(key, &id, hash));
    assert_int_equal(id, 42);
    assert_memory_equal(hash, stored, sizeof hash);
    key[strlen(key) - 1] = key[strlen(key) - 1] == 'A' ? 'E' : 'A';
    assert_true(auth_key_split(key, &id, hash));
    assert_memory_not_equal(hash, stored, sizeof hash);
}

#define SECRET "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

TEST(what_has_not_the_form_of_a_key_is_refused)
{
    static const char *const wrong[] = {
        "",
        "rouse",
        "rouse_",
        "rouse_1",
        "rouse_1_",
        "rouse__" SECRET,
        "Rouse_1_" SECRET,
        "rouse_x_" SECRET,
        "rouse_-1_" SECRET,
        "rouse_1_" SECRET "A",
        "rouse_1_AAAA",
        "rouse_1_+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "rouse_9999999999999999999_" SECRET,
    };
    uint8_t hash[AUTH_HASH_LEN];
    int64_t id;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (auth_key_split(wrong[i], &id, hash))
            fail_msg("\"%s\" was taken for a key", wrong[i]);
    }
}

TEST(a_header_holds_the_key_as_bearer_or_password)
{
    char key[AUTH_KEY_SIZE];

    assert_true(auth_header_read("Bearer rouse_1_x", key));
    assert_string_equal(key, "rouse_1_x");
    assert_true(auth_header_read("bearer  rouse_1_x", key));
    assert_string_equal(key, "rouse_1_x");
    assert_true(auth_header_read("Basic bmFub21kbTpyb3VzZV8xX3g=", key));
    assert_string_equal(key, "rouse_1_x");
    assert_true(auth_header_read("Basic OnJvdXNlXzFfeHk=", key));
    assert_string_equal(key, "rouse_1_xy");
    assert_true(auth_header_read("Basic YTpiOmM=", key));
    assert_string_equal(key, "b:c");
}

TEST(other_headers_hold_none)
{
    char key[AUTH_KEY_SIZE];
    char many[1024];

    assert_false(auth_header_read(NULL, key));
    assert_false(auth_header_read("", key));
    assert_false(auth_header_read("Bearer ", key));
    assert_false(auth_header_read("rouse_1_x", key));
    assert_false(auth_header_read("Digest x", key));
    assert_false(auth_header_read("Basic ", key));
    assert_false(auth_header_read("Basic bm9jb2xvbg==", key));
    assert_false(auth_header_read("Basic !!!!", key));
    assert_false(auth_header_read("Basic bmF", key));
    assert_false(auth_header_read("Basic YTo=", key));
    assert_false(auth_header_read("Basic ====", key));
    memset(many, 'A', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    memcpy(many, "Basic ", 6);
    assert_false(auth_header_read(many, key));
    memcpy(many, "Bearer", 6);
    many[6] = ' ';
    assert_false(auth_header_read(many, key));
}

TEST(verbs_are_read_as_they_are_written)
{
    enum auth_verb verb;

    for (unsigned i = 0; i < AUTH_N_VERBS; i++) {
        assert_true(auth_verb_read(auth_verb_text((enum auth_verb)i), &verb));
        assert_int_equal(verb, i);
    }
    assert_false(auth_verb_read("Read", &verb));
    assert_false(auth_verb_read("", &verb));
}
