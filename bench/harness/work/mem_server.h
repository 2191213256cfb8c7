/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_MEM_SERVER_H
#define ROUSE_BENCH_MEM_SERVER_H

/*
 * The other side of a session that is measured in memory: takes requests as
 * bytes and answers each as APNs does when it accepts a push.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MEM_SERVER_WINDOW (1 << 30) /* never what is waited for */

struct mem_server;

/** mem_server_new(streams): MAX_CONCURRENT_STREAMS; NULL: no memory. */
struct mem_server *mem_server_new(uint32_t streams);
void mem_server_free(struct mem_server *server);

/** mem_server_take(server, bytes, len): false: not HTTP/2. */
bool mem_server_take(struct mem_server *server, const uint8_t *bytes,
                     size_t len);

/**
 * mem_server_give(server, bytes):
 * The next bytes for the client, valid until the next call; how many, 0 when
 * there are none, below 0 when it is broken.
 */
ssize_t mem_server_give(struct mem_server *server, const uint8_t **bytes);

#endif /* ROUSE_BENCH_MEM_SERVER_H */
