/* SPDX-License-Identifier: MIT */
#include "cert_fault.h"

#include <stdio.h>

/* What Go's tls package and NanoMDM say; a text without its end is followed
   by what it is about, quoted. */
static const struct {
    const char *text;
    bool has_detail;
} nano_faults[APNS_N_ERRORS] = {
    [APNS_EPEM] = {"tls: failed to find any PEM data in certificate input",
                   false},
    [APNS_EPEMTYPE] = {"unrecognized PEM type: ", true},
    [APNS_ENOCERT] = {"tls: failed to find any PEM data in certificate input",
                      false},
    [APNS_ENOKEY] = {"tls: failed to find any PEM data in key input", false},
    [APNS_ECERTPARSE] = {"x509: malformed certificate", false},
    [APNS_EKEYPARSE] = {"tls: failed to parse private key", false},
    [APNS_EKEYENCRYPTED] = {"private key PEM appears to be encrypted", false},
    [APNS_EKEYMISMATCH] = {"tls: private key does not match public key", false},
    [APNS_ENOUID] = {"no APNs Topic found", false},
    [APNS_EBADUID] = {"invalid APNs Topic: ", true},
};

void
cert_fault_text(const struct rouse_import_answer *answer, char *text,
                size_t size)
{
    const char *fault = answer->fault == APNS_OK ? rouse_err_text(ROUSE_ECERT)
                                                 : apns_err_text(answer->fault);

    if (answer->detail[0] == '\0')
        snprintf(text, size, "%s", fault);
    else
        snprintf(text, size, "%s: %s", fault, answer->detail);
}

void
cert_fault_nano(const struct rouse_import_answer *answer, char *text,
                size_t size)
{
    const char *words = nano_faults[answer->fault].text;

    if (words == NULL)
        cert_fault_text(answer, text, size);
    else if (nano_faults[answer->fault].has_detail)
        snprintf(text, size, "%s\"%s\"", words, answer->detail);
    else
        snprintf(text, size, "%s", words);
}
