/* SPDX-License-Identifier: MIT */
#ifndef STORE_THREAD_H
#define STORE_THREAD_H

/*
 * The store thread: takes all that waits, runs it in one transaction, hands
 * it back after the commit.
 */

#include "store/store.h"

/** thread_start(store): STORE_ENOMEM when there is no thread to be had. */
enum store_err thread_start(struct store *store);

/** thread_stop(store): run what was handed over, then end the thread. */
void thread_stop(struct store *store);

#endif /* STORE_THREAD_H */
