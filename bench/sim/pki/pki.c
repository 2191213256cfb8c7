/* SPDX-License-Identifier: MIT */
#include "pki.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench/sim/push/field.h"
#include "bench/sim/sim_tls.h"
#include "pki_cert.h"

#define DAY_S       86400
#define SAME_TIME_S 60 /* renewals so close are meant to follow each other */
#define MAX_PATH    4096

static const char *const fault_words[] = {
#define X(name, word) word,
    PKI_FAULTS(X)
#undef X
};

bool
pki_fault_read(const char *word, enum pki_fault *fault)
{
    for (int i = PKI_NONE + 1; i < PKI_N_FAULTS; i++) {
        if (strcmp(word, fault_words[i]) == 0) {
            *fault = (enum pki_fault)i;
            return true;
        }
    }
    return false;
}

bool
pki_topic_is_good(const char *topic)
{
    size_t prefix_len = sizeof FIELD_TOPIC_PREFIX - 1;
    size_t len = strlen(topic);

    return len > prefix_len && len <= FIELD_MAX_TOPIC &&
           strncmp(topic, FIELD_TOPIC_PREFIX, prefix_len) == 0 &&
           strspn(topic, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "abcdefghijklmnopqrstuvwxyz0123456789.-_") == len;
}

/*
 * Files. Written beside and renamed, so that a reader never sees half a
 * certificate.
 */

static bool
complain(const char *path, const char *why)
{
    fprintf(stderr, "rouse-sim: %s: %s\n", path, why);
    return false;
}

static bool
path_in(char *path, const char *dir, const char *name)
{
    return snprintf(path, MAX_PATH, "%s/%s", dir, name) < MAX_PATH;
}

static FILE *
open_private(const char *path)
{
    mode_t mask = umask(0077);
    FILE *file = fopen(path, "w");

    umask(mask);
    return file;
}

/* Write the certificate, the key, or both into one file. */
static bool
save(const char *dir, const char *name, X509 *cert, EVP_PKEY *key)
{
    char path[MAX_PATH], fresh[MAX_PATH + 8];
    FILE *file;
    bool ok;

    if (!path_in(path, dir, name))
        return complain(dir, strerror(ENAMETOOLONG));
    snprintf(fresh, sizeof fresh, "%s.new", path);
    if ((file = open_private(fresh)) == NULL)
        return complain(fresh, strerror(errno));
    ok = (cert == NULL || PEM_write_X509(file, cert) == 1) &&
         (key == NULL ||
          PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1);
    if (fclose(file) != 0)
        ok = false;
    if (!ok || rename(fresh, path) != 0)
        return complain(path, strerror(errno));
    return true;
}

static bool
exists(const char *dir, const char *name)
{
    char path[MAX_PATH];

    return path_in(path, dir, name) && access(path, F_OK) == 0;
}

static FILE *
open_in(const char *dir, const char *name)
{
    char path[MAX_PATH];

    return path_in(path, dir, name) ? fopen(path, "r") : NULL;
}

static bool
load_ca(const char *dir, struct pki_pair *ca)
{
    FILE *cert = open_in(dir, "ca.pem"), *key = open_in(dir, "ca.key");

    *ca = (struct pki_pair){.cert = NULL};
    if (cert != NULL)
        ca->cert = PEM_read_X509(cert, NULL, NULL, NULL);
    if (key != NULL)
        ca->key = PEM_read_PrivateKey(key, NULL, NULL, NULL);
    if (cert != NULL)
        fclose(cert);
    if (key != NULL)
        fclose(key);
    if (ca->cert != NULL && ca->key != NULL)
        return true;
    pki_cert_free(ca);
    return complain(dir, "ca.pem and ca.key cannot be read");
}

static bool
load_or_make_ca(const char *dir, struct pki_pair *ca)
{
    if (exists(dir, "ca.pem"))
        return load_ca(dir, ca);
    if (pki_cert_ca(ca) != 0)
        return complain("the CA", sim_tls_error());
    return save(dir, "ca.key", NULL, ca->key) &&
           save(dir, "ca.pem", ca->cert, NULL);
}

static bool
make_server(const char *dir, const struct pki_pair *ca)
{
    struct pki_pair server;
    bool ok;

    if (exists(dir, "server.pem"))
        return true;
    if (pki_cert_server(&server, ca) != 0)
        return complain("the server's certificate", sim_tls_error());
    ok = save(dir, "server.key", NULL, server.key) &&
         save(dir, "server.pem", server.cert, NULL);
    pki_cert_free(&server);
    return ok;
}

static bool
note_revoked(const char *dir, const X509 *cert)
{
    char path[MAX_PATH];
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    char *serial = number == NULL ? NULL : BN_bn2hex(number);
    FILE *file = NULL;
    bool ok = false;

    if (serial != NULL && path_in(path, dir, "revoked.txt"))
        file = fopen(path, "a");
    if (file != NULL)
        ok = fprintf(file, "%s\n", serial) > 0;
    if (file != NULL && fclose(file) != 0)
        ok = false;
    OPENSSL_free(serial);
    BN_free(number);
    return ok ? true : complain(dir, "cannot write revoked.txt");
}

/* When the topic's present certificate ends; 0: there is none. */
static int64_t
held_until(const char *dir, const char *topic)
{
    char name[FIELD_MAX_TOPIC + 8];
    struct tm tm;
    X509 *cert = NULL;
    FILE *file;
    int64_t until = 0;

    snprintf(name, sizeof name, "%s.pem", topic);
    if ((file = open_in(dir, name)) != NULL) {
        cert = PEM_read_X509(file, NULL, NULL, NULL);
        fclose(file);
    }
    if (cert != NULL && ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm) == 1)
        until = (int64_t)timegm(&tm);
    X509_free(cert);
    return until;
}

/* The certificate for one topic, with what the fault changes. A renewed one
   ends later than the one before, also when both are made in one second. */
static int
issue(struct pki_pair *pair, const struct pki_pair *ca, const char *topic,
      int64_t held, const struct pki_order *order, EVP_PKEY *key)
{
    char bad_topic[FIELD_MAX_TOPIC + 1];
    const char *dot = strrchr(topic, '.');
    int64_t now = (int64_t)time(NULL);
    int64_t span_s = order->days * (int64_t)DAY_S - 1;
    struct pki_cert_subject what = {
        .topic = topic,
        .name = dot + 1,
        .key = key,
        .not_before_unix = now,
        .not_after_unix = now + span_s,
    };

    if (held >= what.not_after_unix && held < what.not_after_unix + SAME_TIME_S)
        what.not_after_unix = held + 1;
    if (order->fault == PKI_EXPIRED) {
        what.not_after_unix = now - DAY_S;
        what.not_before_unix = what.not_after_unix - span_s;
    } else if (order->fault == PKI_NOT_YET_VALID) {
        what.not_before_unix += DAY_S;
        what.not_after_unix += DAY_S;
    } else if (order->fault == PKI_NO_UID) {
        what.topic = NULL;
    } else if (order->fault == PKI_BAD_UID) {
        snprintf(bad_topic, sizeof bad_topic, "com.example.%.200s", dot + 1);
        what.topic = bad_topic;
    }
    return pki_cert_push(pair, ca, &what);
}

static bool
make_topic(const char *dir, const struct pki_pair *ca, const char *topic,
           const struct pki_order *order, EVP_PKEY **key)
{
    enum pki_fault fault = order->fault;
    char name[FIELD_MAX_TOPIC + 64];
    struct pki_pair pair, other = {.cert = NULL};
    bool ok = true;

    if ((fault == PKI_OTHER_CA || fault == PKI_KEY_MISMATCH) &&
        pki_cert_ca(&other) != 0)
        return complain(topic, sim_tls_error());
    if (issue(&pair, fault == PKI_OTHER_CA ? &other : ca, topic,
              held_until(dir, topic), order, *key) != 0) {
        pki_cert_free(&other);
        return complain(topic, sim_tls_error());
    }
    if (fault == PKI_NONE)
        snprintf(name, sizeof name, "%s.pem", topic);
    else
        snprintf(name, sizeof name, "%s-%s.pem", fault_words[fault], topic);
    if (fault == PKI_REVOKED)
        ok = note_revoked(dir, pair.cert);
    ok = ok && save(dir, name, pair.cert,
                    fault == PKI_KEY_MISMATCH ? other.key : pair.key);
    if (order->is_one_key && *key == NULL && EVP_PKEY_up_ref(pair.key) == 1)
        *key = pair.key;
    pki_cert_free(&pair);
    pki_cert_free(&other);
    return ok;
}

bool
pki_issue(const char *dir, const struct pki_order *order)
{
    EVP_PKEY *key = NULL; /* of all, if they share one */
    struct pki_pair ca;
    bool ok;

    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return complain(dir, strerror(errno));
    if (!load_or_make_ca(dir, &ca))
        return false;
    ok = make_server(dir, &ca);
    for (size_t i = 0; ok && i < order->n_topics; i++)
        ok = make_topic(dir, &ca, order->topics[i], order, &key);
    EVP_PKEY_free(key);
    pki_cert_free(&ca);
    return ok;
}
