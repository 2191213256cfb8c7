/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "phrase.h"
#include "server/certlife/certlife.h"

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
                     "while (30 days, it\nis said); if it does not, ask Apple "
                     "before you press Create.\n\n");
}

static void
write_steps(FILE *out, const struct certlife_held *held, const char *upload)
{
    const struct apns_cert *cert = held->cert;
    char date[16];
    char before[16];

    fprintf(out, "1. Sign in at https://identity.apple.com/pushcert\n   with ");
    if (held->apple_account != NULL)
        fprintf(out, "the Apple Account %s and no other.\n",
                held->apple_account);
    else
        fprintf(out, "the Apple Account that made this certificate (none is "
                     "recorded here).\n");
    fprintf(out,
            "2. Find the row of this certificate; its details show\n"
            "     topic (UID)    %s\n"
            "     serial number  %s\n"
            "     expires        %s (the portal may show %s)\n",
            cert->topic, cert->serial, phrase_date(cert->not_after_unix, date),
            phrase_date(cert->not_after_unix - DAY_BEFORE, before));
    fprintf(out,
            "3. Press RENEW on that row. Not \"Create a Certificate\": that "
            "makes a new topic,\n   and every device would have to enroll "
            "again. Not \"Revoke\": that cuts off all\n   devices at once. If "
            "the row is not there, it is the wrong Apple Account.\n"
            "4. Upload %s.\n"
            "5. Download the new certificate and import it:\n"
            "     rouse cert import --renew %s FILE\n",
            upload == NULL ? "the signed request" : upload, cert->topic);
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
