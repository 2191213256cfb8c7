/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apns/apns.h"
#include "apns/base/hex.h"

void
apns_token_hex(const uint8_t *token, size_t len, char *hex)
{
    hex_write(token, len, hex);
}

enum apns_err
apns_token_read(const char *hex, uint8_t *token, size_t *len)
{
    /* strnlen: a caller's megabyte need not be walked to be too long. */
    const size_t max_digits = (size_t)2 * APNS_MAX_TOKEN;
    size_t n_digits = strnlen(hex, max_digits + 1);

    if (n_digits == 0 || n_digits > max_digits ||
        !hex_read(hex, n_digits, token))
        return APNS_EINVAL;
    *len = n_digits / 2;
    return APNS_OK;
}
