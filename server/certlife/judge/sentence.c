/* SPDX-License-Identifier: MIT */
#include "sentence.h"

#include <string.h>

#include "apns/base/rfc3339.h"
#include "facts.h"
#include "server/certlife/read/phrase.h"

/* The kinds that need nothing filled in. */
static const char *const fixed[CERTLIFE_N_KINDS] = {
    [CERTLIFE_KIND_MDMCERT_REPLY] =
        "This is the encrypted reply of mdmcert.download. Decrypt it with the "
        "key of that request to get the file that you upload to Apple.",
    [CERTLIFE_KIND_BUNDLE] =
        "This is a PKCS#7 bundle (.p7b); its certificates are listed "
        "separately. It never contains a private key.",
    [CERTLIFE_KIND_PUBLIC_KEY] =
        "This is only a public key, neither a certificate nor a private key; "
        "it is not needed.",
    [CERTLIFE_KIND_SERVER_TOKEN] =
        "This is a server token for automated device enrollment (.p7m), from "
        "Apple Business or School Manager. It is unrelated to pushes, and has "
        "its own expiry after a year.",
    [CERTLIFE_KIND_SSH_KEY] =
        "This is an SSH key. It is for logging in to servers and cannot belong "
        "to a push certificate.",
    [CERTLIFE_KIND_HTML] =
        "This is a web page, saved instead of the certificate. Sign in to "
        "identity.apple.com/pushcert again and press Download.",
    [CERTLIFE_KIND_PLIST] = "This is a property list, but not a signed request "
                            "for Apple: it has no readable PushCertRequestCSR.",
    [CERTLIFE_KIND_PROFILE] =
        "This is a configuration profile (.mobileconfig) for a device. It is "
        "unrelated to the push certificate.",
    [CERTLIFE_KIND_JSON] = "This is JSON, such as a webhook's message or an "
                           "API's answer; it contains no certificate.",
    [CERTLIFE_KIND_ZIP] = "This is an archive (zip or gzip). Unpack it and "
                          "give the files inside.",
    [CERTLIFE_KIND_UTF16] =
        "This text was saved as UTF-16. Save it again as plain text or UTF-8, "
        "or use the file as it was downloaded.",
    [CERTLIFE_KIND_EMPTY] = "This file is empty. Download or export it again.",
};

static void
write_dates(const struct apns_cert *cert, int64_t now_unix,
            char text[CERTLIFE_MAX_TEXT])
{
    char date[32];
    char now[32];

    text[0] = '\0';
    if (now_unix == INT64_MIN)
        return;
    if (cert->not_after_unix < cert->not_before_unix)
        phrase_write(text, " Its validity ends before it begins.");
    else if (cert->not_after_unix <= now_unix)
        phrase_write(text, " It expired on %s.",
                     rfc3339_day(cert->not_after_unix, date));
    else if (cert->not_before_unix > now_unix)
        phrase_write(
            text, " It is not valid before %s; this machine's clock says %s.",
            phrase_moment(cert->not_before_unix, date),
            phrase_moment(now_unix, now));
    else
        phrase_write(
            text, " It is valid until %s (%lld days left).",
            rfc3339_day(cert->not_after_unix, date),
            (long long)certlife_days_left(cert->not_after_unix, now_unix));
}

/* Only the issuer's certificate could prove that Apple issued it; it is not
 * here. */
static void
write_push(const struct pile_item *item, const char *dates, char *sentence)
{
    char subject[201];

    if (item->fault != APNS_OK)
        phrase_write(sentence,
                     "This looks like an MDM push certificate (%s), but cannot "
                     "be used.%.128s",
                     phrase_cut(item->facts.subject, 200, subject), dates);
    else
        phrase_write(sentence,
                     "This is an MDM push certificate%s for the topic %.255s."
                     "%.128s",
                     facts_is_self_signed(item->cert) ? ", self-signed," : "",
                     item->facts.topic, dates);
}

static void
write_cert(const struct pile_item *item, int64_t now_unix, char *sentence)
{
    const struct apns_cert *cert = &item->facts;
    char subject[201];
    char dates[CERTLIFE_MAX_TEXT];

    write_dates(cert, now_unix, dates);
    phrase_cut(cert->subject, 200, subject);
    switch (item->kind) {
    case CERTLIFE_KIND_PUSH_CERT:
        write_push(item, dates, sentence);
        break;
    case CERTLIFE_KIND_VENDOR_CERT:
        phrase_write(sentence,
                     "This is an MDM vendor certificate from Apple's "
                     "developer portal. It signs requests and cannot send "
                     "pushes.%.128s",
                     dates);
        break;
    case CERTLIFE_KIND_ROOT:
    case CERTLIFE_KIND_INTERMEDIATE:
        phrase_write(sentence,
                     "This is a CA certificate, %s; it belongs in %s, never in "
                     "an import.%.128s",
                     subject,
                     strstr(subject, "iPhone") != NULL ? "devices"
                                                       : "a vendor's chain",
                     dates);
        break;
    case CERTLIFE_KIND_APP_CERT:
        phrase_write(sentence,
                     "This is the push certificate of an app or another "
                     "service (%.128s), not of an MDM server: its UID does "
                     "not begin with com.apple.mgmt.%.128s",
                     cert->topic, dates);
        break;
    default:
        phrase_write(sentence,
                     "This is some other certificate (%s)%s. An MDM push "
                     "certificate has a UID that begins with "
                     "com.apple.mgmt.%.128s",
                     subject,
                     facts_is_device(item->cert)
                         ? ", perhaps the identity of a device"
                         : "",
                     dates);
        break;
    }
}

static void
write_request(const struct pile_item *item, char *sentence)
{
    char subject[161];

    phrase_cut(item->facts.subject, 160, subject);
    if (item->kind == CERTLIFE_KIND_CSR)
        phrase_write(sentence,
                     "This is a certificate request (CSR, %s). The "
                     "vendor signs it and the signed file goes to Apple; "
                     "it is not the certificate that Apple gives you.",
                     subject);
    else
        phrase_write(sentence,
                     "This is the request that you upload to Apple (%s), not "
                     "the certificate that Apple gives you.%s",
                     subject,
                     item->is_signature_valid
                         ? ""
                         : " The vendor's signature on it is not valid, so "
                           "Apple will refuse it.");
}

static void
write_key(const struct pile_item *item, char *sentence)
{
    char type[32];

    facts_key_type(item->key, type);
    if (item->key == NULL)
        phrase_write(sentence,
                     "This is a private key of a type that Apple does not "
                     "use for push certificates (%.90s).",
                     item->note);
    else if (EVP_PKEY_get_base_id(item->key) == EVP_PKEY_EC)
        phrase_write(sentence,
                     "This is a private key (%s). Keys for app pushes (AuthKey "
                     ".p8) and for the API of Apple Business or School Manager "
                     "look like this; they cannot be used for MDM pushes.",
                     type);
    else
        phrase_write(sentence,
                     "This is a private key (%s). Keep it secret; it never "
                     "goes to Apple.",
                     type);
}

static void
write_locked(const struct pile_item *item, char *sentence)
{
    const char *what = item->kind == CERTLIFE_KIND_LOCKED_KEY
                           ? "an encrypted private key"
                           : "a PKCS#12 file (.p12, .pfx)";

    if (item->trouble == PILE_TOO_MANY_ROUNDS)
        phrase_write(sentence,
                     "This is %s that needs more key derivation rounds than "
                     "are allowed (%d); it was not opened.",
                     what, CERTLIFE_MAX_ITERATIONS);
    else if (item->trouble == PILE_WRONG_PASSWORD)
        phrase_write(sentence,
                     "This is %s, and the password does not open it (or "
                     "it is damaged).",
                     what);
    else
        phrase_write(sentence,
                     "This is %s: rouse asks for its password on a terminal; "
                     "elsewhere give --password-file FILE.",
                     what);
}

/* The kinds whose note is a word of theirs. */
static void
write_noted(const struct pile_item *item, char *sentence)
{
    if (item->kind == CERTLIFE_KIND_CHECKIN)
        phrase_write(sentence,
                     "This is a message from a device to its MDM "
                     "server%s%.60s; it contains no push certificate.",
                     item->note[0] == '\0' ? "" : ", ", item->note);
    else
        phrase_write(sentence,
                     "This is a content token (apps and books) of Apple "
                     "Business or School Manager%s%.60s. It is unrelated to "
                     "pushes, and has its own expiry after a year.",
                     item->note[0] == '\0' ? "" : ", valid until ", item->note);
}

static void
write_odd(const struct pile_item *item, char *sentence)
{
    if (item->kind == CERTLIFE_KIND_BROKEN)
        phrase_write(sentence,
                     "This is damaged or truncated%s%.90s%s and cannot be "
                     "read. Download or copy the whole file again.",
                     item->note[0] == '\0' ? "" : " (", item->note,
                     item->note[0] == '\0' ? "" : ")");
    else
        phrase_write(
            sentence,
            "This does not appear to have anything to do with certificates.");
}

void
sentence_write(const struct pile_item *item, int64_t now_unix,
               char sentence[CERTLIFE_MAX_TEXT])
{
    if (item->cert != NULL)
        write_cert(item, now_unix, sentence);
    else if (item->csr != NULL)
        write_request(item, sentence);
    else if (item->kind == CERTLIFE_KIND_PRIVATE_KEY)
        write_key(item, sentence);
    else if (item->kind == CERTLIFE_KIND_LOCKED_KEY ||
             item->kind == CERTLIFE_KIND_LOCKED_PKCS12)
        write_locked(item, sentence);
    else if (item->kind == CERTLIFE_KIND_CHECKIN ||
             item->kind == CERTLIFE_KIND_CONTENT_TOKEN)
        write_noted(item, sentence);
    else if (fixed[item->kind] != NULL)
        phrase_write(sentence, "%s", fixed[item->kind]);
    else
        write_odd(item, sentence);
}
