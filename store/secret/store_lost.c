/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "key_check.h"
#include "rotate.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/dir.h"
#include "store/log/event_row.h"
#include "store/names.h"
#include "store/schema.h"

/* STORE_ECONFLICT: this key opens the database. */
static enum store_err
try_key(const struct names *names, const struct store_options *options,
        const char *path, char *why)
{
    struct db *db = NULL;
    struct seal seal;
    enum store_err err = seal_load(&seal, path, why);

    if (err == STORE_OK)
        err = db_open(names->db, options, &seal, &db, why);
    seal_fini(&seal);
    if (err != STORE_OK)
        return err == STORE_EKEY ? STORE_OK : err;
    db_close(db);
    snprintf(why, STORE_WHY_LEN,
             "nothing is lost: the master key %.120s opens the database; to "
             "change it, use rouse key rotate-master",
             path);
    return STORE_ECONFLICT;
}

/* A file that is there and is no key may be one that was damaged. */
static enum store_err
check_file(const struct names *names, char *why)
{
    struct seal seal;
    enum store_err err;

    if (access(names->key, F_OK) != 0)
        return STORE_OK;
    err = seal_load(&seal, names->key, why);
    seal_fini(&seal);
    if (err != STORE_OK)
        snprintf(why, STORE_WHY_LEN,
                 "%.150s is not a master key: move it away, then a new one is "
                 "created",
                 names->key);
    return err;
}

static enum store_err
count(struct db *db, struct store_lost *lost)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_SEALED_COUNT);
    if (bind_row(&bind)) {
        lost->n_certs = bind_take_int(&bind);
        lost->n_requests = bind_take_int(&bind);
        lost->n_vendors = bind_take_int(&bind);
        lost->n = lost->n_certs + lost->n_requests + lost->n_vendors;
    }
    return bind_end(&bind);
}

static enum store_err
run(struct db *db, enum sql_name name)
{
    struct bind bind;

    bind_begin(&bind, db, name);
    return bind_run(&bind);
}

static enum store_err
write_down(struct db *db, const struct store_lost *lost, const char *by)
{
    char detail[128];
    struct store_event event = {.kind = "master_key.lost",
                                .subject = "",
                                .actor = by,
                                .detail = detail};

    snprintf(detail, sizeof detail,
             "private keys given up: certificates=%lld requests=%lld "
             "vendors=%lld",
             (long long)lost->n_certs, (long long)lost->n_requests,
             (long long)lost->n_vendors);
    return event_row_add(db, &event);
}

static enum store_err
set_check(struct db *db, const struct seal *seal)
{
    uint8_t sealed[KEY_CHECK_LEN];
    struct bind bind;

    if (!key_check_seal(seal, sealed))
        return STORE_ENOMEM;
    bind_begin(&bind, db, SQL_MASTER_KEY_SET);
    bind_blob(&bind, sealed, sizeof sealed);
    return bind_run(&bind);
}

/* All in one transaction. */
static enum store_err
give_up(struct db *db, const struct seal *seal, const struct store_lost *lost,
        const char *by)
{
    enum store_err err = db_begin(db);

    if (err != STORE_OK)
        return err;
    if ((err = run(db, SQL_CERT_UNSEAL)) != STORE_OK ||
        (err = run(db, SQL_REQUEST_DROP_ALL)) != STORE_OK ||
        (err = run(db, SQL_VENDOR_DROP)) != STORE_OK ||
        (err = set_check(db, seal)) != STORE_OK ||
        (err = write_down(db, lost, by)) != STORE_OK ||
        (err = db_commit(db)) != STORE_OK)
        db_rollback(db);
    return err;
}

/* On the disk before the database depends on it. */
static enum store_err
get_key(const struct names *names, struct seal *seal, char *why)
{
    enum store_err err;

    if (access(names->key, F_OK) != 0) {
        if ((err = seal_make(names->key, why)) != STORE_OK)
            return err;
        if ((err = rotate_sync(names->key)) != STORE_OK) {
            snprintf(why, STORE_WHY_LEN, "%.150s cannot be synced", names->key);
            return err;
        }
    }
    return seal_load(seal, names->key, why);
}

static enum store_err
replace(struct db *db, const struct names *names, int64_t n_confirmed,
        const char *by, struct store_lost *lost, char *why)
{
    struct seal seal = {{0}};
    enum store_err err = count(db, lost);

    if (err == STORE_OK && lost->n != n_confirmed) {
        snprintf(why, STORE_WHY_LEN,
                 "%lld private keys would be given up, not %lld",
                 (long long)lost->n, (long long)n_confirmed);
        return STORE_EINVAL;
    }
    if (err == STORE_OK && (err = get_key(names, &seal, why)) != STORE_OK)
        return err;
    if (err == STORE_OK)
        err = give_up(db, &seal, lost, by);
    seal_fini(&seal);
    if (err != STORE_OK)
        snprintf(why, STORE_WHY_LEN, "rouse.db: %s: %.150s",
                 store_err_text(err), db_detail(db));
    return err;
}

static enum store_err
run_all(const struct store_options *options, int64_t n_confirmed,
        const char *by, struct store_lost *lost, char *why)
{
    struct names names;
    struct db *db;
    bool is_there;
    enum store_err err = names_fill(&names, options, why);

    if (err == STORE_OK)
        err = schema_inspect(names.db, &is_there, why);
    if (err == STORE_OK && !is_there) {
        snprintf(why, STORE_WHY_LEN,
                 "there is no database yet: roused creates it and its master "
                 "key when it starts");
        return STORE_ENOTFOUND;
    }
    if (err != STORE_OK ||
        (err = try_key(&names, options, names.key, why)) != STORE_OK ||
        (err = try_key(&names, options, names.fresh, why)) != STORE_OK ||
        (err = check_file(&names, why)) != STORE_OK ||
        (err = db_open(names.db, options, NULL, &db, why)) != STORE_OK)
        return err;
    err = replace(db, &names, n_confirmed, by, lost, why);
    db_close(db);
    return err;
}

enum store_err
store_lost_key(const struct store_options *options, int64_t n_confirmed,
               const char *by, struct store_lost *lost, char *why)
{
    enum store_err err;
    int lock_fd;

    *lost = (struct store_lost){0};
    if ((err = dir_open(options->dir, &lock_fd, why)) != STORE_OK)
        return err;
    err = run_all(options, n_confirmed, by, lost, why);
    close(lock_fd);
    if (err == STORE_OK)
        why[0] = '\0';
    return err;
}
