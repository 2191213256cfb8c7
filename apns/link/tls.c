/* SPDX-License-Identifier: MIT */
#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "sockbio.h"

#define READ_BUFFER (64 * 1024) /* one read() takes several records */

/* In front what hardware does fast; APNs has the last word. */
#define CIPHERS_13                                   \
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:" \
    "TLS_CHACHA20_POLY1305_SHA256"
#define CIPHERS_12 "ECDHE+AESGCM:ECDHE+CHACHA20"

static bool
set_options(SSL_CTX *context)
{
    static const unsigned char h2[] = {2, 'h', '2'};

    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    /* Not SSL_MODE_RELEASE_BUFFERS: since OpenSSL 3.2 a session cannot leave
     * it any more. See wire_work. */
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_COMPRESSION |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, READ_BUFFER);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_ciphersuites(context, CIPHERS_13) == 1 &&
           SSL_CTX_set_cipher_list(context, CIPHERS_12) == 1 &&
           SSL_CTX_set_alpn_protos(context, h2, sizeof h2) == 0;
}

static enum apns_err
open_context(SSL_CTX *context, const char *ca_file)
{
    int rv;

    if (!set_options(context))
        return APNS_ETLS;
    if (ca_file != NULL)
        rv = SSL_CTX_load_verify_file(context, ca_file);
    else
        rv = SSL_CTX_set_default_verify_paths(context);
    return rv == 1 ? APNS_OK : APNS_ECAFILE;
}

enum apns_err
tls_init(struct tls *tls, const char *ca_file)
{
    enum apns_err err = APNS_ETLS;

    tls->socket = sockbio_method_new();
    tls->context = SSL_CTX_new(TLS_client_method());
    if (tls->socket != NULL && tls->context != NULL)
        err = open_context(tls->context, ca_file);
    if (err != APNS_OK)
        tls_fini(tls);
    ERR_clear_error();
    return err;
}

void
tls_fini(struct tls *tls)
{
    SSL_CTX_free(tls->context);
    BIO_meth_free(tls->socket);
}

/* An address is verified as an address and gets no SNI, as RFC 6066 asks. */
static bool
set_host(SSL *ssl, const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];

    if (inet_pton(AF_INET, host, address) == 1 ||
        inet_pton(AF_INET6, host, address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host) == 1 &&
           SSL_set_tlsext_host_name(ssl, host) == 1;
}

SSL *
tls_open(const struct tls *tls, const struct cert_pair *pair, int fd,
         const char *host)
{
    SSL *ssl = SSL_new(tls->context);
    BIO *bio = NULL;

    if (ssl == NULL || !cert_pair_use(pair, ssl) || !set_host(ssl, host))
        goto fail;
    if ((bio = sockbio_new(tls->socket, fd)) == NULL)
        goto fail;
    SSL_set_bio(ssl, bio, bio);
    SSL_set_connect_state(ssl);
    return ssl;

fail:
    ERR_clear_error();
    SSL_free(ssl);
    return NULL;
}

bool
tls_has_h2(const SSL *ssl)
{
    const unsigned char *name;
    unsigned len;

    SSL_get0_alpn_selected(ssl, &name, &len);
    return len == 2 && memcmp(name, "h2", 2) == 0;
}

static void
describe_ssl_error(const SSL *ssl, unsigned long error, struct tls_fault *fault)
{
    int reason = ERR_GET_REASON(error);
    bool is_ssl = ERR_GET_LIB(error) == ERR_LIB_SSL;
    const char *text = ERR_reason_error_string(error);
    long verdict = SSL_get_verify_result(ssl);

    if (is_ssl && reason > SSL_AD_REASON_OFFSET &&
        reason <= SSL_AD_REASON_OFFSET + 255)
        fault->alert = reason - SSL_AD_REASON_OFFSET;
    fault->is_cut = is_ssl && reason == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    if (is_ssl && reason == SSL_R_CERTIFICATE_VERIFY_FAILED &&
        verdict != X509_V_OK)
        snprintf(fault->text, sizeof fault->text, "server certificate: %s",
                 X509_verify_cert_error_string(verdict));
    else
        snprintf(fault->text, sizeof fault->text, "TLS: %s",
                 text != NULL ? text : "unknown error");
}

void
tls_fault_read(const SSL *ssl, int rv, struct tls_fault *fault)
{
    int error = errno;
    int kind = SSL_get_error(ssl, rv);
    unsigned long first = ERR_peek_error();

    if (ERR_SYSTEM_ERROR(first)) { /* where newer ones leave errno */
        error = ERR_GET_REASON(first);
        first = 0;
    }
    fault->alert = -1;
    fault->is_cut = kind != SSL_ERROR_ZERO_RETURN && first == 0;
    if (kind == SSL_ERROR_ZERO_RETURN)
        snprintf(fault->text, sizeof fault->text, "connection closed");
    else if (first != 0)
        describe_ssl_error(ssl, first, fault);
    else if (error == ECONNRESET || error == EPIPE)
        snprintf(fault->text, sizeof fault->text, "connection reset");
    else
        snprintf(fault->text, sizeof fault->text, "connection lost");
    ERR_clear_error();
}
