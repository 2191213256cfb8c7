/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_TEMP_DIR_H
#define ROUSE_TESTS_TEMP_DIR_H

#include <stddef.h>

/*
 * Directories that live as long as a test. A failure to make one fails the
 * running cmocka test.
 */

/**
 * temp_dir_new():
 * A new empty directory, mode 0700, under $TMPDIR (else /tmp). Short enough
 * that unix socket names fit into it.
 *
 *   owns     the caller gives the string to temp_dir_free
 */
char *temp_dir_new(void);

/** temp_dir_free(dir): remove ${dir} with all that is in it. NULL is fine. */
void temp_dir_free(char *dir);

/**
 * temp_dir_path(dir, format, ...):
 * "${dir}/" and the formatted rest, as a new string to free().
 */
char *temp_dir_path(const char *dir, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * temp_dir_read(path, len):
 * The whole of a file, NUL-terminated, to free(). ${len} may be NULL.
 */
char *temp_dir_read(const char *path, size_t *len);

/** temp_dir_write(path, text): make or replace a file, mode 0600. */
void temp_dir_write(const char *path, const char *text);

#endif /* ROUSE_TESTS_TEMP_DIR_H */
