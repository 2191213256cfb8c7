/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_PKI_H
#define ROUSE_SIM_PKI_H

/*
 * `rouse-sim pki`: a directory with a throwaway CA and what it issued.
 *
 *     ca.pem ca.key          the CA
 *     server.pem server.key  for localhost, apns.test, 127.0.0.1, ::1
 *     <topic>.pem            push certificate and key, glued
 *     <fault>-<topic>.pem    the same with one thing wrong
 *     revoked.txt            serial numbers that the simulator refuses
 */

#include <stdbool.h>
#include <stddef.h>

#define PKI_MAX_TOPICS 64
#define PKI_MAX_DAYS   36500

/* X(NAME, word on the command line) */
#define PKI_FAULTS(X)                 \
    X(NONE, "none")                   \
    X(EXPIRED, "expired")             \
    X(NOT_YET_VALID, "not-yet-valid") \
    X(NO_UID, "no-uid")               \
    X(BAD_UID, "bad-uid")             \
    X(OTHER_CA, "other-ca")           \
    X(KEY_MISMATCH, "key-mismatch")   \
    X(REVOKED, "revoked")

enum pki_fault {
#define X(name, word) PKI_##name,
    PKI_FAULTS(X)
#undef X
    PKI_N_FAULTS
};

/** pki_fault_read(word, fault): false when there is no such word. */
bool pki_fault_read(const char *word, enum pki_fault *fault);

/** pki_topic_is_good(topic): can be a topic of MDM, and a file's name. */
bool pki_topic_is_good(const char *topic);

/* The push certificates to make. */
struct pki_order {
    const char *topics[PKI_MAX_TOPICS];
    size_t n_topics;
    int days; /* from now until they end, less one second */
    enum pki_fault fault;
    bool is_one_key; /* made once and shared: making keys is what is slow */
};

/**
 * pki_issue(dir, order):
 * Make what is missing in ${dir}, and a new certificate for every topic.
 *
 *   returns  false and a word on stderr when it went wrong
 */
bool pki_issue(const char *dir, const struct pki_order *order);

#endif /* ROUSE_SIM_PKI_H */
