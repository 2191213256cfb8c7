/* SPDX-License-Identifier: MIT */
#include "address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool
address_read(struct address *address, const char *text, uint16_t port)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &address->at.v4.sin_addr) == 1) {
        address->at.v4.sin_family = AF_INET;
        address->len = sizeof address->at.v4;
    } else if (inet_pton(AF_INET6, text, &address->at.v6.sin6_addr) == 1) {
        address->at.v6.sin6_family = AF_INET6;
        address->len = sizeof address->at.v6;
    } else {
        return false;
    }
    address_set_port(address, port);
    return true;
}

void
address_set_port(struct address *address, uint16_t port)
{
    if (address->at.any.sa_family == AF_INET6)
        address->at.v6.sin6_port = htons(port);
    else
        address->at.v4.sin_port = htons(port);
}

bool
address_is_same_host(const struct address *a, const struct address *b)
{
    if (a->len == 0 || b->len == 0 ||
        a->at.any.sa_family != b->at.any.sa_family)
        return false;
    if (a->at.any.sa_family == AF_INET6)
        return memcmp(&a->at.v6.sin6_addr, &b->at.v6.sin6_addr,
                      sizeof a->at.v6.sin6_addr) == 0;
    return a->at.v4.sin_addr.s_addr == b->at.v4.sin_addr.s_addr;
}

void
address_spread(const struct address *addresses, size_t n, const bool *is_in_use,
               struct address *order)
{
    for (size_t i = 0; i < n; i++)
        if (!is_in_use[i])
            *order++ = addresses[i];
    for (size_t i = 0; i < n; i++)
        if (is_in_use[i])
            *order++ = addresses[i];
}

void
address_write(const struct address *address, char *text)
{
    char host[INET6_ADDRSTRLEN] = "?";
    bool is_v6 = address->at.any.sa_family == AF_INET6;
    in_port_t port = is_v6 ? address->at.v6.sin6_port : address->at.v4.sin_port;

    if (is_v6)
        inet_ntop(AF_INET6, &address->at.v6.sin6_addr, host, sizeof host);
    else
        inet_ntop(AF_INET, &address->at.v4.sin_addr, host, sizeof host);
    snprintf(text, ADDRESS_MAX_TEXT, is_v6 ? "[%s]:%u" : "%s:%u", host,
             ntohs(port));
}
