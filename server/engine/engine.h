/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

/*
 * What the rest of server/ may see of the engine beside its public façade:
 * the store, for reading and for resources without engine logic (enrollments,
 * events, API keys), and the client, for its numbers.
 */

struct apns_client;
struct rouse;
struct store;

/** engine_store(rouse): borrowed; lives as long as ${rouse}. */
struct store *engine_store(struct rouse *rouse);

/** engine_client(rouse): borrowed; lives as long as ${rouse}. */
struct apns_client *engine_client(struct rouse *rouse);

#endif /* ENGINE_ENGINE_H */
