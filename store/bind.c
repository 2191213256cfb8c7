/* SPDX-License-Identifier: MIT */
#include "store/bind.h"

#include <string.h>

#include "store/core.h"

void
bind_begin(struct bind *bind, struct db *db, enum sql_name name)
{
    *bind = (struct bind){.db = db, .stmt = db->stmts[name], .rc = SQLITE_OK};
    must(!sqlite3_stmt_busy(bind->stmt));
}

static void
stick(struct bind *bind, int rc)
{
    if (bind->rc == SQLITE_OK)
        bind->rc = rc;
}

void
bind_int(struct bind *bind, int64_t value)
{
    stick(bind, sqlite3_bind_int64(bind->stmt, ++bind->at, value));
}

void
bind_text(struct bind *bind, const char *text)
{
    stick(bind,
          sqlite3_bind_text(bind->stmt, ++bind->at, text, -1, SQLITE_STATIC));
}

void
bind_blob(struct bind *bind, const void *bytes, size_t len)
{
    stick(bind, sqlite3_bind_blob64(bind->stmt, ++bind->at,
                                    len == 0 ? "" : bytes, len, SQLITE_STATIC));
}

bool
bind_row(struct bind *bind)
{
    int rc;

    if (bind->rc != SQLITE_OK)
        return false;
    rc = sqlite3_step(bind->stmt);
    bind->at = 0;
    if (rc == SQLITE_ROW)
        return true;
    if (rc != SQLITE_DONE)
        stick(bind, rc);
    return false;
}

int64_t
bind_take_int(struct bind *bind)
{
    return sqlite3_column_int64(bind->stmt, bind->at++);
}

uint32_t
bind_take_u32(struct bind *bind)
{
    return (uint32_t)bind_take_int(bind);
}

const char *
bind_take_text(struct bind *bind, struct arena *arena)
{
    int column = bind->at++;
    const unsigned char *text = sqlite3_column_text(bind->stmt, column);
    int len = sqlite3_column_bytes(bind->stmt, column);

    if (text == NULL) {
        if (sqlite3_column_type(bind->stmt, column) != SQLITE_NULL)
            stick(bind, SQLITE_NOMEM);
        return NULL;
    }
    return arena_copy(arena, text, (size_t)len + 1);
}

const uint8_t *
bind_peek_blob(struct bind *bind, size_t *len)
{
    int column = bind->at++;
    const void *bytes = sqlite3_column_blob(bind->stmt, column);

    *len = (size_t)sqlite3_column_bytes(bind->stmt, column);
    return bytes;
}

const uint8_t *
bind_take_blob(struct bind *bind, struct arena *arena, size_t *len)
{
    const uint8_t *bytes = bind_peek_blob(bind, len);

    return arena_copy(arena, bytes, *len);
}

void
bind_skip(struct bind *bind, int n)
{
    bind->at += n;
}

int64_t
bind_peek_int(const struct bind *bind, int column)
{
    return sqlite3_column_int64(bind->stmt, column);
}

enum store_err
bind_err(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return STORE_OK;
    case SQLITE_FULL:
        return STORE_EFULL;
    case SQLITE_NOMEM:
        return STORE_ENOMEM;
    default:
        return STORE_EIO;
    }
}

enum store_err
bind_end(struct bind *bind)
{
    if (bind->rc != SQLITE_OK)
        db_note(bind->db, bind->rc);
    sqlite3_reset(bind->stmt);
    return bind_err(bind->rc);
}

enum store_err
bind_end_taken(struct bind *bind, const struct arena *arena, enum store_err err)
{
    enum store_err end = bind_end(bind);

    if (end != STORE_OK)
        return end;
    return arena->is_failed ? STORE_ENOMEM : err;
}

enum store_err
bind_run(struct bind *bind)
{
    while (bind_row(bind))
        continue;
    return bind_end(bind);
}

enum store_err
bind_run_changed(struct bind *bind, enum store_err none)
{
    enum store_err err;

    /* A step behind the last row would begin anew. */
    if (bind_row(bind))
        return bind_run(bind);
    err = bind_end(bind);
    return err == STORE_OK ? none : err;
}

enum store_err
bind_run_int(struct bind *bind, int64_t *value)
{
    if (!bind_row(bind))
        return bind_end(bind);
    *value = bind_take_int(bind);
    return bind_run(bind);
}

enum store_err
bind_run_child(struct bind *bind)
{
    bind_row(bind);
    if (bind->rc == SQLITE_CONSTRAINT_FOREIGNKEY)
        bind->rc = SQLITE_OK;
    return bind_end(bind);
}
