/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_MDM_SERVER_H
#define ROUSE_TESTS_MDM_SERVER_H

/*
 * What a NanoMDM says to its webhook.
 */

#include <stdint.h>

#define MDM_SERVER_PLIST(body)                                            \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">" \
    "<dict>" body "</dict></plist>"
#define MDM_SERVER_KEY(name, value) \
    "<key>" name "</key><string>" value "</string>"

struct mdm_server_event {
    const char *topic; /* "mdm.TokenUpdate", … */
    const char *udid;
    const char *id;      /* NULL: the udid */
    const char *created; /* RFC 3339; or NULL and */
    int64_t created_ms;  /* unix ms */
    const char *plist;
    int tally; /* 0: not told */
};

/** mdm_server_event(event): its JSON, to free(). */
char *mdm_server_event(const struct mdm_server_event *event);

#endif /* ROUSE_TESTS_MDM_SERVER_H */
