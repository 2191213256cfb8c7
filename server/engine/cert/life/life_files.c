/* SPDX-License-Identifier: MIT */
#include "life_files.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE_NAME 255 /* bytes shown */

static bool
measure(const struct rouse_cert_files *given, size_t *names, size_t *bytes)
{
    *names = *bytes = 0;
    if (given->n == 0 || given->n > ROUSE_CERT_MAX_FILES)
        return false;
    for (size_t i = 0; i < given->n; i++) {
        const struct rouse_cert_file *file = &given->file[i];

        if (file->name == NULL || strlen(file->name) > MAX_FILE_NAME ||
            file->len > ROUSE_CERT_MAX_LEN - *bytes)
            return false;
        *names += strlen(file->name) + 1;
        *bytes += file->len;
    }
    return given->password == NULL ||
           strlen(given->password) <= CERTLIFE_MAX_PASSWORD;
}

enum rouse_err
life_files_copy(struct life_files *files, const struct rouse_cert_files *given)
{
    size_t names_len, name_at = 0, at = 0;

    *files = (struct life_files){0};
    if (!measure(given, &names_len, &files->bytes_len))
        return ROUSE_EINVAL;
    files->names = malloc(names_len);
    files->bytes = malloc(files->bytes_len + 1);
    if (given->password != NULL)
        files->password = strdup(given->password);
    if (files->names == NULL || files->bytes == NULL ||
        (given->password != NULL && files->password == NULL)) {
        life_files_fini(files);
        return ROUSE_ENOMEM;
    }
    files->n = given->n;
    for (size_t i = 0; i < given->n; i++) {
        const struct rouse_cert_file *file = &given->file[i];
        size_t name_len = strlen(file->name) + 1;

        memcpy(files->names + name_at, file->name, name_len);
        if (file->len > 0)
            memcpy(files->bytes + at, file->bytes, file->len);
        files->file[i] = (struct certlife_file){
            .name = files->names + name_at,
            .bytes = files->bytes + at,
            .len = file->len,
            .password = files->password,
        };
        name_at += name_len;
        at += file->len;
    }
    return ROUSE_OK;
}

void
life_files_read(struct life_files *files, int64_t now_unix)
{
    files->err = certlife_check_make(files->file, files->n, NULL, 0, now_unix,
                                     &files->check, files->detail);
}

bool
life_files_has_key(const struct life_files *files, int object)
{
    const struct certlife_check *check = files->check;

    for (size_t i = 0; i < check->n_objects; i++)
        if ((check->objects[object].fits >> i & 1) != 0 &&
            check->objects[i].kind == CERTLIFE_KIND_PRIVATE_KEY)
            return true;
    return false;
}

/* Nothing could be looked at: a limit, by its name. */
static char *
name_limit(const struct life_files *files)
{
    char *text = NULL;

    return asprintf(&text, "%s%s%s", certlife_err_text(files->err),
                    files->detail[0] != '\0' ? ": " : "", files->detail) < 0
               ? NULL
               : text;
}

static void
print_details(FILE *out, const struct certlife_check *check, size_t object)
{
    char *details = certlife_check_details(check, object);

    if (details == NULL)
        return;
    for (char *line = details, *end; (end = strchr(line, '\n')) != NULL;
         line = end + 1)
        fprintf(out, "  %.*s\n", (int)(end - line), line);
    free(details);
}

static void
print_objects(FILE *out, const struct life_files *files)
{
    const struct certlife_check *check = files->check;

    for (size_t i = 0; i < check->n_objects; i++) {
        fprintf(out, "%s: %s\n", files->file[check->objects[i].file].name,
                check->objects[i].sentence);
        print_details(out, check, i);
    }
}

static void
print_findings(FILE *out, const struct life_files *files)
{
    static const char *const words[] = {[CERTLIFE_FINE] = "good",
                                        [CERTLIFE_WARNING] = "warning",
                                        [CERTLIFE_PROBLEM] = "PROBLEM"};
    const struct certlife_check *check = files->check;

    for (size_t i = 0; i < check->n_findings; i++)
        fprintf(out, "%s: %s\n", words[check->findings[i].severity],
                check->findings[i].text);
}

/* As one text; ${print_rest} may be NULL. */
static char *
print_all(const struct life_files *files,
          void (*print_rest)(FILE *out, const struct life_files *files))
{
    char *text = NULL;
    size_t len = 0;
    FILE *out;

    if (files->check == NULL)
        return name_limit(files);
    if ((out = open_memstream(&text, &len)) == NULL)
        return NULL;
    print_objects(out, files);
    if (print_rest != NULL)
        print_rest(out, files);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

char *
life_files_list(const struct life_files *files)
{
    return print_all(files, NULL);
}

char *
life_files_report(const struct life_files *files)
{
    return print_all(files, print_findings);
}

char *
life_files_why(const struct life_files *files)
{
    return files->check == NULL ? name_limit(files)
                                : certlife_check_why(files->check, files->file);
}

void
life_files_fini(struct life_files *files)
{
    if (files->bytes != NULL)
        OPENSSL_cleanse(files->bytes, files->bytes_len);
    free(files->bytes);
    free(files->names);
    certlife_secret_free(files->password);
    certlife_check_free(files->check);
    *files = (struct life_files){0};
}
