/* SPDX-License-Identifier: MIT */
#include "sockbio.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

static int
fd_of(BIO *bio)
{
    return (int)(intptr_t)BIO_get_data(bio);
}

static bool
is_transient(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static int
on_write(BIO *bio, const char *bytes, int len)
{
    ssize_t n = send(fd_of(bio), bytes, (size_t)len, MSG_NOSIGNAL);

    BIO_clear_retry_flags(bio);
    if (n < 0 && is_transient(errno))
        BIO_set_retry_write(bio);
    return (int)n;
}

static int
on_read(BIO *bio, char *bytes, int len)
{
    ssize_t n = recv(fd_of(bio), bytes, (size_t)len, 0);

    BIO_clear_retry_flags(bio);
    if (n < 0 && is_transient(errno))
        BIO_set_retry_read(bio);
    return (int)n;
}

static long
on_ctrl(BIO *bio, int command, long number, void *ptr)
{
    (void)bio;
    (void)number;
    (void)ptr;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD *
sockbio_method_new(void)
{
    int type = BIO_get_new_index();
    BIO_METHOD *method;

    if (type == -1 || (method = BIO_meth_new(type | BIO_TYPE_SOURCE_SINK,
                                             "quiet socket")) == NULL)
        return NULL;
    if (BIO_meth_set_write(method, on_write) != 1 ||
        BIO_meth_set_read(method, on_read) != 1 ||
        BIO_meth_set_ctrl(method, on_ctrl) != 1) {
        BIO_meth_free(method);
        return NULL;
    }
    return method;
}

BIO *
sockbio_new(const BIO_METHOD *method, int fd)
{
    BIO *bio = BIO_new(method);

    if (bio == NULL)
        return NULL;
    BIO_set_data(bio, (void *)(intptr_t)fd);
    BIO_set_init(bio, 1);
    return bio;
}
