/* SPDX-License-Identifier: MIT */
#ifndef APNS_H2VERSION_H
#define APNS_H2VERSION_H

/*
 * What differs between nghttp2 1.52 and later ones, in this one place: since
 * 1.60 the calls that return a length have a second form with
 * nghttp2_ssize, and the first form is deprecated.
 */

#include <nghttp2/nghttp2.h>
#include <sys/types.h>

#if NGHTTP2_VERSION_NUM >= 0x013c00

typedef nghttp2_ssize h2version_read_fn(nghttp2_session *session,
                                        int32_t stream_id, uint8_t *buf,
                                        size_t length, uint32_t *flags,
                                        nghttp2_data_source *source,
                                        void *user_arg);
#define H2VERSION_SSIZE nghttp2_ssize

static inline int32_t
h2version_submit_request(nghttp2_session *session, const nghttp2_nv *nva,
                         size_t n_nva, h2version_read_fn *read, void *arg)
{
    nghttp2_data_provider2 provider = {.read_callback = read};

    return nghttp2_submit_request2(session, NULL, nva, n_nva, &provider, arg);
}

static inline ssize_t
h2version_mem_send(nghttp2_session *session, const uint8_t **out)
{
    return (ssize_t)nghttp2_session_mem_send2(session, out);
}

static inline ssize_t
h2version_mem_recv(nghttp2_session *session, const uint8_t *in, size_t len)
{
    return (ssize_t)nghttp2_session_mem_recv2(session, in, len);
}

#else

typedef ssize_t h2version_read_fn(nghttp2_session *session, int32_t stream_id,
                                  uint8_t *buf, size_t length, uint32_t *flags,
                                  nghttp2_data_source *source, void *user_arg);
#define H2VERSION_SSIZE ssize_t

static inline int32_t
h2version_submit_request(nghttp2_session *session, const nghttp2_nv *nva,
                         size_t n_nva, h2version_read_fn *read, void *arg)
{
    nghttp2_data_provider provider = {.read_callback = read};

    return nghttp2_submit_request(session, NULL, nva, n_nva, &provider, arg);
}

static inline ssize_t
h2version_mem_send(nghttp2_session *session, const uint8_t **out)
{
    return nghttp2_session_mem_send(session, out);
}

static inline ssize_t
h2version_mem_recv(nghttp2_session *session, const uint8_t *in, size_t len)
{
    return nghttp2_session_mem_recv(session, in, len);
}

#endif

#endif /* APNS_H2VERSION_H */
