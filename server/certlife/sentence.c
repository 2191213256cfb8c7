/* SPDX-License-Identifier: MIT */
#include "sentence.h"

#include <string.h>

#include "facts.h"
#include "phrase.h"

/* The kinds that need nothing filled in. */
static const char *const fixed[CERTLIFE_N_KINDS] = {
    [CERTLIFE_KIND_MDMCERT_REPLY] =
        "This is the encrypted reply of mdmcert.download. Decrypt it with the "
        "key of that request; out comes the file that you upload to Apple.",
    [CERTLIFE_KIND_BUNDLE] =
        "This is a PKCS#7 bundle (.p7b); the certificates in it are listed "
        "by themselves. It never holds a private key.",
    [CERTLIFE_KIND_PUBLIC_KEY] =
        "This is a public key only. Neither a certificate nor its private "
        "key; it is not needed.",
    [CERTLIFE_KIND_SERVER_TOKEN] =
        "This is a server token for automated device enrollment (.p7m), from "
        "Apple Business or School Manager. It has nothing to do with pushes.",
    [CERTLIFE_KIND_SSH_KEY] =
        "This is an SSH key. It opens shells on servers and cannot belong to "
        "a push certificate.",
    [CERTLIFE_KIND_HTML] =
        "This is a web page, saved instead of the certificate. Sign in to "
        "identity.apple.com/pushcert again and press Download.",
    [CERTLIFE_KIND_PLIST] =
        "This is a property list, but not a signed request for Apple: it has "
        "no PushCertRequestCSR that can be read.",
    [CERTLIFE_KIND_ZIP] =
        "This is an archive (zip or gzip). Unpack it and give the files that "
        "are in it.",
    [CERTLIFE_KIND_UTF16] =
        "This text was saved as UTF-16. Save it again as plain text or UTF-8, "
        "or take the file as it was downloaded.",
    [CERTLIFE_KIND_EMPTY] = "This file is empty. Download or export it again.",
};

static void
write_dates(const struct apns_cert *cert, int64_t now_unix,
            char text[CERTLIFE_MAX_TEXT])
{
    char date[16];

    text[0] = '\0';
    if (now_unix == INT64_MIN)
        return;
    if (cert->not_after_unix <= now_unix)
        phrase_write(text, " It expired on %s.",
                     phrase_date(cert->not_after_unix, date));
    else if (cert->not_before_unix > now_unix)
        phrase_write(text, " It is not valid before %s; is this clock right?",
                     phrase_date(cert->not_before_unix, date));
    else
        phrase_write(
            text, " It is valid until %s (%lld days left).",
            phrase_date(cert->not_after_unix, date),
            (long long)certlife_days_left(cert->not_after_unix, now_unix));
}

static void
write_cert(const struct pile_item *item, int64_t now_unix, char *sentence)
{
    struct apns_cert cert;
    char dates[CERTLIFE_MAX_TEXT];

    facts_cert(item->cert, &cert);
    write_dates(&cert, now_unix, dates);
    switch (item->kind) {
    case CERTLIFE_KIND_PUSH_CERT:
        phrase_write(sentence,
                     "This is an MDM push certificate, the one that Apple "
                     "gives you, for the topic %.128s.%.128s",
                     cert.topic, dates);
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
                     "This is the certificate of a certificate authority, "
                     "%.200s; it belongs into a vendor's chain, never into "
                     "an import.%.128s",
                     cert.subject, dates);
        break;
    case CERTLIFE_KIND_APP_CERT:
        phrase_write(sentence,
                     "This is the push certificate of an app or another "
                     "service (%.128s), not of an MDM server: its UID does "
                     "not begin with com.apple.mgmt.%.128s",
                     cert.topic, dates);
        break;
    default:
        phrase_write(sentence,
                     "This is some other certificate (%.200s). An MDM push "
                     "certificate has a UID that begins with "
                     "com.apple.mgmt.%.128s",
                     cert.subject, dates);
        break;
    }
}

static void
write_request(const struct pile_item *item, char *sentence)
{
    struct apns_cert csr;

    facts_csr(item->csr, &csr);
    if (item->kind == CERTLIFE_KIND_CSR)
        phrase_write(sentence,
                     "This is a certificate request (CSR, %.160s). The "
                     "vendor signs it and the signed file goes to Apple; "
                     "it is not the certificate that Apple gives you.",
                     csr.subject);
    else
        phrase_write(sentence,
                     "This is the request that you upload to Apple (%.160s)"
                     ", not the certificate that Apple gives you.%s",
                     csr.subject,
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
                     "This is a private key (%s). If it is an AuthKey .p8 "
                     "file for an app's pushes: that cannot be used for "
                     "MDM.",
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

    if (strcmp(item->note, "rounds") == 0)
        phrase_write(sentence,
                     "This is %s that asks for more key derivation work than "
                     "is allowed (%d rounds); it was not opened.",
                     what, CERTLIFE_MAX_ITERATIONS);
    else if (strcmp(item->note, "wrong") == 0)
        phrase_write(sentence,
                     "This is %s, and the password does not open it (or "
                     "it is damaged).",
                     what);
    else
        phrase_write(sentence, "This is %s. Its password is needed.", what);
}

static void
write_odd(const struct pile_item *item, char *sentence)
{
    if (item->kind == CERTLIFE_KIND_BROKEN)
        phrase_write(sentence,
                     "This is damaged or cut off%s%.90s%s and cannot be "
                     "read. Download or copy it again, as a whole.",
                     item->note[0] == '\0' ? "" : " (", item->note,
                     item->note[0] == '\0' ? "" : ")");
    else
        phrase_write(sentence,
                     "This is nothing that has to do with certificates, as "
                     "far as can be told.");
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
    else if (fixed[item->kind] != NULL)
        phrase_write(sentence, "%s", fixed[item->kind]);
    else
        write_odd(item, sentence);
}
