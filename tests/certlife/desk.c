/* SPDX-License-Identifier: MIT */
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

int
desk_set_up(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);

    assert_non_null(desk);
    made_up_init(&desk->made_up);
    *state = desk;
    return 0;
}

int
desk_tear_down(void **state)
{
    struct desk *desk = *state;

    made_up_fini(&desk->made_up);
    free(desk);
    return 0;
}

void
desk_lay_out(struct desk *desk)
{
    const struct made_up *made_up = &desk->made_up;

    desk->chain[0] =
        made_up_cert_der("AppleIncRootCertificate.cer", made_up->root);
    desk->chain[1] = made_up_cert_pem("wwdr.pem", made_up->wwdr);
    desk->signing = (struct certlife_signing){
        .csr = made_up_csr("push.csr", made_up->push_key),
        .vendor_cert = made_up_cert_der("mdm.cer", made_up->vendor),
        .vendor_key = made_up_key_pem("vendor.key", made_up->vendor_key),
        .chain = desk->chain,
        .n_chain = 2,
    };
}

enum certlife_err
desk_sign(struct desk *desk, char **upload)
{
    enum certlife_err err;

    snprintf(desk->detail, sizeof desk->detail, "of the call before");
    err = certlife_upload_make(&desk->signing, MADE_UP_NOW, upload,
                               &desk->warnings, desk->detail);
    assert_string_not_equal(desk->detail, "of the call before");
    return err;
}

enum certlife_err
desk_read_back(struct desk *desk, const char *upload,
               struct certlife_upload *facts)
{
    struct certlife_file file = made_up_text("upload", upload);

    return certlife_upload_read(&file, MADE_UP_NOW, facts, &desk->warnings,
                                desk->detail);
}

char *
desk_plist_string(plist_t dict, const char *key)
{
    plist_t node = plist_dict_get_item(dict, key);
    char *text = NULL;

    assert_non_null(node);
    assert_int_equal(plist_get_node_type(node), PLIST_STRING);
    plist_get_string_val(node, &text);
    return text;
}
