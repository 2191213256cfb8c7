/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <string.h>

bool
text_is_short(const char *text, size_t max)
{
    return text == NULL || strnlen(text, max + 1) <= max;
}

bool
text_copy(const char **to, const char *text, const char *absent)
{
    if (text == NULL)
        text = absent;
    *to = text != NULL ? strdup(text) : NULL;
    return text == NULL || *to != NULL;
}
