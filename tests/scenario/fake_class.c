/* SPDX-License-Identifier: MIT */
#include "tests/scenario/fake_class.h"

#include <string.h>

enum apns_class
fake_class_of(uint16_t status, const char *reason)
{
    if (status == 200)
        return APNS_CLASS_ACCEPTED;
    if (status == 0)
        return APNS_CLASS_NO_ANSWER;
    if (status == 410)
        return APNS_CLASS_DEAD_TOKEN;
    if (status == 429)
        return APNS_CLASS_SLOW_DOWN;
    if (status >= 500)
        return APNS_CLASS_TROUBLE;
    if (status == 403 || strcmp(reason, "TopicDisallowed") == 0)
        return APNS_CLASS_IDENTITY;
    if (strcmp(reason, "BadDeviceToken") == 0)
        return APNS_CLASS_SUSPECT;
    return APNS_CLASS_OURS;
}

bool
fake_class_judge(struct apns_identity_status *status, enum apns_class *class_)
{
    if (*class_ == APNS_CLASS_ACCEPTED && !status->is_proven) {
        status->is_proven = true;
        status->n_undecided = 0;
        return true;
    }
    if (*class_ == APNS_CLASS_SUSPECT && !status->is_proven) {
        status->n_undecided++;
        *class_ = APNS_CLASS_UNDECIDED;
    }
    return false;
}

enum apns_cause
fake_class_cause(const char *why)
{
    if (strcmp(why, "certificate_revoked") == 0)
        return APNS_CAUSE_REVOKED;
    if (strcmp(why, "BadCertificateEnvironment") == 0)
        return APNS_CAUSE_ENVIRONMENT;
    if (strcmp(why, "BadDeviceToken") == 0)
        return APNS_CAUSE_TOKENS_ENVIRONMENT;
    if (strcmp(why, "DeviceTokenNotForTopic") == 0)
        return APNS_CAUSE_TOKENS_TOPIC;
    return APNS_CAUSE_REFUSED;
}
