/* SPDX-License-Identifier: MIT */

/*
 * Operations on what is kept beside the fleet: certificate requests, the
 * vendor, API keys, groups, alerts, events, numbers.
 */

#include "operation.h"

static enum store_err
call_request(struct bed *bed)
{
    struct store_csr csr = {.name = "2028",
                            .csr_pem = "CSR",
                            .spki_sha256 = "cc",
                            .key_pem = "KEY",
                            .mail_key_pem = "KEY"};

    bed->n_done = 0;
    return operation_finish(bed,
                            store_csr_put(bed->store, &csr, bed_on_done, bed));
}

static void
prepare_request(struct bed *bed)
{
    assert_int_equal(call_request(bed), STORE_OK);
}

static void
on_requests(void *arg, enum store_err err, const struct store_csr *csrs,
            size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(csrs[i].key_pem, "KEY");
        assert_string_equal(csrs[i].mail_key_pem, "KEY");
        assert_non_null(csrs[i].created_by);
    }
    bed_on_count(arg, err, (int64_t)n);
}

static enum store_err
call_requests(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(
        bed, store_csr_list(bed->store, NULL, true, on_requests, bed));
}

static void
on_key(void *arg, enum store_err err, const struct store_found_key *found)
{
    if (found != NULL)
        assert_string_equal(found->key_pem, "KEY");
    bed_on_count(arg, err, found != NULL);
}

static enum store_err
call_find_key(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(bed,
                            store_csr_find_key(bed->store, "cc", on_key, bed));
}

static void
on_alerts(void *arg, enum store_err err, const struct store_alert *alerts,
          size_t n)
{
    if (n > 0)
        assert_string_equal(alerts->text, "it fails");
    bed_on_count(arg, err, (int64_t)n);
}

static enum store_err
call_alert(struct bed *bed)
{
    struct store_alert alert = {.kind = "test",
                                .topic = BED_TOPIC,
                                .severity = "notice",
                                .text = "it fails"};

    bed->n_done = 0;
    return operation_finish(
        bed, store_alert_put(bed->store, &alert, NULL, 3, on_alerts, bed));
}

static void
prepare_alert(struct bed *bed)
{
    assert_int_equal(call_alert(bed), STORE_OK);
}

static enum store_err
call_end_alert(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(
        bed, store_alert_end(bed->store, 1, NULL, 1, on_alerts, bed));
}

static void
on_stats(void *arg, enum store_err err, const struct store_stats *stats)
{
    if (stats != NULL)
        assert_string_equal(stats->topics->topic, BED_TOPIC);
    bed_on_count(arg, err, stats != NULL ? stats->n_wakes : 0);
}

static enum store_err
call_stats(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(bed, store_stats_get(bed->store, on_stats, bed));
}

static enum store_err
call_vendor(struct bed *bed)
{
    struct store_vendor vendor = {
        .cert_pem = "CERT", .key_pem = "KEY", .sha256 = "dd"};

    bed->n_done = 0;
    return operation_finish(
        bed, store_vendor_put(bed->store, &vendor, bed_on_done, bed));
}

static void
prepare_vendor(struct bed *bed)
{
    assert_int_equal(call_vendor(bed), STORE_OK);
}

static void
on_vendor(void *arg, enum store_err err, const struct store_vendor *vendor)
{
    if (vendor != NULL) {
        assert_string_equal(vendor->key_pem, "KEY");
        assert_string_equal(vendor->chain_pem, "");
    }
    bed_on_count(arg, err, vendor != NULL);
}

static enum store_err
call_vendor_get(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(bed,
                            store_vendor_get(bed->store, true, on_vendor, bed));
}

static enum store_err
call_vendor_delete(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(bed,
                            store_vendor_delete(bed->store, bed_on_done, bed));
}

static void
on_api_keys(void *arg, enum store_err err, const struct store_key *keys,
            size_t n, int64_t next)
{
    (void)next;
    if (n > 0)
        assert_string_equal(keys->name, "mdm");
    bed_on_count(arg, err, (int64_t)n);
}

static enum store_err
call_api_key(struct bed *bed)
{
    struct store_key key = {.name = "mdm", .hash = {1}, .verbs = 1};

    bed->n_done = 0;
    return operation_finish(bed,
                            store_key_put(bed->store, &key, on_api_keys, bed));
}

static void
prepare_api_key(struct bed *bed)
{
    assert_int_equal(call_api_key(bed), STORE_OK);
    bed->count = 0;
}

static enum store_err
call_api_keys(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(
        bed, store_key_list(bed->store, false, 0, 10, on_api_keys, bed));
}

static enum store_err
call_revoke(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(bed,
                            store_key_revoke(bed->store, 1, bed_on_done, bed));
}

static void
on_groups(void *arg, enum store_err err, enum store_group_fault fault,
          const struct store_group *groups, size_t n)
{
    assert_int_equal(fault, STORE_GROUP_FAULT_NONE);
    if (n > 0)
        assert_string_equal(groups->path, "school");
    bed_on_count(arg, err, (int64_t)n);
}

static enum store_err
call_group(struct bed *bed)
{
    struct store_group group = {.path = "school", .topic = BED_TOPIC};

    bed->n_done = 0;
    return operation_finish(
        bed, store_group_put(bed->store, &group, on_groups, bed));
}

static void
prepare_group(struct bed *bed)
{
    assert_int_equal(call_group(bed), STORE_OK);
    bed->count = 0;
}

static enum store_err
call_assign(struct bed *bed)
{
    struct store_scope scope = {.topic = BED_TOPIC};

    bed->n_done = 0;
    return operation_finish(bed, store_group_assign(bed->store, "d7", "school",
                                                    &scope, bed_on_done, bed));
}

static void
prepare_member(struct bed *bed)
{
    prepare_group(bed);
    assert_int_equal(call_assign(bed), STORE_OK);
}

static enum store_err
call_scoped(struct bed *bed)
{
    static const char *const ids[] = {"d5", "d7"};
    struct store_scope scope = {.group = "school"};

    bed->n_done = 0;
    return operation_finish(
        bed,
        store_enrollment_delete(bed->store, ids, 2, &scope, bed_on_count, bed));
}

static enum store_err
call_ungroup(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(
        bed, store_group_delete(bed->store, "school", on_groups, bed));
}

static enum store_err
call_event(struct bed *bed)
{
    struct store_event event = {.kind = "test"};

    bed->n_done = 0;
    return operation_finish(
        bed, store_event_add(bed->store, &event, bed_on_done, bed));
}

static const struct operation operations[] = {
    {"request put", NULL, call_request},
    {"request list", prepare_request, call_requests},
    {"find key", prepare_request, call_find_key},
    {"alert put", NULL, call_alert},
    {"alert end", prepare_alert, call_end_alert},
    {"stats", NULL, call_stats},
    {"vendor put", NULL, call_vendor},
    {"vendor get", prepare_vendor, call_vendor_get},
    {"vendor delete", prepare_vendor, call_vendor_delete},
    {"API key put", NULL, call_api_key},
    {"API key list", prepare_api_key, call_api_keys},
    {"API key revoke", prepare_api_key, call_revoke},
    {"group put", NULL, call_group},
    {"group assign", prepare_group, call_assign},
    {"group delete", prepare_group, call_ungroup},
    {"delete in scope", prepare_member, call_scoped},
    {"event add", NULL, call_event},
};

const struct operation *
operation_record(size_t i)
{
    return i < sizeof operations / sizeof operations[0] ? &operations[i] : NULL;
}
