/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apns/base/rfc3339.h"
#include "apns/base/width.h"
#include "server/certlife/read/phrase.h"

/* Two certificates side by side: a label, the current one, the new one. */

#define COLUMN 32 /* half a SHA-256: its two lines break at the same place */
#define N_ROWS 11

/* A row without a number has text; an absent value is "". */
struct side {
    char text[N_ROWS][512];
    bool is_there;
};

static const struct {
    const char *label;
    const char *key; /* in JSON */
    bool is_number;
} rows[N_ROWS] = {
    {"subject", "subject", false},
    {"topic", "topic", false},
    {"serial", "serial_number", false},
    {"issuer", "issuer", false},
    {"valid from", "not_before", false},
    {"valid to", "not_after", false},
    {"SHA-256", "sha256", false},
    {"SHA-1", "sha1", false},
    {"days left", "days_left", true},
    {"Apple Account", "apple_account", false},
    {"enrollments", "enrollments", true},
};

static void
fill(struct side *side, const struct apns_cert *cert, const char *account,
     uint64_t n_enrollments, int64_t now_unix)
{
    char when[32];

    memset(side, 0, sizeof *side);
    if (cert == NULL)
        return;
    side->is_there = true;
    snprintf(side->text[0], 512, "%s", cert->subject);
    snprintf(side->text[1], 512, "%s", cert->topic);
    snprintf(side->text[2], 512, "%s", cert->serial);
    snprintf(side->text[3], 512, "%s", cert->issuer);
    snprintf(side->text[4], 512, "%s",
             rfc3339_text(cert->not_before_unix * 1000, when));
    snprintf(side->text[5], 512, "%s",
             rfc3339_text(cert->not_after_unix * 1000, when));
    snprintf(side->text[6], 512, "%s", cert->sha256);
    snprintf(side->text[7], 512, "%s", cert->sha1);
    snprintf(side->text[8], 512, "%lld",
             (long long)certlife_days_left(cert->not_after_unix, now_unix));
    snprintf(side->text[9], 512, "%s", account == NULL ? "" : account);
    snprintf(side->text[10], 512, "%llu", (unsigned long long)n_enrollments);
}

/* Enrollments belong to the topic; another topic begins with none known. */
static void
fill_both(struct side sides[2], const struct certlife_held *current,
          const struct apns_cert *fresh, const char *account, int64_t now_unix)
{
    bool is_same_topic =
        current != NULL && strcmp(current->cert->topic, fresh->topic) == 0;

    if (current == NULL)
        fill(&sides[0], NULL, NULL, 0, now_unix);
    else
        fill(&sides[0], current->cert, current->apple_account,
             current->n_enrollments, now_unix);
    fill(&sides[1], fresh, account, is_same_topic ? current->n_enrollments : 0,
         now_unix);
}

static void
print_line(FILE *out, const char *label, const char **left, const char **right)
{
    size_t n_left = width_head(*left, COLUMN);
    size_t n_right = width_head(*right, COLUMN);

    fprintf(out, "%-13s %.*s", label, (int)n_left, *left);
    if (n_right > 0) {
        /* columns of what was printed, not of what is left */
        size_t columns = width_of(*left) - width_of(*left + n_left);

        fprintf(out, "%*s%.*s", (int)(COLUMN + 2 - columns), "", (int)n_right,
                *right);
    }
    fputc('\n', out);
    *left += n_left;
    *right += n_right;
}

static void
print_row(FILE *out, const char *label, const char *left, const char *right)
{
    do {
        print_line(out, label, &left, &right);
        label = "";
    } while (*left != '\0' || *right != '\0');
}

char *
certlife_sides_text(const struct certlife_held *current,
                    const struct apns_cert *fresh, const char *account,
                    int64_t now_unix)
{
    struct side *sides = calloc(2, sizeof *sides);
    char *text = NULL;
    size_t len = 0;
    FILE *out = sides == NULL ? NULL : open_memstream(&text, &len);

    if (out == NULL) {
        free(sides);
        return NULL;
    }
    fill_both(sides, current, fresh, account, now_unix);
    print_row(out, "", sides[0].is_there ? "current" : "(none yet)", "new");
    for (size_t i = 0; i < N_ROWS; i++)
        print_row(out, rows[i].label, sides[0].text[i], sides[1].text[i]);
    free(sides);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static json_t *
side_json(const struct side *side)
{
    json_t *json;

    if (!side->is_there)
        return json_null();
    json = json_object();
    for (size_t i = 0; i < N_ROWS; i++) {
        const char *text = side->text[i];
        json_t *value = rows[i].is_number
                            ? json_integer(strtoll(text, NULL, 10))
                        : text[0] == '\0' ? json_null()
                                          : json_string(text);

        json_object_set_new(json, rows[i].key,
                            value != NULL ? value : json_string("?"));
    }
    return json;
}

json_t *
certlife_sides_json(const struct certlife_held *current,
                    const struct apns_cert *fresh, const char *account,
                    int64_t now_unix)
{
    struct side *sides = calloc(2, sizeof *sides);
    json_t *differs = json_array();
    json_t *json = NULL;

    if (sides == NULL) {
        json_decref(differs);
        return NULL;
    }
    fill_both(sides, current, fresh, account, now_unix);
    for (size_t i = 0; sides[0].is_there && i < N_ROWS; i++)
        if (strcmp(sides[0].text[i], sides[1].text[i]) != 0)
            json_array_append_new(differs, json_string(rows[i].key));
    json = json_pack("{s:o, s:o, s:o}", "current", side_json(&sides[0]), "new",
                     side_json(&sides[1]), "differs", differs);
    free(sides);
    return json;
}
