/* SPDX-License-Identifier: MIT */
#ifndef APNS_ADDRESS_H
#define APNS_ADDRESS_H

/* One IPv4 or IPv6 address with its port. */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDRESS_MAX      16 /* addresses of a host that are looked at */
#define ADDRESS_MAX_TEXT 56 /* "[v6]:port" and a NUL */

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at;
    socklen_t len; /* 0: none */
};

/** address_read(address, text, port): false: ${text} is not a literal one. */
bool address_read(struct address *address, const char *text, uint16_t port);

/** address_set_port(address, port): the port to connect to. */
void address_set_port(struct address *address, uint16_t port);

/** address_is_same_host(a, b): the same, whatever the ports. */
bool address_is_same_host(const struct address *a, const struct address *b);

/** address_spread(addresses, n, is_in_use, order): each once, as they come,
 *  but those in use behind the others. */
void address_spread(const struct address *addresses, size_t n,
                    const bool *is_in_use, struct address *order);

/** address_write(address, text): for people; ADDRESS_MAX_TEXT bytes. */
void address_write(const struct address *address, char *text);

#endif /* APNS_ADDRESS_H */
