/* SPDX-License-Identifier: MIT */
#include "findings.h"

#include <stdarg.h>
#include <string.h>

#include "facts.h"
#include "phrase.h"
#include "pile.h"

__attribute__((format(printf, 3, 4))) static void
say(struct certlife_check *check, enum certlife_severity severity,
    const char *format, ...)
{
    struct certlife_finding *finding;
    va_list args;

    if (check->n_findings == CERTLIFE_MAX_FINDINGS)
        return;
    finding = &check->findings[check->n_findings++];
    finding->severity = severity;
    va_start(args, format);
    vsnprintf(finding->text, sizeof finding->text, format, args);
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
name_of(const struct certlife_file *files, const struct certlife_object *object)
{
    const char *name = files[object->file].name;

    return name == NULL ? "?" : name;
}

static const char *
known_name(const struct certlife_known *known, uint64_t set)
{
    return set == 0 ? NULL : known[__builtin_ctzll(set)].name;
}

static void
judge_push_dates(struct certlife_check *check,
                 const struct certlife_file *files,
                 const struct certlife_object *object, int64_t now_unix)
{
    char date[16];

    if (object->cert.not_after_unix <= now_unix)
        say(check, CERTLIFE_PROBLEM,
            "%.80s: the push certificate expired on %s. Renew it at "
            "identity.apple.com/pushcert and download the new one.",
            name_of(files, object),
            phrase_date(object->cert.not_after_unix, date));
    else if (object->cert.not_before_unix > now_unix)
        say(check, CERTLIFE_PROBLEM,
            "%.80s: the push certificate is not valid before %s. It is new, "
            "so this machine's clock is probably wrong.",
            name_of(files, object),
            phrase_date(object->cert.not_before_unix, date));
    if (!object->cert.has_client_auth)
        say(check, CERTLIFE_PROBLEM,
            "%.80s: the push certificate may not be used for client "
            "authentication; Apple's always may.",
            name_of(files, object));
}

static void
judge_push(struct certlife_check *check, const struct certlife_file *files,
           const struct certlife_known *known,
           const struct certlife_object *object, int64_t now_unix)
{
    int key = first_in(check, object->fits, CERTLIFE_KIND_PRIVATE_KEY);
    const char *other = known_name(known, object->known);

    judge_push_dates(check, files, object, now_unix);
    if (key >= 0)
        say(check, CERTLIFE_FINE,
            "The key in %.80s belongs to the push certificate in %.80s.",
            name_of(files, &check->objects[key]), name_of(files, object));
    else if (other != NULL)
        say(check, CERTLIFE_FINE,
            "The key of %.80s belongs to the push certificate in %.80s.", other,
            name_of(files, object));
    else if (known == NULL)
        say(check, CERTLIFE_WARNING,
            "%.80s: the private key of this push certificate is not among "
            "these files. That is fine when roused made the request: it holds "
            "the key, and the import finds it. Else give the key's file as "
            "well.",
            name_of(files, object));
    else
        say(check, CERTLIFE_PROBLEM,
            "%.80s: the private key of this push certificate is not here. It "
            "was made together with the request that was uploaded to Apple; "
            "without it the certificate is of no use.",
            name_of(files, object));
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
            name_of(files, object));
    else if (object->fits == 0)
        say(check, CERTLIFE_WARNING, "The key in %.80s fits nothing else here.",
            name_of(files, object));
    else if (first_in(check, object->fits, CERTLIFE_KIND_PUSH_CERT) < 0)
        say(check, CERTLIFE_FINE,
            "The key in %.80s belongs to the request or certificate in %.80s.",
            name_of(files, object),
            name_of(files, &check->objects[__builtin_ctzll(object->fits)]));
}

static void
judge_vendor(struct certlife_check *check, const struct certlife_file *files,
             const struct certlife_object *object, int64_t now_unix)
{
    if (object->cert.not_after_unix <= now_unix)
        say(check, CERTLIFE_WARNING,
            "%.80s: the vendor certificate has expired; Apple refuses what it "
            "signs.",
            name_of(files, object));
}

static void
judge_object(struct certlife_check *check, const struct certlife_file *files,
             const struct certlife_known *known, size_t i, int64_t now_unix)
{
    const struct certlife_object *object = &check->objects[i];

    switch (object->kind) {
    case CERTLIFE_KIND_PUSH_CERT:
        judge_push(check, files, known, object, now_unix);
        break;
    case CERTLIFE_KIND_PRIVATE_KEY:
        judge_key(check, files, object);
        break;
    case CERTLIFE_KIND_VENDOR_CERT:
        judge_vendor(check, files, object, now_unix);
        break;
    case CERTLIFE_KIND_UPLOAD:
        if (!check->pile->items[i].is_signature_valid)
            say(check, CERTLIFE_PROBLEM,
                "%.80s: the vendor's signature does not match the request; "
                "Apple will refuse it.",
                name_of(files, object));
        break;
    case CERTLIFE_KIND_LOCKED_KEY:
    case CERTLIFE_KIND_LOCKED_PKCS12:
    case CERTLIFE_KIND_BROKEN:
    case CERTLIFE_KIND_EMPTY:
    case CERTLIFE_KIND_HTML:
    case CERTLIFE_KIND_ZIP:
    case CERTLIFE_KIND_UTF16:
        say(check, CERTLIFE_PROBLEM, "%.80s: %.400s", name_of(files, object),
            object->sentence);
        break;
    default:
        break;
    }
}

static void
judge_topics(struct certlife_check *check)
{
    const char *topic = NULL;

    for (size_t i = 0; i < check->n_objects; i++) {
        const struct certlife_object *object = &check->objects[i];

        if (object->kind != CERTLIFE_KIND_PUSH_CERT)
            continue;
        if (topic == NULL)
            topic = object->cert.topic;
        else if (strcmp(topic, object->cert.topic) != 0) {
            say(check, CERTLIFE_WARNING,
                "These push certificates have different topics (%.128s and "
                "%.128s). Devices of the one cannot be woken with the other.",
                topic, object->cert.topic);
            return;
        }
    }
}

static void
judge_whole(struct certlife_check *check)
{
    if (count_kind(check, CERTLIFE_KIND_PUSH_CERT) > 0)
        return;
    if (count_kind(check, CERTLIFE_KIND_UPLOAD) > 0)
        say(check, CERTLIFE_PROBLEM,
            "There is no certificate from Apple here. Upload the signed "
            "request at identity.apple.com/pushcert (press Renew on the row "
            "of your topic) and download what Apple makes of it.");
    else if (count_kind(check, CERTLIFE_KIND_CSR) > 0)
        say(check, CERTLIFE_PROBLEM,
            "There is no certificate from Apple here. The request must be "
            "signed by a vendor and then uploaded to Apple.");
    else
        say(check, CERTLIFE_PROBLEM,
            "There is no MDM push certificate among these files.");
}

void
findings_fill(struct certlife_check *check, const struct certlife_file *files,
              const struct certlife_known *known, int64_t now_unix)
{
    judge_whole(check);
    judge_topics(check);
    for (size_t i = 0; i < check->n_objects; i++)
        judge_object(check, files, known, i, now_unix);
}
