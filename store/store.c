/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/backup/backup.h"
#include "store/core.h"
#include "store/dir.h"
#include "store/names.h"
#include "store/schema.h"
#include "store/secret/rotate.h"
#include "store/thread.h"

/* Completions that one pass of the loop takes: each of these may be of
 * hundreds of pushes, and others wait for the loop, too. */
#define USUAL_AT_ONCE 4

static const char lost_key[] =
    "restore its copy there; if there is none, see roused(8), --new-master-key";

static void
advise(char *why, const char *what)
{
    size_t len = strlen(why);

    snprintf(why + len, STORE_WHY_LEN - len, "; %s", what);
}

static enum store_err
get_key(const struct names *names, const struct store_options *options,
        bool is_new, struct seal *seal, char *why)
{
    enum store_err err;

    if (is_new && options->master_key_file == NULL &&
        access(names->key, F_OK) != 0) {
        if ((err = seal_make(names->key, why)) != STORE_OK)
            return err;
    }
    if ((err = seal_load(seal, names->key, why)) != STORE_OK && is_new)
        advise(why, "create one: openssl rand -hex 32");
    else if (err != STORE_OK)
        advise(why, lost_key);
    return err;
}

static void
remove_part(const struct names *names)
{
    char path[PATH_MAX + 16];

    unlink(names->part);
    snprintf(path, sizeof path, "%s-journal", names->part);
    unlink(path);
    snprintf(path, sizeof path, "%s-wal", names->part);
    unlink(path);
}

/* Under another name first: a half-made database is never found. */
static enum store_err
make_db(const struct names *names, const struct store_options *options,
        const struct seal *seal, char *why)
{
    enum store_err err;
    int fd;

    remove_part(names);
    fd = open(names->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || close(fd) != 0) {
        snprintf(why, STORE_WHY_LEN, "%.150s cannot be written", names->part);
        return STORE_EDIR;
    }
    err = db_create(names->part, options->vfs, seal, why);
    if (err == STORE_OK && rename(names->part, names->db) != 0) {
        snprintf(why, STORE_WHY_LEN, "%.150s cannot be written", names->db);
        err = STORE_EIO;
    }
    if (err == STORE_OK)
        return dir_sync(options->dir);
    remove_part(names);
    return err;
}

/* An empty log that our look at a refused database left behind. */
static void
remove_wal(const struct names *names, bool was_there)
{
    struct stat status;

    if (!was_there && stat(names->wal, &status) == 0 && status.st_size == 0)
        unlink(names->wal);
}

/*
 * A rotation of the master key ended between its transaction and the change
 * of names: the new key opens the database, and now takes the old one's name.
 */
static enum store_err
open_with_fresh(const struct names *names, const struct store_options *options,
                struct seal *seal, struct db **db, char *why)
{
    char other[STORE_WHY_LEN];

    if (seal_load(seal, names->fresh, other) != STORE_OK ||
        db_open(names->db, options, seal, db, other) != STORE_OK)
        return STORE_EKEY; /* and why says what it said */
    why[0] = '\0';
    /* Should this fail, the next start finds both again. */
    if (rename(names->fresh, names->key) == 0)
        return rotate_sync(names->key);
    return STORE_OK;
}

static enum store_err
open_db(const struct store_options *options, struct store *store, char *why)
{
    struct db **db = &store->db;
    struct names names;
    struct seal seal = {{0}};
    enum store_err err;
    bool is_there, was_wal;

    if ((err = names_fill(&names, options, why)) != STORE_OK ||
        (err = schema_inspect(names.db, &is_there, why)) != STORE_OK)
        return err;
    err = get_key(&names, options, !is_there, &seal, why);
    if (err == STORE_OK && !is_there)
        err = make_db(&names, options, &seal, why);
    was_wal = access(names.wal, F_OK) == 0;
    unlink(names.copy);
    if (err == STORE_OK &&
        (err = db_open(names.db, options, &seal, db, why)) == STORE_OK)
        unlink(names.fresh); /* of a rotation that did not come to pass */
    else if (err == STORE_EKEY && is_there)
        err = open_with_fresh(&names, options, &seal, db, why);
    if (err != STORE_OK)
        remove_wal(&names, was_wal);
    memcpy(store->key_path, names.key, sizeof store->key_path);
    snprintf(store->dir, sizeof store->dir, "%s", options->dir);
    seal_fini(&seal);
    return err;
}

static void
tell_trouble(struct store *store, enum store_err trouble, const char *detail)
{
    if (trouble == store->told)
        return;
    store->told = trouble;
    if (store->on_trouble != NULL)
        store->on_trouble(store->on_trouble_arg, trouble,
                          trouble == STORE_OK ? "" : detail);
}

static void
fetch_done(struct store *store)
{
    struct exchange *exchange = &store->exchange;
    char detail[STORE_WHY_LEN];
    enum store_err trouble;

    pthread_mutex_lock(&exchange->lock);
    lanes_move(&store->done, &exchange->done);
    trouble = exchange->trouble;
    memcpy(detail, exchange->detail, sizeof detail);
    pthread_mutex_unlock(&exchange->lock);
    tell_trouble(store, trouble, detail);
}

/* Complete at most ${max} of ${lane}. */
static void
complete(struct store *store, struct store_request_list *lane, size_t max)
{
    struct store_request *request;

    while (max-- > 0 && (request = STAILQ_FIRST(lane)) != NULL) {
        STAILQ_REMOVE_HEAD(lane, link);
        store->n_pending--;
        request->kind->complete(request, request->err);
        store_request_free(request);
    }
}

static void
deliver(struct store *store, size_t max_usual)
{
    store->is_delivering = true;
    fetch_done(store);
    complete(store, &store->done.prompt, SIZE_MAX);
    complete(store, &store->done.usual, max_usual);
    store->is_delivering = false;
}

static void
on_async(struct ev_loop *loop, ev_async *async, int events)
{
    struct store *store = async->data;

    (void)loop;
    (void)events;
    deliver(store, USUAL_AT_ONCE);
    if (!lanes_are_empty(&store->done))
        ev_async_send(store->loop, &store->async);
    store_hand_over(store);
}

static enum store_err
init_exchange(struct exchange *exchange)
{
    lanes_init(&exchange->waiting);
    lanes_init(&exchange->done);
    if (pthread_mutex_init(&exchange->lock, NULL) != 0)
        return STORE_ENOMEM;
    if (pthread_cond_init(&exchange->wake, NULL) != 0) {
        pthread_mutex_destroy(&exchange->lock);
        return STORE_ENOMEM;
    }
    return STORE_OK;
}

static void
fini_exchange(struct exchange *exchange)
{
    pthread_cond_destroy(&exchange->wake);
    pthread_mutex_destroy(&exchange->lock);
}

static void
start_watching(struct store *store)
{
    ev_async_init(&store->async, on_async);
    store->async.data = store;
    ev_async_start(store->loop, &store->async);
    ev_unref(store->loop); /* the store alone keeps no loop running */
}

static void
stop_watching(struct store *store)
{
    ev_ref(store->loop);
    ev_async_stop(store->loop, &store->async);
}

enum store_err
store_open(struct ev_loop *loop, const struct store_options *options,
           struct store **out, char *why)
{
    struct store *store = calloc(1, sizeof *store);
    enum store_err err = STORE_ENOMEM;

    snprintf(why, STORE_WHY_LEN, "out of memory");
    if (store == NULL)
        goto fail0;
    store->loop = loop;
    store->on_trouble = options->on_trouble;
    store->on_trouble_arg = options->on_trouble_arg;
    store->vfs = options->vfs;
    lanes_init(&store->made);
    lanes_init(&store->done);
    if ((err = init_exchange(&store->exchange)) != STORE_OK)
        goto fail1;
    if ((err = dir_open(options->dir, &store->lock_fd, why)) != STORE_OK)
        goto fail2;
    if ((err = open_db(options, store, why)) != STORE_OK)
        goto fail3;
    start_watching(store);
    if ((err = thread_start(store)) != STORE_OK)
        goto fail4;
    why[0] = '\0';
    *out = store;
    return STORE_OK;

fail4:
    stop_watching(store);
    db_close(store->db);
fail3:
    close(store->lock_fd);
fail2:
    fini_exchange(&store->exchange);
fail1:
    free(store);
fail0:
    return err;
}

void
store_hand_over(struct store *store)
{
    if (lanes_are_empty(&store->made))
        return;
    pthread_mutex_lock(&store->exchange.lock);
    lanes_move(&store->exchange.waiting, &store->made);
    pthread_cond_signal(&store->exchange.wake);
    pthread_mutex_unlock(&store->exchange.lock);
}

void
store_close(struct store *store)
{
    if (store == NULL)
        return;
    must(!store->is_delivering); /* never from inside a completion */
    store_hand_over(store);
    store->is_closing = true;
    thread_stop(store);
    deliver(store, SIZE_MAX);
    backup_end(store);
    must(store->n_pending == 0);
    stop_watching(store);
    db_close(store->db);
    close(store->lock_fd);
    fini_exchange(&store->exchange);
    free(store);
}

/*
 * Words.
 */

static const struct {
    const char *name;
    enum store_err_category category;
    const char *text;
} errors[] = {
#define X(name, category, text) \
    [STORE_##name] = {"STORE_" #name, STORE_CATEGORY_##category, text},
    STORE_ERRORS(X)
#undef X
};

const char *
store_err_text(enum store_err err)
{
    return err < STORE_N_ERRORS ? errors[err].text : "unknown error";
}

const char *
store_err_name(enum store_err err)
{
    return err < STORE_N_ERRORS ? errors[err].name : "STORE_?";
}

enum store_err_category
store_err_category(enum store_err err)
{
    must(err < STORE_N_ERRORS);
    return errors[err].category;
}

static const char *const kinds[] = {
#define X(name, text, is_user) [STORE_KIND_##name] = text,
    STORE_KINDS(X)
#undef X
};

static const char *const states[] = {
#define X(name, text) [STORE_STATE_##name] = text,
    STORE_STATES(X)
#undef X
};

static const char *const wave_states[] = {
#define X(name, text) [STORE_WAVE_##name] = text,
    STORE_WAVE_STATES(X)
#undef X
};

static bool
find_word(const char *const *words, size_t n, const char *text, size_t *at)
{
    for (*at = 0; *at < n; ++*at) {
        if (strcmp(words[*at], text) == 0)
            return true;
    }
    return false;
}

bool
store_kind_is_user(enum store_kind kind)
{
    static const bool users[] = {
#define X(name, text, is_user) [STORE_KIND_##name] = is_user,
        STORE_KINDS(X)
#undef X
    };

    must(kind < STORE_N_KINDS);
    return users[kind];
}

const char *
store_kind_text(enum store_kind kind)
{
    return kind < STORE_N_KINDS ? kinds[kind] : "?";
}

bool
store_kind_read(const char *text, enum store_kind *kind)
{
    size_t at;

    if (!find_word(kinds, STORE_N_KINDS, text, &at))
        return false;
    *kind = (enum store_kind)at;
    return true;
}

const char *
store_state_text(enum store_state state)
{
    return state < STORE_N_STATES ? states[state] : "?";
}

bool
store_state_read(const char *text, enum store_state *state)
{
    size_t at;

    if (!find_word(states, STORE_N_STATES, text, &at))
        return false;
    *state = (enum store_state)at;
    return true;
}

const char *
store_wave_state_text(enum store_wave_state state)
{
    return state < STORE_N_WAVE_STATES ? wave_states[state] : "?";
}
