/* SPDX-License-Identifier: MIT */
#include "args.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "apns/base/must.h"
#include "apns/base/number.h"

#define MAX_NEED 64
#define MAX_LEFT 32

enum {
    UNKNOWN = '?',
    HELP = ARGS_MAX_ROWS + UNKNOWN,
    VERSION
};

static void
print_row(const struct args_table *table, const char *name,
          const char *argument, const char *help)
{
    char left[MAX_LEFT];

    snprintf(left, sizeof left, "--%s %s", name,
             argument != NULL ? argument : "");
    printf("  %-*s %s\n", table->width, left, help);
}

void
args_print_help(const struct args_table *table)
{
    if (table->usage != NULL)
        puts(table->usage);
    for (size_t i = 0; i < table->n_rows; i++)
        print_row(table, table->rows[i].name, table->rows[i].argument,
                  table->rows[i].help);
    print_row(table, "help", NULL, "this text");
    if (table->has_version)
        print_row(table, "version", NULL, "the version");
    if (table->print_end != NULL)
        table->print_end();
}

int
args_refuse(const char *program, const char *what, const char *value,
            const char *need)
{
    fprintf(stderr, "%s: %s `%s`: must be %s\n", program, what, value, need);
    return ARGS_EXIT_USAGE;
}

static void
store_number(void *to, size_t size, uint64_t number)
{
    if (size == sizeof number)
        *(uint64_t *)to = number;
    else if (size == sizeof(uint32_t))
        *(uint32_t *)to = (uint32_t)number;
    else
        *(uint16_t *)to = (uint16_t)number;
}

/* NULL, or what the value must be, which may be in ${need}. */
static const char *
set(const struct args_row *row, void *into, const char *value,
    char need[MAX_NEED])
{
    void *to = (char *)into + row->offset;
    uint64_t number;

    if (row->read != NULL)
        return row->read(into, value);
    if (row->argument == NULL) {
        *(bool *)to = true;
        return NULL;
    }
    if (row->max == 0) {
        *(const char **)to = value;
        return NULL;
    }
    if (number_read(value, row->min, row->max, &number)) {
        store_number(to, row->size, number);
        return NULL;
    }
    snprintf(need, MAX_NEED, "%llu to %llu", (unsigned long long)row->min,
             (unsigned long long)row->max);
    return need;
}

/* -1, or an exit code. */
static int
take(const struct args_table *table, int found, void *into, const char *value)
{
    const struct args_row *row;
    char need[MAX_NEED], what[MAX_LEFT];
    const char *wrong;

    switch (found) {
    case HELP:
        args_print_help(table);
        return EXIT_SUCCESS;
    case VERSION:
        printf("%s " ROUSE_VERSION "\n", table->program);
        return EXIT_SUCCESS;
    case UNKNOWN:
        fprintf(stderr, "Try `%s --help`.\n", table->command);
        return ARGS_EXIT_USAGE;
    default:
        row = &table->rows[found - UNKNOWN - 1];
        if ((wrong = set(row, into, value, need)) == NULL)
            return -1;
        snprintf(what, sizeof what, "--%s", row->name);
        return args_refuse(table->program, what, value, wrong);
    }
}

int
args_read(const struct args_table *table, void *into, int argc, char **argv,
          int *end)
{
    struct option longs[ARGS_MAX_ROWS + 3] = {{NULL, 0, NULL, 0}};
    size_t n = table->n_rows;
    int found, code;

    must(n < ARGS_MAX_ROWS);
    for (size_t i = 0; i < n; i++)
        longs[i] = (struct option){
            table->rows[i].name,
            table->rows[i].argument != NULL ? required_argument : no_argument,
            NULL, UNKNOWN + 1 + (int)i};
    longs[n++] = (struct option){"help", no_argument, NULL, HELP};
    if (table->has_version)
        longs[n] = (struct option){"version", no_argument, NULL, VERSION};
    while ((found = getopt_long(argc, argv, "", longs, NULL)) != -1)
        if ((code = take(table, found, into, optarg)) >= 0)
            return code;
    *end = optind;
    return -1;
}
