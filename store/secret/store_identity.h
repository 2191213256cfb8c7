/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_IDENTITY_H
#define STORE_STORE_IDENTITY_H

/*
 * Identities: push certificates in clear, their private keys sealed. One of a
 * topic is in force; whichever was ever held is in the history. Part of
 * store.h, which includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store_base.h"

struct store_identity {
    const char *topic;
    const char *cert_pem;
    const char *key_pem; /* in clear here; cleansed by the store after the
                               completion. NULL in lists made without keys;
                               "" when it is lost */
    const char *sha256;  /* of the certificate, lower-case hex */
    const char *serial;
    const char *subject;
    const char *issuer;
    int64_t not_before_unix;
    int64_t not_after_unix;
    int64_t imported_at_ms;
    const char *imported_by;
    const char *apple_account; /* "" when not recorded */
    const char *note;
    int64_t retired_at_ms;   /* history only; 0: the current one */
    const char *retired_why; /* "renewed", "removed", "refused", … */
    const char *spki_sha256; /* of the public key; "" when not known */
    /* Filled in by the store on reading, ignored on writing. */
    const char *replaced; /* sha256 of the one whose place it took; "" */
    int64_t taken_at_ms;  /* when APNs first let it in; 0: not yet */
    int64_t tested_at_ms; /* the last test push; 0: none */
    bool is_test_ok;
    const char *test_text; /* how it ended, for people */
    uint32_t marks;        /* bits, meaning known to the engine */
    bool is_key_lost;      /* with a master key, see store_lost.h */
    const char *host;      /* of APNs, under which it was used last; "" */
    int64_t proven_at_ms;  /* when that host first answered 200; 0: not yet */
    uint32_t n_undecided;  /* in force: wakes that are, of its topic; and */
    const char *undecided_reason; /* what most were refused with; NULL */
};

/* What must hold, and what else is done, when a certificate takes effect:
   all of it in one transaction. */
struct store_identity_terms {
    const char *expected_sha256; /* of the one in force, "" none; NULL: no
                                    matter. Another one: STORE_ECONFLICT */
    const char *replace_topic;   /* this topic's identity is given up */
    const char *request_name;    /* this request is fulfilled and goes */
};

typedef void store_identities_fn(void *arg, enum store_err err,
                                 const struct store_identity *identities,
                                 size_t n);

/**
 * store_identity_put(store, identity, done, arg):
 * Make it the current one of its topic; the one before goes to the history
 * ("renewed"). The same certificate again changes nothing but note and
 * account (its row of the history keeps the one of its import; "" changes
 * none), and brings its key back where that was lost. Another account than
 * before is told in the audit log, with both. The undecided wakes of the topic
 * are due now, here and below.
 *
 *   shape    topic, both PEMs and sha256 are not empty
 *   owns     the copy of the key is cleansed after the completion
 */
STORE_MUST_USE enum store_err
store_identity_put(struct store *store, const struct store_identity *identity,
                   store_done_fn *done, void *arg);

/**
 * store_identity_renew(store, identity, terms, done, arg):
 * As store_identity_put, on these terms: all of them in its transaction. A
 * request that is not there any more is no error.
 *
 *   errors   STORE_ECONFLICT  another one is in force than was expected
 */
STORE_MUST_USE enum store_err
store_identity_renew(struct store *store, const struct store_identity *identity,
                     const struct store_identity_terms *terms,
                     store_done_fn *done, void *arg);

/**
 * store_identity_again(store, topic, sha256, why, done, arg):
 * Put a certificate of the history in force again; the one in force goes to
 * the history with ${why}. Who imported it and when stays as it was.
 *
 *   errors   STORE_ENOTFOUND  it was never held; STORE_ECONFLICT  it is in
 *            force
 */
STORE_MUST_USE enum store_err
store_identity_again(struct store *store, const char *topic, const char *sha256,
                     const char *why, store_done_fn *done, void *arg);

/* What was learnt of a certificate. */
struct store_identity_mark {
    const char *topic;
    const char *sha256;
    int64_t taken_at_ms;  /* the first one stays; 0: nothing to say */
    const char *host;     /* it is used with this host now; NULL: nothing to
                             say. Another one than before: it is not proven,
                             and what is undecided is due now */
    int64_t proven_at_ms; /* as taken_at_ms, with that host */
    uint32_t clear;       /* marks that no longer hold, */
    uint32_t set;         /* and those that do now */
    int64_t tested_at_ms; /* 0: no test; else */
    bool is_test_ok;
    const char *test_text; /* at most STORE_MAX_NOTE bytes */
};

/**
 * store_identity_learn(store, mark, done, arg):
 * Keep what was learnt of a certificate that is or was held.
 *
 *   errors   STORE_ENOTFOUND  it was never held
 */
STORE_MUST_USE enum store_err
store_identity_learn(struct store *store,
                     const struct store_identity_mark *mark,
                     store_done_fn *done, void *arg);

/**
 * store_identity_list(store, topic, with_keys, done, arg):
 * The one in force of ${topic}, or of every topic by its name (NULL). None is
 * no error.
 *
 *   owns     keys are cleansed after the completion
 *   errors   STORE_EIO  with keys: one was changed behind our back
 */
STORE_MUST_USE enum store_err
store_identity_list(struct store *store, const char *topic, bool with_keys,
                    store_identities_fn *done, void *arg);

/**
 * store_identity_history(store, topic, done, arg):
 * Every certificate that was ever held for ${topic} (NULL: for any), those in
 * force among them, newest first, without keys.
 */
STORE_MUST_USE enum store_err store_identity_history(struct store *store,
                                                     const char *topic,
                                                     store_identities_fn *done,
                                                     void *arg);

/**
 * store_identity_held(store, topic, sha256, done, arg):
 * One certificate of the history with its key, so that it can be put again
 * (a revert). Neither may be NULL.
 *
 *   owns     the key is cleansed after the completion
 *   errors   STORE_ENOTFOUND; STORE_EIO  as store_identity_list
 */
STORE_MUST_USE enum store_err
store_identity_held(struct store *store, const char *topic, const char *sha256,
                    store_identities_fn *done, void *arg);

/**
 * store_identity_remove(store, topic, why, done, arg):
 * The topic is given up: the certificate in force goes into the history with
 * ${why}. Wakes stay, and wait for another one.
 *
 *   errors   STORE_ENOTFOUND  none is in force
 */
STORE_MUST_USE enum store_err
store_identity_remove(struct store *store, const char *topic, const char *why,
                      store_done_fn *done, void *arg);

#endif /* STORE_STORE_IDENTITY_H */
