/* SPDX-License-Identifier: MIT */
#include "life_explain.h"

#include <stddef.h>
#include <string.h>

#define NEW_CERT                                                          \
    "Renew the certificate at identity.apple.com/pushcert with the same " \
    "Apple Account and import the new one."
#define ASK_NETWORK                                                           \
    "Allow this machine to reach api.push.apple.com on TCP port 443 or 2197 " \
    "(Apple's network 17.0.0.0/8), directly or through the configured proxy."
#define SET_CLOCK "Set this machine's clock with NTP, then test again."
#define NO_INSPECTION                                         \
    "Something between here and APNs intercepts TLS; exempt " \
    "api.push.apple.com from TLS inspection."
#define NO_COMMON                                                           \
    {                                                                       \
        false, false,                                                       \
            "This machine and the server share no TLS version or cipher.",  \
            NO_INSPECTION " Otherwise check whether this system's OpenSSL " \
                          "disables TLS 1.2 and 1.3."                       \
    }
#define OTHER_ENVIRONMENT                                                     \
    {                                                                         \
        false, true, "The certificate is for APNs' other environment.",       \
            "MDM certificates are for production: remove apns.host from the " \
            "configuration, or import a certificate for this environment."    \
    }
#define NO_MEMORY                                                              \
    {                                                                          \
        false, false, "This machine is out of memory.",                        \
            "Free some memory, or raise the service's limit; then test again." \
    }

/* A reason begins so. The first that fits counts. */
static const struct {
    const char *begin;
    struct life_explanation end;
} ends[] = {
    {"BadDeviceToken",
     {true, false,
      "APNs accepted the certificate and looked up the made-up device: "
      "certificate, topic and network are in order.",
      ""}},
    {"Unregistered",
     {true, false,
      "APNs accepted the certificate and does not know the device, as "
      "expected: certificate, topic and network are in order.",
      ""}},
    {"ExpiredToken",
     {true, false,
      "APNs accepted the certificate and no longer knows the device, as "
      "expected: certificate, topic and network are in order.",
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
      "Check at identity.apple.com/pushcert whether it is still listed and "
      "valid; if not, renew it."}},
    {"unknown_ca",
     {false, true, "APNs refuses the certificate: it was not issued by Apple.",
      "Import the certificate from identity.apple.com/pushcert, not one made "
      "elsewhere."}},
    /* About a proof of the server's own certificate, not about ours. */
    {"bad_certificate_status_response",
     {false, false, "The TLS handshake with APNs failed.", NO_INSPECTION}},
    {"bad_certificate",
     {false, true, "APNs refuses the certificate as damaged or unsuitable.",
      "Download it again from identity.apple.com/pushcert and import it."}},
    {"unsupported_certificate",
     {false, true, "APNs does not accept certificates of this kind.",
      "Import an MDM push certificate from identity.apple.com/pushcert."}},
    {"access_denied",
     {false, true, "APNs denies access to this certificate.",
      "Check at identity.apple.com/pushcert whether it is still listed; if so, "
      "ask Apple."}},
    {"decrypt_error",
     {false, true,
      "APNs says that certificate and key do not belong together, or the "
      "certificate was damaged on the way.",
      "Download the certificate again from identity.apple.com/pushcert, and "
      "import it together with the key of its own request."}},
    {"certificate_required",
     {false, true, "APNs received no certificate.", NO_INSPECTION}},
    /* So APNs calls a connection that showed none. */
    {"MissingProviderToken",
     {false, true, "APNs received no certificate.", NO_INSPECTION}},
    {"handshake_failure", NO_COMMON},
    {"protocol_version", NO_COMMON},
    {"insufficient_security", NO_COMMON},
    {"no_application_protocol",
     {false, false, "The server does not speak HTTP/2: it is not APNs.",
      NO_INSPECTION}},
    {"unrecognized_name",
     {false, false, "The server does not offer APNs under this name.",
      "Remove apns.host from the configuration, or correct it."}},
    {"BadCertificateEnvironment", OTHER_ENVIRONMENT},
    {"BadEnvironment", OTHER_ENVIRONMENT},
    {"BadCertificate",
     {false, true, "APNs rejects the certificate as bad.",
      "Download it again from identity.apple.com/pushcert and import it."}},
    {"TopicDisallowed",
     {false, true, "APNs does not allow this certificate to push to its topic.",
      "Import the certificate that identity.apple.com/pushcert lists for this "
      "topic."}},
    {"BadTopic",
     {false, true, "APNs does not know the topic.",
      "Import a certificate that identity.apple.com/pushcert issued."}},
    {"Forbidden",
     {false, true, "APNs forbids pushes with this certificate.",
      "Check at identity.apple.com/pushcert whether it is still listed."}},
    {"DeviceTokenNotForTopic",
     {true, false,
      "APNs accepted the certificate; the device belongs to another topic.",
      ""}},
    {"resolve:",
     {false, false, "APNs' host name cannot be resolved.",
      "Check this machine's DNS (/etc/resolv.conf) and whether it may resolve "
      "api.push.apple.com."}},
    {"connect refused",
     {false, false,
      "APNs' address answers, but refuses connections to the port.",
      ASK_NETWORK}},
    {"connect timeout",
     {false, false, "Nothing answers: a firewall drops the connection.",
      ASK_NETWORK}},
    {"connect ",
     {false, false, "There is no route from this machine to APNs.",
      ASK_NETWORK}},
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
      "The server is not APNs, or this machine does not trust APNs' "
      "certificate.",
      "Exempt api.push.apple.com from TLS inspection; check the system's CA "
      "certificates (package ca-certificates) and apns.ca_file."}},
    {"no HTTP/2 in ALPN",
     {false, false, "The server does not speak HTTP/2: it is not APNs.",
      NO_INSPECTION}},
    {"out of memory", NO_MEMORY},
    {"TLS: out of memory", NO_MEMORY},
    {"TLS:",
     {false, false, "The TLS handshake with APNs failed.",
      "Something between here and APNs interferes with TLS; exempt "
      "api.push.apple.com from inspection."}},
    {"no SETTINGS in time",
     {false, false, "APNs accepted the connection but said nothing.",
      "Try again in a few minutes; see Apple's system status page."}},
    {"deadline",
     {false, false, "APNs did not answer in time.",
      "Try again in a few minutes; see Apple's system status page."}},
    {"connection ",
     {false, false, "The connection to APNs was lost.",
      "Try again; if it persists, a firewall may be closing it."}},
    {"internal_error",
     {false, false, "APNs reports an internal error.",
      "Try again in a few minutes. APNs used to answer this for expired "
      "certificates as well."}},
};

static const struct life_explanation by_status[] = {
    {true, false, "APNs accepted the push.", ""},
    {false, true, "APNs forbids pushes with this certificate.", NEW_CERT},
    {false, false, "APNs is overloaded or in trouble.",
     "Try again in a few minutes; see Apple's system status page."},
    {false, false, "APNs did not accept the push.",
     "See the reason; if it persists, report it with the log."},
    {false, false, "The connection to APNs ended before an answer came.",
     "Test again. If it persists, something on the network path "
     "interferes. " ASK_NETWORK},
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
