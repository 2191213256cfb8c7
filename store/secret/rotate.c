/* SPDX-License-Identifier: MIT */
#include "rotate.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "key_check.h"
#include "store/bind.h"
#include "store/db.h"
#include "store/dir.h"
#include "vault.h"

/* The plain text lives no longer than this. */
static enum store_err
seal_anew(struct db *db, const struct seal *fresh, struct arena *arena,
          const char *name, const char *print, struct vault_box *box)
{
    size_t len = box->len < SEAL_OVERHEAD ? 0 : box->len - SEAL_OVERHEAD;
    uint8_t *plain, *sealed;
    bool is_sealed;

    if (box->len == 0)
        return STORE_OK;
    plain = arena_take(arena, len + 1);
    sealed = arena_take(arena, box->len);
    if (plain == NULL || sealed == NULL)
        return STORE_ENOMEM;
    if (!seal_open(&db->seal, name, print, box->sealed, box->len, plain)) {
        db_note_damage(db);
        return STORE_EIO;
    }
    is_sealed = seal_close(fresh, name, print, plain, len, sealed);
    OPENSSL_cleanse(plain, len + 1);
    box->sealed = sealed;
    return is_sealed ? STORE_OK : STORE_ENOMEM;
}

/* A row as it lies there. */
struct row {
    int64_t id;
    const char *name;
    const char *print;
    struct vault_box key;
    struct vault_box mail;
};

static void
take_box(struct bind *bind, struct arena *arena, struct vault_box *box)
{
    box->sealed = bind_take_blob(bind, arena, &box->len);
}

static enum store_err
next_cert(struct db *db, struct arena *arena, struct row *row, bool *is_there)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_SEALED);
    bind_int(&bind, row->id);
    *is_there = bind_row(&bind);
    if (*is_there) {
        row->id = bind_take_int(&bind);
        row->name = bind_take_text(&bind, arena);
        row->print = bind_take_text(&bind, arena);
        take_box(&bind, arena, &row->key);
    }
    return bind_end_taken(&bind, arena, STORE_OK);
}

static enum store_err
rotate_certs(struct db *db, const struct seal *fresh, struct arena *arena,
             int64_t *n)
{
    struct row row = {0};
    bool is_there;
    enum store_err err;
    struct bind bind;

    while ((err = next_cert(db, arena, &row, &is_there)) == STORE_OK &&
           is_there) {
        err = seal_anew(db, fresh, arena, row.name, row.print, &row.key);
        if (err != STORE_OK)
            return err;
        bind_begin(&bind, db, SQL_CERT_RESEAL);
        bind_int(&bind, row.id);
        bind_blob(&bind, row.key.sealed, row.key.len);
        if ((err = bind_run(&bind)) != STORE_OK)
            return err;
        ++*n;
    }
    return err;
}

static enum store_err
next_request(struct db *db, struct arena *arena, struct row *row,
             bool *is_there)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_REQUEST_SEALED);
    bind_text(&bind, row->name);
    *is_there = bind_row(&bind);
    if (*is_there) {
        row->name = bind_take_text(&bind, arena);
        row->print = bind_take_text(&bind, arena);
        take_box(&bind, arena, &row->key);
        take_box(&bind, arena, &row->mail);
    }
    return bind_end_taken(&bind, arena, STORE_OK);
}

static enum store_err
rotate_requests(struct db *db, const struct seal *fresh, struct arena *arena,
                int64_t *n)
{
    struct row row = {.name = ""};
    bool is_there;
    enum store_err err;
    struct bind bind;

    while ((err = next_request(db, arena, &row, &is_there)) == STORE_OK &&
           is_there) {
        err = seal_anew(db, fresh, arena, row.name, row.print, &row.key);
        if (err == STORE_OK)
            err = seal_anew(db, fresh, arena, row.name, VAULT_MAIL_PRINT,
                            &row.mail);
        if (err != STORE_OK)
            return err;
        bind_begin(&bind, db, SQL_REQUEST_RESEAL);
        bind_text(&bind, row.name);
        bind_blob(&bind, row.key.sealed, row.key.len);
        bind_blob(&bind, row.mail.sealed, row.mail.len);
        if ((err = bind_run(&bind)) != STORE_OK)
            return err;
        ++*n;
    }
    return err;
}

static enum store_err
rotate_vendor(struct db *db, const struct seal *fresh, struct arena *arena,
              int64_t *n)
{
    struct row row = {0};
    bool is_there;
    enum store_err err;
    struct bind bind;

    bind_begin(&bind, db, SQL_VENDOR_GET);
    is_there = bind_row(&bind);
    if (is_there) {
        bind_skip(&bind, 2);
        take_box(&bind, arena, &row.key);
        row.print = bind_take_text(&bind, arena);
    }
    err = bind_end_taken(&bind, arena, STORE_OK);
    if (err != STORE_OK || !is_there)
        return err;
    err = seal_anew(db, fresh, arena, VAULT_VENDOR, row.print, &row.key);
    if (err != STORE_OK)
        return err;
    ++*n;
    bind_begin(&bind, db, SQL_VENDOR_RESEAL);
    bind_blob(&bind, row.key.sealed, row.key.len);
    return bind_run(&bind);
}

enum store_err
rotate_rows(struct db *db, const struct seal *fresh, struct arena *arena,
            int64_t *n)
{
    uint8_t sealed[KEY_CHECK_LEN];
    enum store_err err = rotate_certs(db, fresh, arena, n);
    struct bind bind;

    if (err == STORE_OK)
        err = rotate_requests(db, fresh, arena, n);
    if (err == STORE_OK)
        err = rotate_vendor(db, fresh, arena, n);
    if (err != STORE_OK)
        return err;
    if (!key_check_seal(fresh, sealed))
        return STORE_ENOMEM;
    bind_begin(&bind, db, SQL_MASTER_KEY_SET);
    bind_blob(&bind, sealed, sizeof sealed);
    return bind_run(&bind);
}

enum store_err
rotate_sync(const char *path)
{
    char dir[PATH_MAX];
    char *slash;

    snprintf(dir, sizeof dir, "%s", path);
    slash = strrchr(dir, '/');
    if (slash == NULL)
        return dir_sync(".");
    slash[slash == dir ? 1 : 0] = '\0';
    return dir_sync(dir);
}
