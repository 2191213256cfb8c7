/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_CHECKIN_PLIST_H
#define ENGINE_CHECKIN_PLIST_H

/*
 * The plist that a device sent to its MDM server, read into plain values.
 * It comes from outside and is believed in nothing: sizes, nesting, types and
 * characters are checked before a value is taken.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/rouse.h"
#include "store/store.h"

#define CHECKIN_PLIST_MAX_TYPE   63  /* bytes of a MessageType */
#define CHECKIN_PLIST_MAX_DETAIL 256 /* with the NUL */

/* Strings are NUL-terminated UTF-8 and hold no control characters, but for
 * the magic, which may hold anything. What a message does not say is "". */
struct checkin {
    enum store_checkin_type type;
    enum store_kind kind;
    char id[STORE_MAX_ID + 1];         /* as NanoMDM builds it */
    char parent[STORE_MAX_ID + 1];     /* of a user channel: its device's id */
    char serial[STORE_MAX_SERIAL + 1]; /* Authenticate, TokenUpdate */
    char topic[STORE_MAX_TOPIC + 1];   /* Authenticate, TokenUpdate */
    char magic[STORE_MAX_MAGIC + 1];   /* TokenUpdate */
    uint8_t token[STORE_MAX_TOKEN];    /* TokenUpdate */
    size_t token_len;
    char message_type[CHECKIN_PLIST_MAX_TYPE + 1]; /* as sent; "": a command's
                                                      response */
};

/**
 * checkin_plist_read(plist, len, out, detail):
 * Read a check-in (it has a MessageType) or a command's response (a Status).
 * Whatever is not Authenticate, TokenUpdate or CheckOut is a sighting.
 *
 *   shape    XML or binary plist of at most ROUSE_MAX_PLIST bytes
 *   detail   on error, CHECKIN_PLIST_MAX_DETAIL bytes: the key, what is wrong
 *            with it and its limit; never a value. Else ""
 *   errors   ROUSE_ETOOLARGE, ROUSE_EPLIST; ${out} is empty then
 *   source   Apple, "Check-in"; NanoMDM mdm/type.go for ids and kinds
 */
APNS_MUST_USE enum rouse_err checkin_plist_read(const void *plist, size_t len,
                                                struct checkin *out,
                                                char *detail);

/** checkin_plist_type(word): of a MessageType; any other is a sighting. */
enum store_checkin_type checkin_plist_type(const char *word);

/**
 * checkin_plist_id(key, text, out, detail):
 * Check an id that came beside the plist as one that came in it, and copy it
 * into ${out}, STORE_MAX_ID + 1 bytes.
 *
 *   returns  false when it breaks its shape: ${detail} says how, of ${key}
 */
bool checkin_plist_id(const char *key, const char *text, char *out,
                      char *detail);

/** checkin_plist_fini(checkin): cleanse token and magic. */
void checkin_plist_fini(struct checkin *checkin);

#endif /* ENGINE_CHECKIN_PLIST_H */
