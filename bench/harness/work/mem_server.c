/* SPDX-License-Identifier: MIT */
#include "mem_server.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>

#include "pool_mem.h"

struct mem_server {
    struct pool_mem *mem;
    nghttp2_session *session;
};

static int
on_request(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    static const char id[] = "EC1BF194-B3B2-424A-89A9-5A918A6E6B5F";
    nghttp2_nv nva[] = {
        {.name = (uint8_t *)(uintptr_t) ":status",
         .value = (uint8_t *)(uintptr_t) "200",
         .namelen = 7,
         .valuelen = 3},
        {.name = (uint8_t *)(uintptr_t) "apns-id",
         .value = (uint8_t *)(uintptr_t)id,
         .namelen = 7,
         .valuelen = sizeof id - 1,
         .flags = NGHTTP2_NV_FLAG_NO_INDEX},
    };

    (void)arg;
    if (frame->hd.type != NGHTTP2_DATA ||
        !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    return nghttp2_submit_response(session, frame->hd.stream_id, nva, 2, NULL);
}

static bool
open_session(struct mem_server *server, uint32_t streams)
{
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    nghttp2_session_callbacks *callbacks;
    bool ok;

    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return false;
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_request);
    ok = nghttp2_session_server_new3(&server->session, callbacks, server, NULL,
                                     pool_mem_get(server->mem)) == 0 &&
         nghttp2_submit_settings(server->session, 0, settings, 2) == 0 &&
         nghttp2_session_set_local_window_size(server->session, 0, 0,
                                               MEM_SERVER_WINDOW) == 0;
    nghttp2_session_callbacks_del(callbacks);
    return ok;
}

struct mem_server *
mem_server_new(uint32_t streams)
{
    struct mem_server *server = calloc(1, sizeof *server);

    if (server == NULL)
        return NULL;
    server->mem = pool_mem_new();
    if (server->mem != NULL && open_session(server, streams))
        return server;
    mem_server_free(server);
    return NULL;
}

void
mem_server_free(struct mem_server *server)
{
    if (server == NULL)
        return;
    nghttp2_session_del(server->session);
    pool_mem_free(server->mem);
    free(server);
}

bool
mem_server_take(struct mem_server *server, const uint8_t *bytes, size_t len)
{
    return nghttp2_session_mem_recv(server->session, bytes, len) ==
           (ssize_t)len;
}

ssize_t
mem_server_give(struct mem_server *server, const uint8_t **bytes)
{
    return nghttp2_session_mem_send(server->session, bytes);
}
