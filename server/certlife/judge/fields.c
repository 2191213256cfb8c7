/* SPDX-License-Identifier: MIT */
#include "fields.h"

#include <ctype.h>
#include <string.h>

#include "server/certlife/read/phrase.h"

/* Well-formed UTF-8 without control characters. */
static bool
is_text(const char *text)
{
    json_t *json = json_string(text);
    bool is_utf8 = json != NULL;

    json_decref(json);
    for (const char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return false;
    return is_utf8;
}

static bool
is_graph(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

bool
fields_common_name(const char *name, char *detail)
{
    size_t len = name == NULL ? 0 : strlen(name);

    if (len >= 1 && len <= CERTLIFE_MAX_NAME && is_text(name) &&
        name[strspn(name, " ")] != '\0')
        return true;
    phrase_write(detail,
                 "common name: 1 to %d bytes of UTF-8 without control "
                 "characters are needed, %zu were given",
                 CERTLIFE_MAX_NAME, len);
    return false;
}

bool
fields_country(const char *country, char *detail)
{
    if (country != NULL && strlen(country) == 2 &&
        isalpha((unsigned char)country[0]) &&
        isalpha((unsigned char)country[1]))
        return true;
    phrase_write(detail, "country: two letters are needed, such as DE or "
                         "US (ISO 3166)");
    return false;
}

bool
fields_email(const char *email, char *detail)
{
    size_t len = email == NULL ? 0 : strlen(email);
    const char *at = len == 0 ? NULL : strchr(email, '@');

    if (len >= 3 && len <= CERTLIFE_MAX_EMAIL && is_graph(email) &&
        at != NULL && at != email && at[1] != '\0' &&
        strchr(at + 1, '@') == NULL)
        return true;
    phrase_write(detail,
                 "email: an address of 3 to %d ASCII characters with one "
                 "@ is needed",
                 CERTLIFE_MAX_EMAIL);
    return false;
}

bool
fields_api_key(const char *key, char *detail)
{
    size_t len = key == NULL ? 0 : strlen(key);

    if (len >= 1 && len <= CERTLIFE_MAX_API_KEY && is_graph(key))
        return true;
    phrase_write(detail,
                 "API key: 1 to %d printable ASCII characters are needed",
                 CERTLIFE_MAX_API_KEY);
    return false;
}

bool
fields_passphrase(const char *passphrase, char *detail)
{
    size_t len = passphrase == NULL ? 0 : strlen(passphrase);

    if (len >= CERTLIFE_MIN_PASSPHRASE && len <= CERTLIFE_MAX_PASSWORD &&
        is_text(passphrase))
        return true;
    phrase_write(detail, "passphrase: %d to %d bytes of UTF-8 are needed",
                 CERTLIFE_MIN_PASSPHRASE, CERTLIFE_MAX_PASSWORD);
    return false;
}
