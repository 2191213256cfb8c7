/* SPDX-License-Identifier: MIT */

/*
 * How a test push ended, in words: every TLS alert, every reason of APNs,
 * every trouble on the way there.
 */

#include <stdio.h>
#include <string.h>

#include "apns/http2/reply.h"
#include "server/engine/cert/life/life_explain.h"
#include "tests/support/unit.h"

#define COUNT(array)   (sizeof(array) / sizeof(array)[0])
#define N_ALERTS       256
#define NO_ANSWER_TEXT "ended before an answer came"

static struct life_explanation
explain(uint16_t status, const char *reason)
{
    struct life_explanation words = {.explanation = NULL};

    life_explain_end(status, reason, &words);
    assert_non_null(words.explanation);
    assert_true(strlen(words.explanation) > 20);
    /* What did not work comes with what to do about it. */
    if (!words.is_ok && strlen(words.what_to_do) < 20)
        fail_msg("%u %s: what is to be done?", status, reason);
    assert_false(words.is_ok && words.is_refusal);
    return words;
}

static void
expect(const char *reason, const char *explanation, const char *what_to_do)
{
    struct life_explanation words = explain(0, reason);

    if (strstr(words.explanation, explanation) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", reason, words.explanation,
                 explanation);
    if (strstr(words.what_to_do, what_to_do) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", reason, words.what_to_do,
                 what_to_do);
}

/* Where the client stops an identity, the test speaks of the certificate;
   nowhere else, or an import would be taken back for a bad line. */
TEST(each_alert_that_stops_an_identity_is_a_refusal)
{
    size_t n_refusals = 0;

    for (int alert = 0; alert < N_ALERTS; alert++) {
        const char *name = reply_alert_name(alert);
        bool stops =
            reply_classify_tls_alert(alert, true) == APNS_CLASS_IDENTITY;
        struct life_explanation words = explain(0, name);

        if (words.is_refusal != stops)
            fail_msg("%s: refusal %d, stops %d", name, words.is_refusal, stops);
        assert_false(words.is_ok);
        if (stops)
            assert_null(strstr(words.explanation, NO_ANSWER_TEXT));
        n_refusals += stops;
    }
    assert_int_equal(n_refusals, 9);
}

TEST(alerts_name_their_cause)
{
    expect("certificate_expired", "it has expired", "Renew");
    expect("certificate_expired", "it has expired", "clock");
    expect("certificate_revoked", "it was revoked", "pressed Revoke");
    expect("certificate_unknown", "without saying why", "still listed");
    expect("unknown_ca", "not issued by Apple", "made elsewhere");
    expect("bad_certificate", "damaged", "Download it again");
    expect("unsupported_certificate", "of this kind", "MDM push certificate");
    expect("access_denied", "denies", "ask Apple");
    expect("decrypt_error", "key do not belong together", "its own request");
    expect("certificate_required", "no certificate", "TLS inspection");
    expect("internal_error", "internal error", "expired");
    expect("handshake_failure", "no TLS version or cipher", "OpenSSL");
    expect("protocol_version", "no TLS version or cipher", "TLS 1.2 and 1.3");
    expect("insufficient_security", "no TLS version or cipher", "inspection");
    expect("no_application_protocol", "not speak HTTP/2", "inspection");
    expect("unrecognized_name", "under this name", "apns.host");
    expect("bad_record_mac", NO_ANSWER_TEXT, "interferes");
}

/* What proves the certificate, and what stops an identity, is as the client
   has it. */
TEST(each_reason_of_apns_ends_as_the_client_takes_it)
{
    static const struct {
        uint16_t status;
        const char *reason;
        enum apns_class class_;
    } reasons[] = {
#define X(status, reason, class_) {status, #reason, APNS_CLASS_##class_},
        REPLY_REASONS(X)
#undef X
    };

    for (size_t i = 0; i < COUNT(reasons); i++) {
        struct life_explanation words =
            explain(reasons[i].status, reasons[i].reason);
        bool is_device = reasons[i].class_ == APNS_CLASS_DEAD_TOKEN ||
                         reasons[i].class_ == APNS_CLASS_SUSPECT;

        if (words.is_ok != is_device)
            fail_msg("%s: ok is %d", reasons[i].reason, words.is_ok);
        if (words.is_refusal != (reasons[i].class_ == APNS_CLASS_IDENTITY))
            fail_msg("%s: refusal is %d", reasons[i].reason, words.is_refusal);
        assert_null(strstr(words.explanation, NO_ANSWER_TEXT));
    }
}

TEST(reasons_name_their_cause)
{
    expect("BadCertificateEnvironment", "other environment", "apns.host");
    expect("BadEnvironmentKeyInToken", "other environment", "apns.host");
    expect("BadCertificate", "rejects the certificate as bad", "Download");
    expect("TopicDisallowed", "to its topic", "lists for this topic");
    expect("BadTopic", "does not know the topic", "identity.apple.com");
    expect("Forbidden", "forbids", "still listed");
    expect("MissingProviderToken", "no certificate", "inspection");
}

TEST(the_way_to_apns_is_told_apart_from_the_certificate)
{
    static const struct {
        const char *reason; /* as the client says it */
        const char *explanation;
        const char *what_to_do;
    } ways[] = {
        {"resolve: timeout", "cannot be resolved", "DNS"},
        {"resolve: Domain name not found", "cannot be resolved", "DNS"},
        {"connect refused", "refuses connections to the port", "2197"},
        {"connect timeout", "firewall", "17.0.0.0/8"},
        {"connect unreachable", "no route", "proxy"},
        {"connect failed", "no route", "443"},
        {"proxy: authentication required", "password", "apns.proxy"},
        {"proxy: refused with status 403", "proxy", "CONNECT"},
        {"proxy: resolve: timeout", "proxy's name", "apns.proxy"},
        {"proxy: connect refused", "proxy cannot be reached", "apns.proxy"},
        {"proxy: connect timeout", "proxy cannot be reached", "apns.proxy"},
        {"proxy: connection lost", "proxy", "CONNECT"},
        {"proxy: timeout", "proxy", "CONNECT"},
        {"proxy: not an HTTP answer", "proxy", "CONNECT"},
        {"server certificate: certificate is not yet valid", "clock is slow",
         "NTP"},
        {"server certificate: certificate has expired", "clock is fast", "NTP"},
        {"server certificate: self-signed certificate in certificate chain",
         "not APNs", "ca-certificates"},
        {"certificate_not_yet_valid", "not valid yet", "NTP"},
        {"no HTTP/2 in ALPN", "not speak HTTP/2", "inspection"},
        {"TLS: wrong version number", "handshake", "inspection"},
        {"TLS: handshake timeout", "handshake", "inspection"},
        {"TLS: out of memory", "out of memory", "limit"},
        {"out of memory", "out of memory", "limit"},
        {"no SETTINGS in time", "said nothing", "system status"},
        {"deadline", "did not answer in time", "system status"},
        {"connection closed", "lost", "firewall"},
        {"connection reset", "lost", "firewall"},
        {"ping timeout", NO_ANSWER_TEXT, "443"},
        {"HTTP/2 error", NO_ANSWER_TEXT, "443"},
        {"goaway", NO_ANSWER_TEXT, "443"},
        {"Shutdown", NO_ANSWER_TEXT, "443"},
        {"", NO_ANSWER_TEXT, "443"},
    };

    for (size_t i = 0; i < COUNT(ways); i++) {
        expect(ways[i].reason, ways[i].explanation, ways[i].what_to_do);
        assert_false(explain(0, ways[i].reason).is_refusal);
    }
}

/* Refused before anything was dialled. */
TEST(one_that_expired_here_is_to_be_renewed)
{
    struct life_explanation words = explain(0, "certificate expired");

    assert_true(words.is_refusal);
    expect("certificate expired", "has expired", "Renew");
}

TEST(a_status_says_enough_without_a_reason)
{
    assert_true(explain(200, "").is_ok);
    assert_true(explain(403, "").is_refusal);
    assert_false(explain(403, "SomethingNew").is_ok);
    assert_true(explain(403, "SomethingNew").is_refusal);
    assert_false(explain(429, "").is_refusal);
    assert_non_null(strstr(explain(503, "").what_to_do, "a few minutes"));
    assert_false(explain(503, "").is_refusal);
    assert_false(explain(400, "SomethingNew").is_refusal);
    assert_false(explain(400, "SomethingNew").is_ok);
    assert_non_null(strstr(explain(400, "").what_to_do, "reason"));
}
