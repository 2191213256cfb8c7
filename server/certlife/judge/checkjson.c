/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apns/base/must.h"
#include "apns/base/rfc3339.h"
#include "server/certlife/read/phrase.h"

static json_t *
set_of(uint64_t set)
{
    json_t *array = json_array();

    for (int i = 0; array != NULL && i < 64; i++)
        if ((set >> i & 1) != 0)
            json_array_append_new(array, json_integer(i));
    return array;
}

/* A name from outside may be anything, and may have been cut within a
 * character; JSON is UTF-8. */
static json_t *
text_or_mark(const char *text)
{
    json_t *json;
    char *plain;

    if (text == NULL)
        text = "?";
    if ((json = json_string(text)) != NULL || (plain = strdup(text)) == NULL)
        return json;
    for (char *at = plain; *at != '\0'; at++)
        if ((unsigned char)*at > '~')
            *at = '?';
    json = json_string(plain);
    free(plain);
    return json;
}

static void
add_dates(json_t *json, const struct apns_cert *cert)
{
    char text[32];

    json_object_set_new(
        json, "not_before",
        json_string(rfc3339_text(cert->not_before_unix * 1000, text)));
    json_object_set_new(
        json, "not_after",
        json_string(rfc3339_text(cert->not_after_unix * 1000, text)));
}

static json_t *
object_json(const struct certlife_object *object, const char *file)
{
    const struct apns_cert *cert = &object->cert;
    json_t *json = json_pack(
        "{s:o, s:s, s:s, s:s, s:o, s:o}", "file", text_or_mark(file), "kind",
        certlife_kind_word(object->kind), "key_type", object->key_type,
        "spki_sha256", object->spki_sha256, "fits", set_of(object->fits),
        "sentence", text_or_mark(object->sentence));

    if (json == NULL || cert->sha256[0] == '\0')
        return json;
    json_object_set_new(json, "subject", json_string(cert->subject));
    json_object_set_new(json, "sha256", json_string(cert->sha256));
    json_object_set_new(json, "sha1", json_string(cert->sha1));
    if (cert->serial[0] == '\0')
        return json;
    json_object_set_new(json, "topic", json_string(cert->topic));
    json_object_set_new(json, "issuer", json_string(cert->issuer));
    json_object_set_new(json, "serial_number", json_string(cert->serial));
    add_dates(json, cert);
    if (object->issuer >= 0)
        json_object_set_new(json, "issued_by", json_integer(object->issuer));
    return json;
}

json_t *
certlife_check_json(const struct certlife_check *check,
                    const struct certlife_file *files, size_t n_files)
{
    static const char *const severities[] = {"fine", "warning", "problem"};
    json_t *objects = json_array();
    json_t *findings = json_array();

    for (size_t i = 0; i < check->n_objects; i++) {
        must(check->objects[i].file < n_files);
        json_array_append_new(objects,
                              object_json(&check->objects[i],
                                          files[check->objects[i].file].name));
    }
    for (size_t i = 0; i < check->n_findings; i++)
        json_array_append_new(
            findings, json_pack("{s:s, s:o}", "severity",
                                severities[check->findings[i].severity], "text",
                                text_or_mark(check->findings[i].text)));
    return json_pack("{s:o, s:o}", "objects", objects, "findings", findings);
}
