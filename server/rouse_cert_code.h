/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_CERT_CODE_H
#define ROUSE_CERT_CODE_H

/* Part of rouse_cert.h, which includes it. */

/* Why something was refused: X(name, word, status). The word is what programs
 * see; the status is HTTP's, by the name it has there. */
#define ROUSE_CERT_CODES(X)                                        \
    X(OK, "", OK)                                                  \
    X(BAD_FIELD, "bad_field", BAD_REQUEST)                         \
    X(BAD_FILES, "bad_files", BAD_REQUEST)                         \
    X(BAD_CERTIFICATE, "bad_certificate", BAD_REQUEST)             \
    X(BAD_TOPIC, "bad_topic", BAD_REQUEST)                         \
    X(BAD_PASSPHRASE, "bad_passphrase", BAD_REQUEST)               \
    X(BAD_REPLY, "bad_reply", BAD_REQUEST)                         \
    X(BAD_VENDOR, "bad_vendor", BAD_REQUEST)                       \
    X(EXPIRED, "expired", BAD_REQUEST)                             \
    X(NOT_YET_VALID, "not_yet_valid", BAD_REQUEST)                 \
    X(NO_CLIENT_AUTH, "no_client_auth", BAD_REQUEST)               \
    X(NO_KEY, "no_key", BAD_REQUEST)                               \
    X(KEY_MISMATCH, "key_mismatch", BAD_REQUEST)                   \
    X(KEY_LOST, "key_lost", BAD_REQUEST)                           \
    X(NO_PUSH_CERTIFICATE, "no_push_certificate", BAD_REQUEST)     \
    X(TWO_CERTIFICATES, "two_certificates", BAD_REQUEST)           \
    X(NO_VENDOR_CERTIFICATE, "no_vendor_certificate", BAD_REQUEST) \
    X(NO_VENDOR_KEY, "no_vendor_key", BAD_REQUEST)                 \
    X(SAME_CERTIFICATE, "same_certificate", BAD_REQUEST)           \
    X(UNKNOWN_TOPIC, "unknown_topic", BAD_REQUEST)                 \
    X(ALREADY_IMPORTED, "already_imported", CONFLICT)              \
    X(OLDER_CERTIFICATE, "older_certificate", CONFLICT)            \
    X(TOPIC_MISMATCH, "topic_mismatch", CONFLICT)                  \
    X(CONFIRM_WRONG, "confirm_wrong", CONFLICT)                    \
    X(CONFIRM_NEEDED, "confirm_needed", CONFLICT)                  \
    X(CONFLICT, "conflict", CONFLICT)                              \
    X(APNS_REFUSED, "apns_refused", CONFLICT)                      \
    X(NAME_TAKEN, "name_taken", CONFLICT)                          \
    X(TOO_MANY_REQUESTS, "too_many_requests", CONFLICT)            \
    X(NO_VENDOR, "no_vendor", CONFLICT)                            \
    X(NO_MAIL_KEY, "no_mail_key", CONFLICT)                        \
    X(NOTHING_TO_REVERT_TO, "nothing_to_revert_to", CONFLICT)      \
    X(OTHER_TOPIC, "other_topic", CONFLICT)                        \
    X(UNKNOWN_ENROLLMENT, "unknown_enrollment", NOT_FOUND)         \
    X(FORBIDDEN, "forbidden", FORBIDDEN)

enum rouse_cert_code {
#define X(name, word, status) ROUSE_CERT_##name,
    ROUSE_CERT_CODES(X)
#undef X
    ROUSE_CERT_N_CODES
};

#endif /* ROUSE_CERT_CODE_H */
