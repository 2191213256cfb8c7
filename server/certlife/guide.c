/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "apns/base/rfc3339.h"
#include "server/certlife/certlife.h"
#include "server/certlife/read/phrase.h"

/* Apple's portal shows dates in its own time zone. */
#define DAY_BEFORE 86400

static void
write_state(FILE *out, const struct apns_cert *cert, int64_t now_unix)
{
    long long days =
        (long long)certlife_days_left(cert->not_after_unix, now_unix);

    if (cert->not_after_unix > now_unix)
        fprintf(out, "%lld whole days are left.\n\n", days);
    else
        fprintf(out, "It has EXPIRED. The portal may still offer Renew for a "
                     "while (reportedly\n30 days); if not, ask Apple before "
                     "you press Create.\n\n");
}

static void
write_account(FILE *out, const struct certlife_held *held)
{
    fprintf(out, "1. Sign out of every other Apple Account, then sign in at\n"
                 "   https://identity.apple.com/pushcert\n");
    if (held->apple_account != NULL)
        fprintf(out, "   with the Apple Account %s and no other.\n",
                held->apple_account);
    else
        fprintf(out, "   with the Apple Account that created this certificate "
                     "(none is recorded here).\n");
    fprintf(out, "   Apple sends a code to that account's phone or devices: "
                 "who has them?\n   The portal is in English; do not let the "
                 "browser translate it.\n");
}

static void
write_row(FILE *out, const struct apns_cert *cert)
{
    char date[16];
    char before[16];

    fprintf(out,
            "2. Find the row of this certificate; its details show\n"
            "     topic (UID)    %s\n"
            "     serial number  %s\n"
            "     expires        %s (the portal may show %s)\n"
            "   If the row is not there, it is the wrong Apple Account. If no "
            "account shows\n   it, ask Apple's developer support before "
            "anything else, and name that topic\n   and serial number.\n",
            cert->topic, cert->serial, rfc3339_day(cert->not_after_unix, date),
            rfc3339_day(cert->not_after_unix - DAY_BEFORE, before));
}

static void
write_steps(FILE *out, const struct certlife_held *held, const char *upload)
{
    write_account(out, held);
    write_row(out, held->cert);
    fprintf(
        out,
        "3. Press RENEW on that row. Not \"Create a Certificate\": that makes "
        "a new topic,\n   and every device would have to enroll again. Not "
        "\"Revoke\": that cuts off all\n   devices at once.\n4. Upload %s.\n   "
        "If the portal answers \"Invalid Certificate Signing Request\": see "
        "what\n   \"rouse cert check\" says about the file, then try another "
        "browser.\n5. Download the new certificate and import it:\n     rouse "
        "cert import --renew %s FILE\n",
        upload == NULL ? "the signed request" : upload, held->cert->topic);
}

char *
certlife_guide_text(const struct certlife_held *held, const char *upload,
                    int64_t now_unix)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL)
        return NULL;
    fprintf(out, "To renew the push certificate of %llu enrollments:\n",
            (unsigned long long)held->n_enrollments);
    write_state(out, held->cert, now_unix);
    write_steps(out, held, upload);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
