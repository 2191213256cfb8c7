/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_SIM_TLS_H
#define ROUSE_SIM_SIM_TLS_H

/*
 * The server's side of TLS: HTTP/2 by ALPN, client certificates required, and
 * refused with the alert that was asked for.
 */

#include <openssl/ssl.h>
#include <stddef.h>

struct sim;

/** sim_tls_new(sim): from ${sim}->config; NULL and a word on stderr. */
SSL_CTX *sim_tls_new(struct sim *sim);

/**
 * sim_tls_topic(ssl, topic, max):
 * The UID in the subject of the client's certificate, or "".
 */
void sim_tls_topic(const SSL *ssl, char *topic, size_t max);

/** sim_tls_serial(ssl, serial, max): its serial number in hex; "": none. */
void sim_tls_serial(const SSL *ssl, char *serial, size_t max);

/** sim_tls_error(): the oldest OpenSSL error in words; clears them all. */
const char *sim_tls_error(void);

#endif /* ROUSE_SIM_SIM_TLS_H */
