/* SPDX-License-Identifier: MIT */
#include "findings.h"

#include <stdarg.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "apns/base/rfc3339.h"
#include "blame.h"
#include "facts.h"
#include "flaw.h"
#include "links.h"
#include "server/certlife/read/phrase.h"
#include "server/certlife/read/pile.h"

static void
add(struct certlife_check *check, enum certlife_severity severity,
    bool goes_along, int object, const char *format, va_list args)
{
    struct certlife_finding *finding;

    if (check->n_findings == CERTLIFE_MAX_FINDINGS)
        return;
    finding = &check->findings[check->n_findings++];
    finding->severity = severity;
    finding->goes_along = goes_along;
    finding->object = object;
    vsnprintf(finding->text, sizeof finding->text, format, args);
}

__attribute__((format(printf, 3, 4))) static void
say(struct certlife_check *check, enum certlife_severity severity,
    const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(check, severity, false, -1, format, args);
    va_end(args);
}

/* About a push certificate: whoever imports it wants to hear of it too. */
__attribute__((format(printf, 3, 4))) static void
warn(struct certlife_check *check, int object, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(check, CERTLIFE_WARNING, true, object, format, args);
    va_end(args);
}

static size_t
count_kind(const struct certlife_check *check, enum certlife_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < check->n_objects; i++)
        n += check->objects[i].kind == kind;
    return n;
}

/* The first object of ${kind} among those in the set; or -1. */
static int
first_in(const struct certlife_check *check, uint64_t set,
         enum certlife_kind kind)
{
    for (size_t i = 0; i < check->n_objects; i++)
        if ((set >> i & 1) != 0 && check->objects[i].kind == kind)
            return (int)i;
    return -1;
}

static const char *
known_name(const struct certlife_known *known, uint64_t set)
{
    return set == 0 ? NULL : known[__builtin_ctzll(set)].name;
}

/* One that names itself as issuer, or one that is here, and lies. */
static bool
is_forged(const struct certlife_check *check, size_t i)
{
    X509 *cert = check->pile->items[i].cert;
    bool is_forged = facts_is_forged(cert, cert);

    for (size_t k = 0; k < check->n_objects; k++) {
        X509 *issuer = check->pile->items[k].cert;

        if (k == i || issuer == NULL)
            continue;
        if (facts_signed_by(cert, issuer))
            return false;
        is_forged = is_forged || facts_is_forged(cert, issuer);
    }
    return is_forged;
}

/* What nothing forbids, and what Apple's certificates are not. */
static void
judge_origin(struct certlife_check *check, const struct certlife_file *files,
             size_t i)
{
    const struct certlife_object *object = &check->objects[i];
    X509 *cert = check->pile->items[i].cert;
    const char *name = blame_name(files, object);

    if (facts_is_self_signed(cert))
        warn(check, (int)i,
             "%.80s: it is self-signed, not signed by Apple; APNs will refuse "
             "it.",
             name);
    else if (is_forged(check, i))
        warn(check, (int)i,
             "%.80s: its signature does not match the issuer that it names; "
             "APNs will refuse it.",
             name);
    if (X509_check_ca(cert) > 0)
        warn(check, (int)i,
             "%.80s: it is marked as a CA certificate, which Apple's push "
             "certificates never are.",
             name);
}

static void
judge_days_left(struct certlife_check *check, const struct certlife_file *files,
                size_t i, int64_t now_unix)
{
    const struct certlife_object *object = &check->objects[i];
    int64_t days = certlife_days_left(object->cert.not_after_unix, now_unix);
    char date[16];

    if (days <= CERTLIFE_EXPIRING_DAYS)
        warn(check, (int)i,
             "%.80s: it expires on %s, in %lld whole day%s. Is it last year's "
             "file? If not, renew it now.",
             blame_name(files, object),
             rfc3339_day(object->cert.not_after_unix, date), (long long)days,
             days == 1 ? "" : "s");
}

/* False: its key is nowhere to be seen. */
static bool
judge_push_key(struct certlife_check *check, const struct certlife_file *files,
               const struct certlife_known *known, size_t i)
{
    const struct certlife_object *object = &check->objects[i];
    int key = first_in(check, object->fits, CERTLIFE_KIND_PRIVATE_KEY);
    const char *other = known_name(known, object->known);

    if (key >= 0 && check->objects[key].file == object->file)
        say(check, CERTLIFE_FINE, "%.80s: certificate and key fit.",
            blame_name(files, object));
    else if (key >= 0)
        say(check, CERTLIFE_FINE,
            "Certificate and key fit: %.80s is the key of %.80s.",
            blame_name(files, &check->objects[key]), blame_name(files, object));
    else if (other != NULL)
        say(check, CERTLIFE_FINE,
            "Certificate and key fit: roused holds the key of %.80s (%.300s).",
            blame_name(files, object), other);
    return key >= 0 || other != NULL;
}

static void
judge_push(struct certlife_check *check, const struct certlife_file *files,
           const struct certlife_known *known, size_t i, int64_t now_unix)
{
    const struct certlife_object *object = &check->objects[i];
    const struct pile_item *item = &check->pile->items[i];
    enum certlife_verdict verdict;
    char text[CERTLIFE_MAX_TEXT];

    if (flaw_find(&object->cert, item->fault, item->fault_detail, now_unix,
                  &verdict, text))
        say(check, CERTLIFE_PROBLEM, "%.80s: %.420s", blame_name(files, object),
            text);
    else
        judge_days_left(check, files, i, now_unix);
    judge_origin(check, files, i);
    if (judge_push_key(check, files, known, i))
        return;
    if (blame_no_key(check, files, i, text) || known != NULL)
        say(check, CERTLIFE_PROBLEM, "%s", text);
    else
        say(check, CERTLIFE_WARNING,
            "%.80s: its private key is not among these files. That is fine if "
            "roused made the request: it has the key, and the import finds it. "
            "Otherwise give the key's file as well.",
            blame_name(files, object));
}

/* Some push certificate has its key here, so that another is not missed. */
static bool
is_some_key_found(const struct certlife_check *check)
{
    for (size_t i = 0; i < check->n_objects; i++)
        if (check->objects[i].kind == CERTLIFE_KIND_PUSH_CERT &&
            first_in(check, check->objects[i].fits,
                     CERTLIFE_KIND_PRIVATE_KEY) >= 0)
            return true;
    return false;
}

static void
judge_key(struct certlife_check *check, const struct certlife_file *files,
          const struct certlife_object *object)
{
    if (object->spki_sha256[0] == '\0')
        return;
    if (first_in(check, object->fits, CERTLIFE_KIND_VENDOR_CERT) >= 0)
        say(check, CERTLIFE_WARNING,
            "The key in %.80s is the vendor's. It signs requests; it is not "
            "the push certificate's key.",
            blame_name(files, object));
    else if (object->fits == 0 && is_some_key_found(check))
        say(check, CERTLIFE_WARNING, "%.80s is the key of another certificate.",
            blame_name(files, object));
    else if (object->fits != 0 &&
             first_in(check, object->fits, CERTLIFE_KIND_PUSH_CERT) < 0)
        say(check, CERTLIFE_FINE,
            "%.80s is the key of the request or certificate in %.80s.",
            blame_name(files, object),
            blame_name(files, &check->objects[__builtin_ctzll(object->fits)]));
}

static void
judge_vendor(struct certlife_check *check, const struct certlife_file *files,
             const struct certlife_object *object, int64_t now_unix)
{
    if (object->cert.not_after_unix <= now_unix)
        say(check, CERTLIFE_WARNING,
            "%.80s: the vendor certificate has expired; Apple refuses what it "
            "signs.",
            blame_name(files, object));
}

static void
judge_upload(struct certlife_check *check, const struct certlife_file *files,
             size_t i, int64_t now_unix)
{
    const struct pile_item *item = &check->pile->items[i];
    const char *name = blame_name(files, &check->objects[i]);
    struct certlife_warnings warnings = {0};

    if (!item->is_signature_valid)
        say(check, CERTLIFE_PROBLEM,
            "%.80s: the vendor's signature does not match the request; Apple "
            "will refuse it (\"Invalid Certificate Signing Request\").",
            name);
    links_warn(item->chain, now_unix, &warnings);
    for (size_t k = 0; k < warnings.n; k++)
        say(check, CERTLIFE_WARNING, "%.80s: %.420s", name, warnings.text[k]);
    if (item->is_signature_valid && warnings.n == 0)
        say(check, CERTLIFE_FINE,
            "%.80s is good to upload: signature and chain are in order.", name);
}

static void
judge_object(struct certlife_check *check, const struct certlife_file *files,
             const struct certlife_known *known, size_t i, int64_t now_unix)
{
    const struct certlife_object *object = &check->objects[i];

    switch (object->kind) {
    case CERTLIFE_KIND_PUSH_CERT:
        /* One that is not taken is no reason to refuse the one that is. */
        if (certlife_check_push_of(check, object->cert.topic) == (int)i)
            judge_push(check, files, known, i, now_unix);
        break;
    case CERTLIFE_KIND_PRIVATE_KEY:
        judge_key(check, files, object);
        break;
    case CERTLIFE_KIND_VENDOR_CERT:
        judge_vendor(check, files, object, now_unix);
        break;
    case CERTLIFE_KIND_UPLOAD:
        judge_upload(check, files, i, now_unix);
        break;
    default:
        break;
    }
}

static void
judge_two_of_a_topic(struct certlife_check *check,
                     const struct certlife_file *files,
                     const struct certlife_object *taken,
                     const struct certlife_object *other)
{
    const char *name = blame_name(files, taken);
    char date[16];

    rfc3339_day(taken->cert.not_after_unix, date);
    if (taken->file == other->file)
        warn(check, -1,
             "%.80s contains several push certificates for one topic: the one "
             "that expires last (%s) is used.",
             name, date);
    else
        warn(check, -1,
             "%.80s and %.80s contain push certificates for one topic: %.80s, "
             "which expires last (%s), is used.",
             name, blame_name(files, other), name, date);
}

static void
judge_two_topics(struct certlife_check *check,
                 const struct certlife_file *files,
                 const struct certlife_object *taken,
                 const struct certlife_object *other)
{
    if (taken->file == other->file)
        say(check, CERTLIFE_PROBLEM,
            "%.80s contains push certificates for two topics, %.110s and "
            "%.110s. Give a file with one of them.",
            blame_name(files, taken), taken->cert.topic, other->cert.topic);
    else
        say(check, CERTLIFE_PROBLEM,
            "%.80s and %.80s contain push certificates for two topics, %.110s "
            "and %.110s. Give one of them.",
            blame_name(files, taken), blame_name(files, other),
            taken->cert.topic, other->cert.topic);
}

/* Of one topic the one that ends last is taken; of two nobody says which. */
static void
judge_several(struct certlife_check *check, const struct certlife_file *files)
{
    int best = certlife_check_push(check);

    for (size_t i = 0; best >= 0 && i < check->n_objects; i++) {
        const struct certlife_object *object = &check->objects[i];
        const struct certlife_object *taken = &check->objects[best];

        if (object->kind != CERTLIFE_KIND_PUSH_CERT ||
            strcmp(object->cert.sha256, taken->cert.sha256) == 0)
            continue;
        if (strcmp(object->cert.topic, taken->cert.topic) == 0)
            judge_two_of_a_topic(check, files, taken, object);
        else
            judge_two_topics(check, files, taken, object);
    }
}

static void
judge_whole(struct certlife_check *check, const struct certlife_file *files)
{
    char text[CERTLIFE_MAX_TEXT];
    bool is_said = false;

    if (count_kind(check, CERTLIFE_KIND_PUSH_CERT) > 0)
        return;
    for (size_t i = 0; i < check->n_objects; i++)
        if (blame_no_push(check, files, i, text)) {
            say(check, CERTLIFE_PROBLEM, "%s", text);
            is_said = true;
        }
    if (!is_said)
        say(check, CERTLIFE_PROBLEM,
            "There is no MDM push certificate among these files.");
}

void
findings_fill(struct certlife_check *check, const struct certlife_file *files,
              const struct certlife_known *known, int64_t now_unix)
{
    judge_whole(check, files);
    judge_several(check, files);
    for (size_t i = 0; i < check->n_objects; i++)
        judge_object(check, files, known, i, now_unix);
}
