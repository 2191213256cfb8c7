/* SPDX-License-Identifier: MIT */
#include "links.h"

#include "apns/base/rfc3339.h"
#include "apns/cert/cert_describe.h"
#include "facts.h"
#include "server/certlife/read/phrase.h"

static X509 *
find_issuer(X509 *cert, const STACK_OF(X509) * loose)
{
    for (int i = 0; i < sk_X509_num(loose); i++)
        if (facts_signed_by(cert, sk_X509_value(loose, i)))
            return sk_X509_value(loose, i);
    return NULL;
}

static bool
push(STACK_OF(X509) * chain, X509 *cert)
{
    if (X509_up_ref(cert) != 1)
        return false;
    if (sk_X509_push(chain, cert) > 0)
        return true;
    X509_free(cert);
    return false;
}

STACK_OF(X509) * links_sort(X509 *leaf, const STACK_OF(X509) * loose)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    X509 *at = leaf;

    while (chain != NULL && at != NULL) {
        if (!push(chain, at)) {
            sk_X509_pop_free(chain, X509_free);
            return NULL;
        }
        /* The maximum also ends two that signed each other. */
        if (sk_X509_num(chain) == LINKS_MAX || facts_is_self_signed(at))
            break;
        at = find_issuer(at, loose);
    }
    return chain;
}

bool
links_are_complete(const STACK_OF(X509) * chain, char *why, size_t size)
{
    char issuer[256];
    int n = sk_X509_num(chain);

    why[0] = '\0';
    for (int i = 0; i < n; i++) {
        X509 *cert = sk_X509_value(chain, i);
        X509 *next = i + 1 < n ? sk_X509_value(chain, i + 1) : cert;

        if (facts_signed_by(cert, next))
            continue;
        cert_describe_name(X509_get_issuer_name(cert), issuer, sizeof issuer);
        snprintf(why, size, "%s", issuer);
        return false;
    }
    return n > 0;
}

static void
warn_dates(X509 *cert, int64_t now_unix, const char *what,
           struct certlife_warnings *warnings)
{
    struct apns_cert facts;
    char detail[CERT_DESCRIBE_MAX_DETAIL];
    char date[16];

    (void)cert_describe_x509(cert, &facts,
                             detail); /* it is no push certificate */
    if (facts.not_after_unix <= now_unix)
        phrase_warn(warnings,
                    "The %s expired on %s (%.200s); Apple will answer that "
                    "the signing certificate is expired.",
                    what, rfc3339_day(facts.not_after_unix, date),
                    facts.subject);
    else if (facts.not_before_unix > now_unix)
        phrase_warn(warnings,
                    "The %s is not valid before %s (%.200s); check this "
                    "machine's clock.",
                    what, rfc3339_day(facts.not_before_unix, date),
                    facts.subject);
}

void
links_warn(const STACK_OF(X509) * chain, int64_t now_unix,
           struct certlife_warnings *warnings)
{
    char why[256];

    if (sk_X509_num(chain) <= 0)
        return;
    for (int i = 0; i < sk_X509_num(chain); i++)
        warn_dates(sk_X509_value(chain, i), now_unix,
                   i == 0 ? "vendor certificate" : "chain certificate",
                   warnings);
    if (!facts_is_vendor(sk_X509_value(chain, 0)))
        phrase_warn(warnings,
                    "The signing certificate has no MDM vendor mark "
                    "(1.2.840.113635.100.4.12), so it is probably not an "
                    "MDM vendor certificate and Apple will refuse it.");
    if (!links_are_complete(chain, why, sizeof why))
        phrase_warn(warnings,
                    "The chain is incomplete: the certificate of the "
                    "issuer \"%s\" is missing. Sign again with it "
                    "(--chain FILE, or rouse cert vendor put) before you "
                    "upload.",
                    why);
}
