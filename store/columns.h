/* SPDX-License-Identifier: MIT */
#ifndef STORE_COLUMNS_H
#define STORE_COLUMNS_H

/*
 * Columns of a table, once: what a SELECT lists, what an INSERT names, what
 * is bound and what is taken come from one list, in one order. A list is
 *
 *     #define EVENT_GIVEN(X, S) X(at, at_ms, INT) S X(kind, kind, TEXT) ...
 *
 * with the column, the member that it fills, and how; ${S} stands between
 * two: ", " in SQL, nothing in C.
 */

#define COLUMN_SQL(column, member, how) #column

/* A function that takes the columns of this row. */
#define COLUMNS_TAKE(name, type, columns)                         \
    static void name(struct bind *bind,                           \
                     __attribute__((unused)) struct arena *arena, \
                     struct type *it)                             \
    {                                                             \
        columns(COLUMN_TAKE, )                                    \
    }
#define COLUMN_TAKE(column, member, how) COLUMN_TAKE_##how(it->member);

/* A function that binds them. */
#define COLUMNS_BIND(name, type, columns)                      \
    static void name(struct bind *bind, const struct type *it) \
    {                                                          \
        columns(COLUMN_BIND, )                                 \
    }
#define COLUMN_BIND(column, member, how) COLUMN_BIND_##how(it->member);

#define COLUMN_TAKE_INT(to)  to = bind_take_int(bind)
#define COLUMN_TAKE_U32(to)  to = bind_take_u32(bind)
#define COLUMN_TAKE_U8(to)   to = (uint8_t)bind_take_int(bind)
#define COLUMN_TAKE_SINT(to) to = (int)bind_take_int(bind)
#define COLUMN_TAKE_BOOL(to) to = bind_take_int(bind) != 0
#define COLUMN_TAKE_TEXT(to) to = bind_take_text(bind, arena)
/* A struct vault_box: as it lies there, until the next step. */
#define COLUMN_TAKE_BOX(to) (to).sealed = bind_peek_blob(bind, &(to).len)

#define COLUMN_BIND_INT(from)  bind_int(bind, from)
#define COLUMN_BIND_U32(from)  bind_int(bind, from)
#define COLUMN_BIND_U8(from)   bind_int(bind, from)
#define COLUMN_BIND_SINT(from) bind_int(bind, from)
#define COLUMN_BIND_TEXT(from) bind_text(bind, from)
#define COLUMN_BIND_BOX(from)  bind_blob(bind, (from).sealed, (from).len)

#endif /* STORE_COLUMNS_H */
