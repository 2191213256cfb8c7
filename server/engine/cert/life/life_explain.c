/* SPDX-License-Identifier: MIT */
#include "life_explain.h"

#include <stddef.h>
#include <string.h>

#define NEW_CERT                                                          \
    "Renew the certificate at identity.apple.com/pushcert with the same " \
    "Apple Account and import the new one."
#define ASK_NETWORK                                                      \
    "Let this machine reach api.push.apple.com on TCP port 443 or 2197 " \
    "(Apple's network 17.0.0.0/8), directly or through the configured "  \
    "proxy."
#define SET_CLOCK "Set this machine's clock by NTP, then test again."
#define NO_INSPECTION                                                   \
    "Something between here and APNs opens the TLS connection; exempt " \
    "api.push.apple.com from TLS inspection."
#define NO_COMMON                                                          \
    {                                                                      \
        false, false,                                                      \
            "What answers and this machine agree on no version or cipher " \
            "of TLS.",                                                     \
            NO_INSPECTION " Else look whether this system's OpenSSL is "   \
                          "kept from TLS 1.2 and 1.3."                     \
    }
#define OTHER_ENVIRONMENT                                                     \
    {                                                                         \
        false, true,                                                          \
            "The certificate is for the other environment of "                \
            "APNs.",                                                          \
            "MDM certificates are for production: take out apns.host from "   \
            "the configuration, or import a certificate of this environment." \
    }
#define NO_MEMORY                                                       \
    {                                                                   \
        false, false, "This machine is out of memory.",                 \
            "Free some, or raise the limit of the service; test again." \
    }

/* A reason begins so. The first that fits counts. */
static const struct {
    const char *begin;
    struct life_explanation end;
} ends[] = {
    {"BadDeviceToken",
     {true, false,
      "APNs took the certificate and looked for the made-up device: "
      "certificate, topic and network are in order.",
      ""}},
    {"Unregistered",
     {true, false,
      "APNs took the certificate and knows no such device, as it should: "
      "certificate, topic and network are in order.",
      ""}},
    {"ExpiredToken",
     {true, false,
      "APNs took the certificate and knows no such device any more, as it "
      "should: certificate, topic and network are in order.",
      ""}},
    {"certificate_expired",
     {false, true, "APNs refuses the certificate: it has expired.",
      NEW_CERT " If its dates look right, check this machine's clock."}},
    {"certificate expired",
     {false, true, "The certificate has expired.",
      NEW_CERT " If its dates look right, check this machine's clock."}},
    {"certificate_not_yet_valid",
     {false, false, "The certificate is not valid yet.", SET_CLOCK}},
    {"certificate_revoked",
     {false, true, "APNs refuses the certificate: it was revoked.",
      "Somebody pressed Revoke at identity.apple.com/pushcert. " NEW_CERT}},
    {"certificate_unknown",
     {false, true, "APNs refuses the certificate without saying why.",
      "Look at identity.apple.com/pushcert whether it is still listed there "
      "and valid; if not, renew it."}},
    {"unknown_ca",
     {false, true, "APNs refuses the certificate: it was not issued by Apple.",
      "Import the certificate that identity.apple.com/pushcert gives, not one "
      "that was made elsewhere."}},
    /* About a proof of the server's own certificate, not about ours. */
    {"bad_certificate_status_response",
     {false, false, "The TLS handshake with APNs failed.", NO_INSPECTION}},
    {"bad_certificate",
     {false, true, "APNs refuses the certificate as damaged or not fit.",
      "Download it again from identity.apple.com/pushcert and import it."}},
    {"unsupported_certificate",
     {false, true, "APNs does not take certificates of this kind.",
      "Import an MDM push certificate of identity.apple.com/pushcert."}},
    {"access_denied",
     {false, true, "APNs denies this certificate access.",
      "Look at identity.apple.com/pushcert whether it is still listed there; "
      "if it is, ask Apple."}},
    {"decrypt_error",
     {false, true,
      "APNs says that certificate and key do not fit together; or the "
      "certificate was damaged on the way.",
      "Download the certificate again from identity.apple.com/pushcert, and "
      "import it together with the key of its own request."}},
    {"certificate_required",
     {false, true, "APNs got no certificate.", NO_INSPECTION}},
    /* So APNs calls a connection that showed none. */
    {"MissingProviderToken",
     {false, true, "APNs got no certificate.", NO_INSPECTION}},
    {"handshake_failure", NO_COMMON},
    {"protocol_version", NO_COMMON},
    {"insufficient_security", NO_COMMON},
    {"no_application_protocol",
     {false, false, "What answers does not speak HTTP/2: it is not APNs.",
      NO_INSPECTION}},
    {"unrecognized_name",
     {false, false, "What answers serves no APNs under this name.",
      "Take out apns.host from the configuration, or correct it."}},
    {"BadCertificateEnvironment", OTHER_ENVIRONMENT},
    {"BadEnvironment", OTHER_ENVIRONMENT},
    {"BadCertificate",
     {false, true, "APNs calls the certificate bad.",
      "Download it again from identity.apple.com/pushcert and import it."}},
    {"TopicDisallowed",
     {false, true, "APNs does not allow this certificate to push to its topic.",
      "Import the certificate that identity.apple.com/pushcert lists for this "
      "topic."}},
    {"BadTopic",
     {false, true, "APNs knows no such topic.",
      "Import a certificate that identity.apple.com/pushcert issued."}},
    {"Forbidden",
     {false, true, "APNs forbids pushes with this certificate.",
      "Look at identity.apple.com/pushcert whether it is still listed."}},
    {"DeviceTokenNotForTopic",
     {true, false,
      "APNs took the certificate; the device belongs to another topic.", ""}},
    {"resolve:",
     {false, false, "The name of APNs cannot be resolved.",
      "Check this machine's DNS (/etc/resolv.conf) and whether it may ask for "
      "api.push.apple.com."}},
    {"connect refused",
     {false, false, "Something answers at APNs' address, but not at its port.",
      ASK_NETWORK}},
    {"connect timeout",
     {false, false, "Nothing answers: a firewall drops the connection.",
      ASK_NETWORK}},
    {"connect ",
     {false, false, "There is no way from this machine to APNs.", ASK_NETWORK}},
    {"proxy: authentication",
     {false, false, "The proxy asks for a user name and password.",
      "Give them in apns.proxy: http://user:password@host:port."}},
    {"proxy: resolve:",
     {false, false, "The proxy's name cannot be resolved.",
      "Correct apns.proxy, or this machine's DNS (/etc/resolv.conf)."}},
    {"proxy: connect ",
     {false, false, "The proxy cannot be reached.",
      "Correct apns.proxy, or let this machine connect to it."}},
    {"proxy:",
     {false, false, "The proxy does not let the connection through.",
      "Let the proxy pass CONNECT to api.push.apple.com, ports 443 and "
      "2197."}},
    {"server certificate: certificate is not yet valid",
     {false, false,
      "By this machine's clock APNs' certificate is not valid "
      "yet: the clock is slow.",
      SET_CLOCK}},
    {"server certificate: certificate has expired",
     {false, false,
      "By this machine's clock APNs' certificate has expired: "
      "the clock is fast, or something answers in APNs' place.",
      SET_CLOCK}},
    {"server certificate:",
     {false, false,
      "What answers is not APNs, or this machine does not trust "
      "APNs' certificate.",
      "Exempt api.push.apple.com from TLS inspection; check the system's CA "
      "certificates (package ca-certificates) and apns.ca_file."}},
    {"no HTTP/2 in ALPN",
     {false, false, "What answers does not speak HTTP/2: it is not APNs.",
      NO_INSPECTION}},
    {"out of memory", NO_MEMORY},
    {"TLS: out of memory", NO_MEMORY},
    {"TLS:",
     {false, false, "The TLS handshake with APNs failed.",
      "Something between here and APNs disturbs TLS; exempt "
      "api.push.apple.com from inspection."}},
    {"no SETTINGS in time",
     {false, false, "APNs accepted the connection but said nothing.",
      "Try again in a few minutes; look at Apple's system status page."}},
    {"deadline",
     {false, false, "APNs did not answer in time.",
      "Try again in a few minutes; look at Apple's system status page."}},
    {"connection ",
     {false, false, "The connection to APNs was lost.",
      "Try again; if it stays so, a firewall may cut it."}},
    {"internal_error",
     {false, false, "APNs has an error of its own.",
      "Try again in a few minutes. Years ago APNs said this of expired "
      "certificates as well."}},
};

static const struct life_explanation by_status[] = {
    {true, false, "APNs accepted the push.", ""},
    {false, true, "APNs forbids pushes with this certificate.", NEW_CERT},
    {false, false, "APNs is asked for too much or is in trouble.",
     "Try again in a few minutes; look at Apple's system status page."},
    {false, false, "APNs did not take the push.",
     "Look at the reason; if it stays so, report it with the log."},
    {false, false, "The connection to APNs ended before an answer came.",
     "Test again. If it stays so, something on the way disturbs "
     "it. " ASK_NETWORK},
};

void
life_explain_end(uint16_t status, const char *reason,
                 struct life_explanation *explanation)
{
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (strncmp(reason, ends[i].begin, strlen(ends[i].begin)) == 0) {
            *explanation = ends[i].end;
            return;
        }
    if (status == 200)
        *explanation = by_status[0];
    else if (status == 403)
        *explanation = by_status[1];
    else if (status == 429 || status >= 500)
        *explanation = by_status[2];
    else if (status != 0)
        *explanation = by_status[3];
    else
        *explanation = by_status[4];
}
