/* SPDX-License-Identifier: MIT */
#include "raw_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

static const char payload[] = "{\"mdm\":\"0E8B8E0C-6B0F-4F3D-9C1E\"}";

static struct raw_answer *
answer_of(struct raw_client *client, int32_t stream_id)
{
    uint32_t i = (uint32_t)stream_id / 2;

    if (i >= RAW_CLIENT_MAX_ANSWERS)
        fail_msg("more than %d streams", RAW_CLIENT_MAX_ANSWERS);
    return &client->answers[i];
}

static void
copy_text(char *to, size_t max, const uint8_t *text, size_t len)
{
    snprintf(to, max, "%.*s", (int)len, (const char *)text);
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame,
          const uint8_t *name, size_t name_len, const uint8_t *value,
          size_t value_len, uint8_t flags, void *arg)
{
    struct raw_answer *answer = answer_of(arg, frame->hd.stream_id);

    (void)session;
    (void)name_len;
    (void)flags;
    if (strcmp((const char *)name, ":status") == 0)
        answer->status = (int)strtol((const char *)value, NULL, 10);
    else if (strcmp((const char *)name, "apns-id") == 0)
        copy_text(answer->apns_id, sizeof answer->apns_id, value, value_len);
    else if (strcmp((const char *)name, "retry-after") == 0)
        copy_text(answer->retry_after, sizeof answer->retry_after, value,
                  value_len);
    return 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t stream_id,
        const uint8_t *bytes, size_t len, void *arg)
{
    struct raw_answer *answer = answer_of(arg, stream_id);

    (void)session;
    (void)flags;
    if (answer->body_len + len >= sizeof answer->body)
        fail_msg("a body of more than %zu bytes", sizeof answer->body);
    memcpy(answer->body + answer->body_len, bytes, len);
    answer->body_len += len;
    return 0;
}

static int
on_close(nghttp2_session *session, int32_t stream_id, uint32_t error_code,
         void *arg)
{
    struct raw_answer *answer = answer_of(arg, stream_id);

    (void)session;
    answer->error_code = error_code;
    answer->is_closed = true;
    return 0;
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct raw_client *client = arg;

    (void)session;
    if (frame->hd.type == NGHTTP2_SETTINGS &&
        !(frame->hd.flags & NGHTTP2_FLAG_ACK)) {
        client->is_settled = true;
        client->n_settings++;
    } else if (frame->hd.type == NGHTTP2_PING) {
        client->n_ping_acks += (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
    } else if (frame->hd.type == NGHTTP2_GOAWAY) {
        client->has_goaway = true;
        client->goaway_last = frame->goaway.last_stream_id;
        client->goaway_code = frame->goaway.error_code;
        copy_text(client->goaway_text, sizeof client->goaway_text,
                  frame->goaway.opaque_data, frame->goaway.opaque_data_len);
    }
    return 0;
}

/* Why the connection ended, out of OpenSSL's and the system's error. */
static void
note_end(struct raw_client *client, int n)
{
    int error = errno;
    int reason = ERR_GET_REASON(ERR_peek_error());

    client->is_gone = true;
    if (SSL_get_error(client->ssl, n) == SSL_ERROR_SYSCALL)
        client->is_reset = error == ECONNRESET || error == EPIPE;
    else if (reason > SSL_AD_REASON_OFFSET && reason < 1256)
        client->alert = reason - SSL_AD_REASON_OFFSET;
    ERR_clear_error();
}

static int
dial(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port)};
    struct timeval timeout = {.tv_sec = RAW_CLIENT_TIMEOUT_MS / 1000};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static void
set_up_tls(struct raw_client *client, const char *ca, const char *cert,
           int tls_version)
{
    static const unsigned char alpn[] = "\x02h2";

    client->tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(client->tls, tls_version);
    SSL_CTX_set_max_proto_version(client->tls, tls_version);
    SSL_CTX_set_alpn_protos(client->tls, alpn, sizeof alpn - 1);
    SSL_CTX_set_verify(client->tls, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_load_verify_file(client->tls, ca) != 1)
        fail_msg("cannot use %s", ca);
    if (cert != NULL &&
        (SSL_CTX_use_certificate_file(client->tls, cert, SSL_FILETYPE_PEM) !=
             1 ||
         SSL_CTX_use_PrivateKey_file(client->tls, cert, SSL_FILETYPE_PEM) != 1))
        fail_msg("cannot use %s", cert);
    client->ssl = SSL_new(client->tls);
    SSL_set_fd(client->ssl, client->fd);
    SSL_set1_host(client->ssl, "localhost");
}

static void
start_session(struct raw_client *client)
{
    nghttp2_session_callbacks *callbacks;

    assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
                                                              on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    assert_int_equal(
        nghttp2_session_client_new(&client->session, callbacks, client), 0);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(client->session, NGHTTP2_FLAG_NONE, NULL, 0);
}

struct raw_client *
raw_client_open(uint16_t port, const char *ca, const char *cert,
                int tls_version)
{
    struct raw_client *client = calloc(1, sizeof *client);
    int done;

    if (client == NULL)
        fail_msg("out of memory");
    if ((client->fd = dial(port)) < 0) {
        client->is_gone = true;
        return client;
    }
    set_up_tls(client, ca, cert, tls_version);
    start_session(client);
    ERR_clear_error();
    if ((done = SSL_connect(client->ssl)) != 1)
        note_end(client, done);
    return client;
}

void
raw_client_close(struct raw_client *client)
{
    nghttp2_session_del(client->session);
    SSL_free(client->ssl);
    SSL_CTX_free(client->tls);
    if (client->fd >= 0)
        close(client->fd);
    free(client);
}

static ssize_t
on_read_payload(nghttp2_session *session, int32_t stream_id, uint8_t *buf,
                size_t length, uint32_t *flags, nghttp2_data_source *source,
                void *arg)
{
    (void)session;
    (void)stream_id;
    (void)source;
    (void)arg;
    if (length < sizeof payload - 1)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    memcpy(buf, payload, sizeof payload - 1);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return sizeof payload - 1;
}

static nghttp2_nv
make_nv(const char *name, const char *value)
{
    return (nghttp2_nv){.name = (uint8_t *)(uintptr_t)name,
                        .value = (uint8_t *)(uintptr_t)value,
                        .namelen = strlen(name),
                        .valuelen = strlen(value)};
}

struct raw_answer *
raw_client_push(struct raw_client *client, const char *topic,
                const char *token_hex)
{
    nghttp2_data_provider body = {.read_callback = on_read_payload};
    char path[1024] = "";
    nghttp2_nv nva[] = {
        make_nv(":method", "POST"),
        make_nv(":scheme", "https"),
        make_nv(":authority", "host"),
        make_nv(":path", path),
        make_nv("apns-priority", "10"),
        make_nv("apns-push-type", "mdm"),
        make_nv("apns-topic", topic == NULL ? "" : topic),
    };
    size_t n = sizeof nva / sizeof nva[0] - (topic == NULL ? 3 : 0);
    int32_t stream_id;

    nva[3].valuelen =
        (size_t)snprintf(path, sizeof path, "/3/device/%s", token_hex);
    stream_id =
        nghttp2_submit_request(client->session, NULL, nva, n, &body, NULL);
    if (stream_id < 0)
        fail_msg("%s", nghttp2_strerror(stream_id));
    return answer_of(client, stream_id);
}

static void
write_all(struct raw_client *client)
{
    const uint8_t *bytes;
    ssize_t n;

    while (!client->is_gone &&
           (n = nghttp2_session_mem_send(client->session, &bytes)) > 0) {
        int written;

        ERR_clear_error();
        errno = 0;
        written = SSL_write(client->ssl, bytes, (int)n);
        /* What ended it is found by reading: an alert may wait there. */
        if (written <= 0)
            return;
    }
}

static void
read_some(struct raw_client *client)
{
    uint8_t bytes[16384];
    int n;

    ERR_clear_error();
    errno = 0;
    n = SSL_read(client->ssl, bytes, sizeof bytes);
    if (n > 0 &&
        nghttp2_session_mem_recv(client->session, bytes, (size_t)n) == n)
        return;
    if (n <= 0 && errno == EAGAIN)
        fail_msg("nothing came for %d ms", RAW_CLIENT_TIMEOUT_MS);
    note_end(client, n);
}

void
raw_client_run(struct raw_client *client, raw_client_until_fn *until)
{
    struct timespec now, start;

    clock_gettime(CLOCK_MONOTONIC, &start);
    while (!client->is_gone && !until(client)) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - start.tv_sec > RAW_CLIENT_TIMEOUT_MS / 1000)
            fail_msg("waited for %d ms", RAW_CLIENT_TIMEOUT_MS);
        write_all(client);
        if (!until(client))
            read_some(client);
    }
    /* ACKs and the like. */
    write_all(client);
}

bool
raw_client_is_settled(const struct raw_client *client)
{
    return client->is_settled;
}

bool
raw_client_is_idle(const struct raw_client *client)
{
    uint32_t next = nghttp2_session_get_next_stream_id(client->session);

    for (uint32_t i = 0; i < next / 2 && i < RAW_CLIENT_MAX_ANSWERS; i++)
        if (!client->answers[i].is_closed)
            return false;
    return true;
}

bool
raw_client_is_over(const struct raw_client *client)
{
    (void)client;
    return false;
}

bool
raw_client_wants_no_write(const struct raw_client *client)
{
    return !nghttp2_session_want_write(client->session);
}
