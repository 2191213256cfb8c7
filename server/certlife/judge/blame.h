/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BLAME_H
#define ROUSE_BLAME_H

/*
 * Which of the files given is the trouble, by its name: where the private key
 * should be and where the push certificate should be.
 */

#include <stdbool.h>

#include "server/certlife/certlife.h"

#define BLAME_FINGERPRINT 16 /* digits by which a key is named */

/**
 * blame_no_key(check, files, push, text):
 * No key among the files belongs to push certificate ${push}: say what those
 * are that were given. False: none was given, and ${text} says just that.
 *
 *   text     CERTLIFE_MAX_TEXT bytes
 */
bool blame_no_key(const struct certlife_check *check,
                  const struct certlife_file *files, size_t push, char *text);

/**
 * blame_no_push(check, files, object, text):
 * No push certificate is among the files: what to do with ${object}, which is
 * there instead. False: there is nothing to say beside what it is.
 */
bool blame_no_push(const struct certlife_check *check,
                   const struct certlife_file *files, size_t object,
                   char *text);

/** blame_name(files, object): its file, as people know it. */
const char *blame_name(const struct certlife_file *files,
                       const struct certlife_object *object);

#endif /* ROUSE_BLAME_H */
