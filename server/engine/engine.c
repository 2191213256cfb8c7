/* SPDX-License-Identifier: MIT */
#include "server/engine/engine.h"

#include "server/engine/engine_core.h"

struct store *
engine_store(struct rouse *rouse)
{
    return rouse->store;
}

struct apns_client *
engine_client(struct rouse *rouse)
{
    return rouse->client;
}
