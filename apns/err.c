/* SPDX-License-Identifier: MIT */
#include "apns.h"

/* The texts of every enum that apns.h shows. */

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    const char *name;
    const char *text;
    enum apns_err_category category;
} errors[] = {
#define X(name, category, text) \
    [APNS_##name] = {"APNS_" #name, text, APNS_CATEGORY_##category},
    APNS_ERRORS(X)
#undef X
};

static const char *const class_names[] = {
    [APNS_CLASS_ACCEPTED] = "accepted",
    [APNS_CLASS_DEAD_TOKEN] = "dead_token",
    [APNS_CLASS_SUSPECT] = "suspect",
    [APNS_CLASS_UNDECIDED] = "undecided",
    [APNS_CLASS_SLOW_DOWN] = "slow_down",
    [APNS_CLASS_TROUBLE] = "trouble",
    [APNS_CLASS_NO_ANSWER] = "no_answer",
    [APNS_CLASS_IDENTITY] = "identity",
    [APNS_CLASS_OURS] = "ours",
};

static const char *const state_names[] = {
    [APNS_IDENTITY_READY] = "ready",
    [APNS_IDENTITY_BACKOFF] = "backoff",
    [APNS_IDENTITY_STOPPED] = "stopped",
    [APNS_IDENTITY_PROBING] = "probing",
};

static const char *const cause_names[] = {
    [APNS_CAUSE_NONE] = "",
    [APNS_CAUSE_EXPIRED] = "expired",
    [APNS_CAUSE_REVOKED] = "revoked",
    [APNS_CAUSE_REFUSED] = "refused",
    [APNS_CAUSE_ENVIRONMENT] = "wrong_environment",
    [APNS_CAUSE_TOKENS_ENVIRONMENT] = "wrong_environment",
    [APNS_CAUSE_TOKENS_TOPIC] = "wrong_topic",
};

_Static_assert(COUNT(class_names) == APNS_N_CLASSES, "a class has no name");
_Static_assert(COUNT(state_names) == APNS_N_IDENTITY_STATES, "no name");
_Static_assert(COUNT(cause_names) == APNS_N_CAUSES, "a cause has no name");

const char *
apns_err_text(enum apns_err err)
{
    return (size_t)err < COUNT(errors) ? errors[err].text : "unknown error";
}

const char *
apns_err_name(enum apns_err err)
{
    return (size_t)err < COUNT(errors) ? errors[err].name : "APNS_E?";
}

enum apns_err_category
apns_err_category(enum apns_err err)
{
    /* A number that is no error of ours can only be the caller's mistake. */
    return (size_t)err < COUNT(errors) ? errors[err].category
                                       : APNS_CATEGORY_USAGE;
}

const char *
apns_class_name(enum apns_class class_)
{
    return (size_t)class_ < COUNT(class_names) ? class_names[class_]
                                               : "unknown";
}

const char *
apns_identity_state_name(enum apns_identity_state state)
{
    return (size_t)state < COUNT(state_names) ? state_names[state] : "unknown";
}

const char *
apns_cause_name(enum apns_cause cause)
{
    return (size_t)cause < COUNT(cause_names) ? cause_names[cause] : "unknown";
}
