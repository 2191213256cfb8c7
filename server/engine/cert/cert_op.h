/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_CERT_OP_H
#define ENGINE_CERT_OP_H

/*
 * What the operations on certificates have in common: a record of the caller's
 * with copies of its texts, steps in the store and in the worker's thread, and
 * one end, at which the caller is told, with the refusal if there is one. An
 * engine that is freed ends each with ROUSE_ECLOSED at its next step.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/engine/worker.h"
#include "server/rouse.h"
#include "store/store.h"

struct cert_op;
struct cert_op_text;

struct cert_op_kind {
    size_t size; /* of the operation's record, which begins with a cert_op */
    /* Tell the caller; ${refusal} is never NULL. */
    void (*tell)(struct cert_op *op, enum rouse_err err,
                 const struct rouse_cert_refusal *refusal);
    void (*fini)(struct cert_op *op); /* free what is its own; or NULL */
};

struct cert_op {
    struct worker_job job; /* first */
    const struct cert_op_kind *kind;
    struct rouse *rouse;
    void *arg; /* of the caller's completion */
    int64_t now_unix;
    const char *by; /* "": nobody was named */
    struct cert_op_text *texts;
    void (*work)(struct cert_op *op);
    void (*next)(struct cert_op *op);
    enum rouse_cert_code code; /* why it is refused; ROUSE_CERT_OK: it is not */
    char *text;
    bool is_out_of_memory; /* found in the worker, or by cert_op_copy */
};

/**
 * cert_op_new(rouse, kind, by, arg, err):
 * A zeroed record of ${kind->size} bytes with its cert_op; ${by} may be NULL.
 * NULL with ${*err}: ROUSE_ECLOSED, ROUSE_ENOMEM.
 */
void *cert_op_new(struct rouse *rouse, const struct cert_op_kind *kind,
                  const char *by, void *arg, enum rouse_err *err);

/** cert_op_new_look: as cert_op_new, also while the engine drains. */
void *cert_op_new_look(struct rouse *rouse, const struct cert_op_kind *kind,
                       void *arg, enum rouse_err *err);

/** cert_op_copy(op, text): a copy that lives as long as ${op} and is cleansed
 *  then; NULL of NULL, and NULL with is_out_of_memory. */
const char *cert_op_copy(struct cert_op *op, const char *text);

/** cert_op_drop(op, err): free ${op}, and nobody is told; returns ${err}, as
 *  what the façade answers at once. */
enum rouse_err cert_op_drop(struct cert_op *op, enum rouse_err err);

/** cert_op_begun(op, err): the store was asked for the first step; with an
 *  error as cert_op_drop. */
enum rouse_err cert_op_begun(struct cert_op *op, enum store_err err);

/** cert_op_asked(op, err): the store was asked for the next step; with an
 *  error that is the end. */
void cert_op_asked(struct cert_op *op, enum store_err err);

/** cert_op_goes_on(op, err): in the store's completions; false: it has ended,
 *  with ${err}, or since the engine closes. */
bool cert_op_goes_on(struct cert_op *op, enum store_err err);

/** cert_op_work(op, work, next): ${work} in the worker's thread, then ${next}
 *  on the loop. False: there is no room. */
bool cert_op_work(struct cert_op *op, void (*work)(struct cert_op *op),
                  void (*next)(struct cert_op *op));

/** cert_op_work_on: cert_op_work between two steps; no room is the end. */
void cert_op_work_on(struct cert_op *op, void (*work)(struct cert_op *op),
                     void (*next)(struct cert_op *op));

/** cert_op_note(op, code, format, ...): why it will be refused; in any
 *  thread. */
void cert_op_note(struct cert_op *op, enum rouse_cert_code code,
                  const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** cert_op_end(op, err): tell the caller and free ${op}; ROUSE_EGUARD: with
 *  what was noted. */
void cert_op_end(struct cert_op *op, enum rouse_err err);

/** cert_op_refuse(op, code, format, ...): cert_op_note and the end. */
void cert_op_refuse(struct cert_op *op, enum rouse_cert_code code,
                    const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif /* ENGINE_CERT_OP_H */
