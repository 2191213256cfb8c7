/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "server/engine/cert/import_verdict.h"
#include "server/rouse_cert.h"
#include "tests/support/unit.h"

TEST(every_code_has_a_word_of_its_own)
{
    assert_string_equal(rouse_cert_code_name(ROUSE_CERT_OK), "");
    assert_string_equal(rouse_cert_code_name(ROUSE_CERT_N_CODES), "");
    for (unsigned i = 1; i < ROUSE_CERT_N_CODES; i++) {
        const char *word = rouse_cert_code_name((enum rouse_cert_code)i);

        assert_true(word[0] != '\0');
        assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz_"),
                         strlen(word));
        for (unsigned j = 1; j < i; j++)
            assert_string_not_equal(
                word, rouse_cert_code_name((enum rouse_cert_code)j));
    }
}

TEST(a_verdict_is_refused_by_its_own_word)
{
    for (int i = 0; i < CERTLIFE_N_VERDICTS; i++) {
        enum certlife_verdict verdict = (enum certlife_verdict)i;
        enum rouse_cert_code code = import_verdict_code(verdict);

        if (certlife_verdict_is_ok(verdict))
            assert_int_equal(code, ROUSE_CERT_OK);
        else
            assert_string_equal(rouse_cert_code_name(code),
                                certlife_verdict_word(verdict));
    }
}
