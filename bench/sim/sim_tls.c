/* SPDX-License-Identifier: MIT */
#include "sim_tls.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

#define MAX_SERIAL_HEX 64
/* Small: the other end's certificate chain is. */
#define MAX_CERT_LIST 16384
#define READ_AHEAD    65536

const char *
sim_tls_error(void)
{
    unsigned long error = ERR_get_error();
    const char *text = ERR_reason_error_string(error);

    ERR_clear_error();
    return text != NULL ? text : "no reason known";
}

/* What OpenSSL sends of itself for these: ssl_x509err2alert in its source. */
static int
alert_error(enum directive_alert alert)
{
    switch (alert) {
    case ALERT_EXPIRED:
        return X509_V_ERR_CERT_HAS_EXPIRED;
    case ALERT_REVOKED:
        return X509_V_ERR_CERT_REVOKED;
    case ALERT_UNKNOWN_CA:
        return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
    case ALERT_BAD_CERTIFICATE:
        return X509_V_ERR_CERT_REJECTED;
    case ALERT_INTERNAL_ERROR:
        return X509_V_ERR_UNSPECIFIED;
    case ALERT_ACCESS_DENIED: /* sent earlier, see on_client_hello */
    case ALERT_OFF:
        break;
    }
    return X509_V_OK;
}

/*
 * Is the certificate's serial number in the file of revoked ones? Read anew
 * for every handshake: certificates are revoked while the simulator runs.
 */
static bool
is_revoked(const char *path, const X509 *cert)
{
    char line[MAX_SERIAL_HEX + 2];
    FILE *file = path == NULL ? NULL : fopen(path, "r");
    BIGNUM *number;
    char *serial;
    bool found = false;

    if (file == NULL)
        return false;
    number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    serial = number == NULL ? NULL : BN_bn2hex(number);
    while (serial != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        found = found || strcmp(line, serial) == 0;
    }
    OPENSSL_free(serial);
    BN_free(number);
    fclose(file);
    return found;
}

static int
on_verify(int ok, X509_STORE_CTX *store)
{
    SSL *ssl =
        X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    const struct sim *sim = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    int error = alert_error(sim->alert);

    if (!ok)
        return 0;
    if (error == X509_V_OK && X509_STORE_CTX_get_error_depth(store) == 0 &&
        is_revoked(sim->config.revoked, X509_STORE_CTX_get_current_cert(store)))
        error = X509_V_ERR_CERT_REVOKED;
    if (error == X509_V_OK)
        return 1;
    X509_STORE_CTX_set_error(store, error);
    return 0;
}

/*
 * OpenSSL sends access_denied for no error of a certificate, so this one goes
 * out in answer to the ClientHello, before the certificate was seen.
 */
static int
on_client_hello(SSL *ssl, int *alert, void *arg)
{
    const struct sim *sim = arg;

    (void)ssl;
    if (sim->alert != ALERT_ACCESS_DENIED)
        return SSL_CLIENT_HELLO_SUCCESS;
    *alert = SSL_AD_ACCESS_DENIED;
    return SSL_CLIENT_HELLO_ERROR;
}

/* Without h2 on offer APNs picks nothing, and talks HTTP/2 all the same. */
static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
        const unsigned char *in, unsigned int in_len, void *arg)
{
    static const unsigned char h2[] = "\x02h2";
    unsigned char *picked;

    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&picked, out_len, h2, sizeof h2 - 1, in,
                              in_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = picked;
    return SSL_TLSEXT_ERR_OK;
}

static bool
load_files(SSL_CTX *tls, const struct sim_config *config)
{
    const char *file = config->cert;

    if (SSL_CTX_use_certificate_chain_file(tls, file) != 1)
        goto fail;
    file = config->key;
    if (SSL_CTX_use_PrivateKey_file(tls, file, SSL_FILETYPE_PEM) != 1)
        goto fail;
    file = config->client_ca;
    if (SSL_CTX_load_verify_file(tls, file) != 1)
        goto fail;
    SSL_CTX_set_client_CA_list(tls, SSL_load_client_CA_file(file));
    return true;

fail:
    if (access(file, R_OK) != 0)
        fprintf(stderr, "rouse-sim: cannot read %s: %s%s\n", file,
                strerror(errno),
                errno == ENOENT ? "; `rouse-sim pki DIR` makes it" : "");
    else
        fprintf(stderr, "rouse-sim: cannot use %s: %s\n", file,
                sim_tls_error());
    return false;
}

SSL_CTX *
sim_tls_new(struct sim *sim)
{
    int version = sim->config.tls_version, verify = SSL_VERIFY_PEER;
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    if (tls == NULL)
        return NULL;
    SSL_CTX_set_app_data(tls, sim);
    SSL_CTX_set_min_proto_version(tls, version ? version : TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(tls, version ? version : TLS1_3_VERSION);
    /* AES first: the simulator must not be what is measured. */
    SSL_CTX_set_ciphersuites(tls, "TLS_AES_128_GCM_SHA256:"
                                  "TLS_AES_256_GCM_SHA384:"
                                  "TLS_CHACHA20_POLY1305_SHA256");
    SSL_CTX_set_cipher_list(tls, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_options(tls, SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    /* No resumption: every handshake shows its certificate. */
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(tls, 0);
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(tls, 1);
    SSL_CTX_set_default_read_buffer_len(tls, READ_AHEAD);
    SSL_CTX_set_max_cert_list(tls, MAX_CERT_LIST);
    SSL_CTX_set_alpn_select_cb(tls, on_alpn, NULL);
    SSL_CTX_set_client_hello_cb(tls, on_client_hello, sim);
    if (!sim->config.is_anonymous)
        verify |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(tls, verify, on_verify);
    if (!load_files(tls, &sim->config)) {
        SSL_CTX_free(tls);
        return NULL;
    }
    return tls;
}

void
sim_tls_topic(const SSL *ssl, char *topic, size_t max)
{
    const X509 *cert = SSL_get0_peer_certificate(ssl);
    int len = -1;

    if (cert != NULL)
        len = X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_userId,
                                        topic, (int)max);
    if (len < 0)
        topic[0] = '\0';
}

void
sim_tls_serial(const SSL *ssl, char *serial, size_t max)
{
    const X509 *cert = SSL_get0_peer_certificate(ssl);
    BIGNUM *number = NULL;
    char *hex = NULL;

    if (cert != NULL)
        number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    if (number != NULL)
        hex = BN_bn2hex(number);
    snprintf(serial, max, "%s", hex != NULL ? hex : "");
    OPENSSL_free(hex);
    BN_free(number);
}
