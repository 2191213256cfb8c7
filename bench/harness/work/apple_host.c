/* SPDX-License-Identifier: MIT */
#include "apple_host.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define V4_NET 17 /* 17.0.0.0/8 */
#define V6_LEN 4  /* bytes of a network's prefix */

/* The second is what the names of APNs are aliases of. */
static const char *const domains[] = {"apple.com", "push-apple.com.akadns.net"};

static const uint8_t v6_nets[][V6_LEN] = {
    {0x26, 0x20, 0x01, 0x49},
    {0x24, 0x03, 0x03, 0x00},
    {0x2a, 0x01, 0xb7, 0x40},
};

/* ::ffff:0:0/96 and 64:ff9b::/96: the last four bytes are of IPv4. */
static const uint8_t v4_in_v6[][12] = {
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff},
    {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0},
};

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

static bool
is_under(const char *host, size_t len, const char *domain)
{
    size_t domain_len = strlen(domain);

    return len >= domain_len &&
           strncasecmp(host + len - domain_len, domain, domain_len) == 0 &&
           (len == domain_len || host[len - domain_len - 1] == '.');
}

bool
apple_host_is_name(const char *host)
{
    size_t len = strlen(host);

    while (len > 0 && host[len - 1] == '.')
        len--;
    for (size_t i = 0; i < N_OF(domains); i++)
        if (is_under(host, len, domains[i]))
            return true;
    return false;
}

static bool
is_v6(const uint8_t *bytes)
{
    for (size_t i = 0; i < N_OF(v4_in_v6); i++)
        if (memcmp(bytes, v4_in_v6[i], sizeof v4_in_v6[i]) == 0)
            return bytes[sizeof v4_in_v6[i]] == V4_NET;
    for (size_t i = 0; i < N_OF(v6_nets); i++)
        if (memcmp(bytes, v6_nets[i], V6_LEN) == 0)
            return true;
    return false;
}

bool
apple_host_is_address(const struct sockaddr *address)
{
    struct sockaddr_in6 in6;
    struct sockaddr_in in;

    if (address->sa_family == AF_INET) {
        memcpy(&in, address, sizeof in);
        return ntohl(in.sin_addr.s_addr) >> 24 == V4_NET;
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(&in6, address, sizeof in6);
    return is_v6(in6.sin6_addr.s6_addr);
}

bool
apple_host_is(const char *host)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    bool is_apple = false;

    if (apple_host_is_name(host))
        return true;
    /* A name that nobody knows is nobody's: connecting will say so. */
    if (getaddrinfo(host, NULL, &hints, &found) != 0)
        return false;
    for (struct addrinfo *at = found; at != NULL; at = at->ai_next)
        is_apple = is_apple || apple_host_is_address(at->ai_addr);
    freeaddrinfo(found);
    return is_apple;
}
