/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_H
#define STORE_STORE_H

/*
 * Durable state behind one asynchronous header.
 *
 * Every operation is a request with a completion. Requests made on the loop's
 * thread are handed to the one store thread by store_hand_over() (the engine
 * calls it at the end of its turn; requests made later wake it themselves).
 * All that wait when the store thread comes back from a commit share ONE
 * transaction, and completions run on the loop's thread only after it is
 * durable. Requests take effect in the order in which they were made; reads
 * see all writes made before them.
 *
 * Somebody waits for a check-in, a wake or a look at something while waves
 * and imports keep the disk busy. Those are prompt: they keep their order
 * among themselves, but may overtake all others that are not complete yet,
 * and a transaction of others ends early for them. So whoever depends on an
 * earlier request of another kind awaits its completion first.
 *
 * A request checks first and writes after: "not found" and the like fail
 * only that request. When writing itself fails (disk full, I/O error) the
 * whole transaction is undone and every writing request in it gets the error;
 * later requests are tried anew.
 *
 * The store knows no network, no push and no policy: what to write comes from
 * the engine as values. Nothing outside this folder knows SQL.
 */

#include "store/backup/store_backup.h"
#include "store/enrollment/store_checkin.h"
#include "store/enrollment/store_enrollment.h"
#include "store/enrollment/store_group.h"
#include "store/log/store_alert.h"
#include "store/log/store_event.h"
#include "store/log/store_stats.h"
#include "store/secret/store_csr.h"
#include "store/secret/store_identity.h"
#include "store/secret/store_key.h"
#include "store/secret/store_lost.h"
#include "store/secret/store_rotate.h"
#include "store/secret/store_vendor.h"
#include "store/store_base.h"
#include "store/wake/store_settle.h"
#include "store/wake/store_wake.h"
#include "store/wake/store_wave.h"

struct ev_loop;

struct store_options {
    const char *dir;              /* created 0700 when missing; files 0600 */
    const char *master_key_file;  /* NULL: "master.key" in dir, made when the
                                    database is new; 32 raw bytes or 64 hex */
    const char *vfs;              /* SQLite VFS name; NULL: default. Tests */
    int64_t (*now_ms)(void *arg); /* wall clock, unix ms; NULL: system's */
    void *now_arg;
    void (*on_trouble)(void *arg, enum store_err err, const char *detail);
    void *on_trouble_arg; /* told on the loop's thread when writing
                                    begins to fail, and with STORE_OK when it
                                    works again */
};

/**
 * store_open(loop, options, store, why):
 * Open or create the database in ${options->dir}, run migrations, start the
 * store thread. Blocking; for start-up.
 *
 *   why      256 bytes; on error, one line that says what to do next
 *   errors   category OPEN, STORE_EINVAL, STORE_ENOMEM, STORE_EIO,
 *            STORE_EFULL. The database is left exactly as it was
 */
STORE_MUST_USE enum store_err store_open(struct ev_loop *loop,
                                         const struct store_options *options,
                                         struct store **store, char *why);

/**
 * store_close(store):
 * Finish every request that was made (completions run before it returns),
 * checkpoint, close. NULL is fine.
 */
void store_close(struct store *store);

/** store_hand_over(store): give the requests gathered so far to the thread. */
void store_hand_over(struct store *store);

#endif /* STORE_STORE_H */
