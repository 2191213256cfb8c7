/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_ARGS_H
#define ROUSE_BENCH_ARGS_H

/*
 * The options of a command line, rouse-sim's and rouse-bench's: one row of a
 * table each, out of which come the parser, its limits and the help.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARGS_EXIT_USAGE 2
#define ARGS_MAX_ROWS   32

/* Where and how a row stores its value in the struct that is filled in. */
struct args_row {
    const char *name;     /* without -- */
    const char *argument; /* NULL: it takes none */
    const char *help;
    size_t offset, size; /* of the field */
    uint64_t min, max;   /* of a number; none without a maximum */
    /* Instead of storing: NULL, or what the value must be. */
    const char *(*read)(void *into, const char *value);
};

#define ARGS_FIELD(type, field) \
    .offset = offsetof(type, field), .size = sizeof(((type *)0)->field)

struct args_table {
    const char *program;     /* as errors begin */
    const char *command;     /* whose --help tells more */
    bool has_version;        /* --version is an option, too */
    int width;               /* of the help's left column */
    const char *usage;       /* what the help begins with; NULL: nothing */
    void (*print_end)(void); /* what it ends with; NULL: nothing */
    const struct args_row *rows;
    size_t n_rows;
};

/**
 * args_read(table, into, argc, argv, end):
 * Fill in ${*into}, which has its defaults; ${argv}[0] is no option. Words
 * that are none come last in ${argv}, from ${*end} on. Strings are borrowed.
 *
 *   returns  -1 to go on; else the exit code, all having been said
 */
int args_read(const struct args_table *table, void *into, int argc, char **argv,
              int *end);

/** args_refuse(program, what, value, need): say so; the exit code. */
int args_refuse(const char *program, const char *what, const char *value,
                const char *need);

/** args_print_help(table): as for --help. */
void args_print_help(const struct args_table *table);

#endif /* ROUSE_BENCH_ARGS_H */
