/* SPDX-License-Identifier: MIT */
#include "listen_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "apns/base/number.h"
#include "server/api/api.h"

#define BACKLOG  4096 /* connections not accepted yet */
#define MAX_HOST 64   /* bytes of an address, with its NUL */

static int
fail_errno(int fd, const char *what, const char *about, char *why)
{
    snprintf(why, API_WHY, "cannot %s %s: %s", what, about, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Somebody accepts connections there. */
static bool
is_answered(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_connected;

    if (fd < 0)
        return false;
    is_connected =
        connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
        errno == EAGAIN;
    close(fd);
    return is_connected;
}

static bool
clear_path(const struct sockaddr_un *address, char *why)
{
    struct stat about;

    if (lstat(address->sun_path, &about) != 0)
        return true;
    if (!S_ISSOCK(about.st_mode)) {
        snprintf(why, API_WHY,
                 "%s exists and is not a socket; remove it or choose another "
                 "path with --socket",
                 address->sun_path);
        return false;
    }
    if (is_answered(address)) {
        snprintf(why, API_WHY,
                 "another process answers on %s; stop it or choose another "
                 "path with --socket",
                 address->sun_path);
        return false;
    }
    return unlink(address->sun_path) == 0 || errno == ENOENT;
}

int
listen_socket_unix(const char *path, uint32_t mode, char *why)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof address.sun_path) {
        snprintf(why, API_WHY, "socket: the path is longer than %zu bytes",
                 sizeof address.sun_path - 1);
        return -1;
    }
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (!clear_path(&address, why))
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail_errno(fd, "create a socket for", path, why);
    /* The daemon's umask is 077: nobody gets in before the chmod. */
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        if (errno != ENOENT)
            return fail_errno(fd, "listen on", path, why);
        close(fd);
        snprintf(why, API_WHY,
                 "cannot listen on %s: its directory does not exist; create it "
                 "or choose another path with --socket",
                 path);
        return -1;
    }
    if (chmod(path, (mode_t)mode) != 0)
        return fail_errno(fd, "set the mode of", path, why);
    if (listen(fd, BACKLOG) != 0)
        return fail_errno(fd, "listen on", path, why);
    return fd;
}

void
listen_socket_mark(const char *path, struct listen_socket_mark *mark)
{
    struct stat about = {0};

    if (lstat(path, &about) != 0)
        about.st_ino = 0;
    mark->device = about.st_dev;
    mark->inode = about.st_ino;
}

bool
listen_socket_is_there(const char *path, const struct listen_socket_mark *mark)
{
    struct listen_socket_mark now;

    listen_socket_mark(path, &now);
    return now.inode != 0 && now.inode == mark->inode &&
           now.device == mark->device;
}

static bool
read_port(const char *text, in_port_t *port)
{
    uint64_t number;
    bool is_port = number_read(text, 0, UINT16_MAX, &number);

    *port = htons((uint16_t)number);
    return is_port;
}

static bool
read_host(const char *host, in_port_t port, struct sockaddr_storage *address,
          socklen_t *len)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

    memset(address, 0, sizeof *address);
    if (*host == '\0' || strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = port;
        *len = sizeof *v4;
        return true;
    }
    if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
        return false;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = port;
    *len = sizeof *v6;
    return true;
}

static bool
read_address(const char *text, struct sockaddr_storage *address, socklen_t *len)
{
    const char *colon = strrchr(text, ':');
    char host[MAX_HOST];
    in_port_t port;
    size_t n;

    if (colon == NULL || !read_port(colon + 1, &port))
        return false;
    n = (size_t)(colon - text);
    if (n >= sizeof host)
        return false;
    memcpy(host, text, n);
    host[n] = '\0';
    if (n >= 2 && host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = '\0';
        return read_host(host + 1, port, address, len);
    }
    return strchr(host, ':') == NULL && read_host(host, port, address, len);
}

static bool
is_loopback(const struct sockaddr_storage *address)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

    if (address->ss_family == AF_INET)
        return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

int
listen_socket_tcp(const char *text, bool is_behind_tls_proxy, char *why)
{
    struct sockaddr_storage address;
    socklen_t len;
    int one = 1;
    int fd;

    if (!read_address(text, &address, &len)) {
        snprintf(why, API_WHY,
                 "listen: \"%s\" is not ADDRESS:PORT, like 127.0.0.1:9000 or "
                 "[::1]:9000",
                 text);
        return -1;
    }
    if (!is_loopback(&address) && !is_behind_tls_proxy) {
        snprintf(
            why, API_WHY,
            "listen: %s is not a loopback address, and the API speaks plain "
            "HTTP; put a TLS proxy in front of it and give --behind-tls-proxy",
            text);
        return -1;
    }
    fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                0);
    if (fd < 0)
        return fail_errno(fd, "create a socket for", text, why);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, len) != 0 ||
        listen(fd, BACKLOG) != 0)
        return fail_errno(fd, "listen on", text, why);
    return fd;
}

uint16_t
listen_socket_port(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return 0;
    if (address.ss_family == AF_INET)
        return ntohs(((struct sockaddr_in *)&address)->sin_port);
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return 0;
}
