/* SPDX-License-Identifier: MIT */
#include "desk.h"

void
desk_lay_out(struct desk *desk, const struct made_up *made_up)
{
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
