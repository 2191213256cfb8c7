/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_FIELDS_H
#define ROUSE_FIELDS_H

/* Fields that people type. Each names itself and its limit in ${detail}. */

#include <stdbool.h>

bool fields_common_name(const char *name, char *detail);
bool fields_country(const char *country, char *detail);
bool fields_email(const char *email, char *detail);
bool fields_api_key(const char *key, char *detail);
bool fields_passphrase(const char *passphrase, char *detail);

#endif /* ROUSE_FIELDS_H */
