/* SPDX-License-Identifier: MIT */
#include "readfile.h"

#include <ctype.h>
#include <string.h>

#include <openssl/crypto.h>

#include "apns/base/base64.h"
#include "armor.h"
#include "readder.h"
#include "readpem.h"
#include "readplist.h"

/* Tell a file by its first bytes; its name means nothing. */

#define LOOK 1024 /* bytes that are looked at for words */

struct sight {
    const char *text;
    size_t len;
};

static bool
begins(struct sight sight, const char *word)
{
    size_t n = strlen(word);

    return sight.len >= n && strncasecmp(sight.text, word, n) == 0;
}

static bool
has_soon(struct sight sight, const char *word)
{
    char look[LOOK + 1];
    size_t n = sight.len < LOOK ? sight.len : LOOK;

    memcpy(look, sight.text, n);
    for (size_t i = 0; i < n; i++)
        if (look[i] == '\0')
            look[i] = ' ';
    look[n] = '\0';
    return strcasestr(look, word) != NULL;
}

static const struct {
    const char *start;
    enum certlife_kind kind;
    const char *note;
} magic[] = {
    {"PK\x03\x04", CERTLIFE_KIND_ZIP, ""},
    {"\x1f\x8b", CERTLIFE_KIND_ZIP, ""},
    {"ssh-", CERTLIFE_KIND_SSH_KEY, ""},
    {"ecdsa-sha2-", CERTLIFE_KIND_SSH_KEY, ""},
    {"PuTTY-User-Key", CERTLIFE_KIND_SSH_KEY, ""},
    {"---- BEGIN SSH2", CERTLIFE_KIND_SSH_KEY, ""},
    {"<!DOCTYPE html", CERTLIFE_KIND_HTML, ""},
    {"<html", CERTLIFE_KIND_HTML, ""},
    {"<head", CERTLIFE_KIND_HTML, ""},
    {"bplist00", CERTLIFE_KIND_PLIST, ""},
    {"\xff\xfe", CERTLIFE_KIND_UTF16, ""},
    {"\xfe\xff", CERTLIFE_KIND_UTF16, ""},
};

static bool
read_magic(struct pile *pile, struct sight sight)
{
    for (size_t i = 0; i < sizeof magic / sizeof magic[0]; i++)
        if (begins(sight, magic[i].start)) {
            pile_note(pile, magic[i].kind, magic[i].note);
            return true;
        }
    if ((begins(sight, "Content-Type:") || begins(sight, "MIME-Version:")) &&
        has_soon(sight, "pkcs7-mime")) {
        pile_note(pile, CERTLIFE_KIND_SERVER_TOKEN, "");
        return true;
    }
    return false;
}

static bool
read_xml(struct pile *pile, struct sight sight)
{
    if (!begins(sight, "<?xml") && !begins(sight, "<!DOCTYPE plist") &&
        !begins(sight, "<plist"))
        return false;
    if (has_soon(sight, "<html")) /* XHTML begins with <?xml too */
        pile_note(pile, CERTLIFE_KIND_HTML, "");
    else
        readplist_upload(pile, sight.text, sight.len);
    return true;
}

/* The reply of mdmcert.download: PKCS#7 as hex digits. */
static bool
read_hex(struct pile *pile, struct sight sight)
{
    size_t len = 0;
    unsigned char *der = armor_unhex(sight.text, sight.len, &len);

    if (der == NULL)
        return false;
    if (der[0] != 0x30 || !readder_pkcs7(pile, der, len))
        pile_note(pile, CERTLIFE_KIND_UNKNOWN, "hex");
    OPENSSL_free(der);
    return true;
}

/* A content token says in plain digits how long it lasts. */
static void
note_token(struct pile *pile, struct sight sight)
{
    static const char key[] = "\"expDate\":\"";
    const char *at = memmem(sight.text, sight.len, key, sizeof key - 1);
    const char *end = sight.text + sight.len;
    char date[11] = "";
    size_t n = 0;

    for (at = at == NULL ? end : at + sizeof key - 1;
         at < end && n < sizeof date - 1 &&
         (isdigit((unsigned char)*at) || *at == '-');
         at++)
        date[n++] = *at;
    pile_note(pile, CERTLIFE_KIND_CONTENT_TOKEN, date);
}

static bool
read_json(struct pile *pile, struct sight sight)
{
    if (!begins(sight, "{") && !begins(sight, "["))
        return false;
    if (has_soon(sight, "\"expDate\"") && has_soon(sight, "\"token\""))
        note_token(pile, sight);
    else
        pile_note(pile, CERTLIFE_KIND_JSON, "");
    return true;
}

/* Base64 without BEGIN and END: a signed request, a content token, or DER.
 * Never nested. */
static bool
read_base64(struct pile *pile, struct sight sight, const char *password)
{
    size_t len = 0;
    unsigned char *bytes = base64_read_loose(sight.text, sight.len, &len);
    struct sight inner = {(const char *)bytes, len};
    bool is_read;

    if (bytes == NULL)
        return false;
    is_read = read_xml(pile, inner) || read_json(pile, inner) ||
              (len > 0 && bytes[0] == 0x30 &&
               readder_any(pile, bytes, len, password));
    OPENSSL_clear_free(bytes, len + 1);
    return is_read;
}

static struct sight
skip_space(struct sight sight)
{
    if (begins(sight, "\xef\xbb\xbf")) { /* UTF-8 byte order mark */
        sight.text += 3;
        sight.len -= 3;
    }
    while (sight.len > 0 && isspace((unsigned char)*sight.text)) {
        sight.text++;
        sight.len--;
    }
    return sight;
}

static bool
read_text(struct pile *pile, struct sight sight, const char *password)
{
    if (sight.len == 0) {
        pile_note(pile, CERTLIFE_KIND_EMPTY, "");
        return true;
    }
    return read_magic(pile, sight) || read_xml(pile, sight) ||
           readpem_blocks(pile, sight.text, sight.len, password) ||
           read_json(pile, sight) || read_hex(pile, sight) ||
           read_base64(pile, sight, password);
}

void
readfile_bytes(struct pile *pile, const unsigned char *bytes, size_t len,
               const char *password)
{
    struct sight sight = {(const char *)bytes, len};
    bool is_der = len > 0 && bytes[0] == 0x30;
    size_t n_before = pile->n;

    /* DER first: its second byte may look like white space. */
    if (is_der && readder_any(pile, bytes, len, password))
        return;
    if (read_text(pile, skip_space(sight), password) && pile->n > n_before)
        return;
    pile_note(pile, is_der ? CERTLIFE_KIND_BROKEN : CERTLIFE_KIND_UNKNOWN, "");
}
