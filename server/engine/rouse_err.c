/* SPDX-License-Identifier: MIT */
#include "server/engine/rouse_err.h"

static const struct {
    const char *name;
    enum rouse_err_category category;
    const char *text;
} errors[ROUSE_N_ERRORS] = {
#define X(name, category, text) \
    [ROUSE_##name] = {"ROUSE_" #name, ROUSE_CATEGORY_##category, text},
    ROUSE_ERRORS(X)
#undef X
};

const char *
rouse_err_text(enum rouse_err err)
{
    return (unsigned)err < ROUSE_N_ERRORS ? errors[err].text : "unknown error";
}

const char *
rouse_err_name(enum rouse_err err)
{
    return (unsigned)err < ROUSE_N_ERRORS ? errors[err].name : "ROUSE_UNKNOWN";
}

enum rouse_err_category
rouse_err_category(enum rouse_err err)
{
    return (unsigned)err < ROUSE_N_ERRORS ? errors[err].category
                                          : ROUSE_CATEGORY_SYSTEM;
}

enum rouse_err
rouse_err_of_store(enum store_err err)
{
    static const enum rouse_err table[STORE_N_ERRORS] = {
        [STORE_OK] = ROUSE_OK,
        [STORE_EINVAL] = ROUSE_EINVAL,
        [STORE_ENOTFOUND] = ROUSE_ENOTFOUND,
        [STORE_ECONFLICT] = ROUSE_ECONFLICT,
        [STORE_EBUSY] = ROUSE_EBUSY,
        [STORE_ENOMEM] = ROUSE_ENOMEM,
        [STORE_EFULL] = ROUSE_EFULL,
        [STORE_EIO] = ROUSE_EIO,
        [STORE_EDIR] = ROUSE_ESTATE,
        [STORE_ELOCKED] = ROUSE_ESTATE,
        [STORE_ENOTOURS] = ROUSE_ESTATE,
        [STORE_ETOONEW] = ROUSE_ESTATE,
        [STORE_ECORRUPT] = ROUSE_ESTATE,
        [STORE_EKEY] = ROUSE_ESTATE,
        [STORE_ECLOSED] = ROUSE_ECLOSED,
    };

    return (unsigned)err < STORE_N_ERRORS ? table[err] : ROUSE_EIO;
}

const char *
rouse_cert_code_name(enum rouse_cert_code code)
{
    static const char *const names[ROUSE_CERT_N_CODES] = {
#define X(name, word, status) word,
        ROUSE_CERT_CODES(X)
#undef X
    };

    return (unsigned)code < ROUSE_CERT_N_CODES ? names[code] : "";
}
