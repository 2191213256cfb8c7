/* SPDX-License-Identifier: MIT */

#include "cli_material.h"

#include <openssl/crypto.h>
#include <string.h>
#include <time.h>

#include "apns/base/base64.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_say.h"

static enum cli_exit
read_file(struct cli *cli, const char *word, struct cli_material *material,
          size_t *total)
{
    struct certlife_file *file = &material->files[material->n];
    const char *slash = strrchr(word, '/');
    char *bytes;
    enum cli_exit result =
        cli_file_read(cli, word, CLI_MAX_MATERIAL, &bytes, &file->len);

    if (result != CLI_DONE)
        return result;
    file->bytes = bytes;
    file->name = slash != NULL && slash[1] != '\0' ? slash + 1 : word;
    material->n++;
    *total += file->len;
    if (*total > CLI_MAX_MATERIAL)
        return cli_say_failed(cli,
                              "together the files are larger than %d bytes",
                              CLI_MAX_MATERIAL);
    return CLI_DONE;
}

static void
set_password(struct cli_material *material, char *password)
{
    cli_ask_password_free(material->password);
    material->password = password;
    for (size_t i = 0; i < material->n; i++)
        material->files[i].password = password;
}

enum cli_exit
cli_material_read(struct cli *cli, const char *const *words, size_t n,
                  const char *password_file, struct cli_material *material)
{
    enum cli_exit result = CLI_DONE;
    size_t total = 0;

    memset(material, 0, sizeof *material);
    must(n <= CERTLIFE_MAX_FILES);
    for (size_t i = 0; i < n && result == CLI_DONE; i++)
        result = read_file(cli, words[i], material, &total);
    return result != CLI_DONE
               ? result
               : cli_material_password(cli, material, password_file);
}

enum cli_exit
cli_material_password(struct cli *cli, struct cli_material *material,
                      const char *password_file)
{
    enum cli_exit result;
    char *password;

    if (password_file == NULL)
        return CLI_DONE;
    if ((result = cli_ask_password(cli, password_file, &password)) == CLI_DONE)
        set_password(material, password);
    return result;
}

void
cli_material_fini(struct cli_material *material)
{
    for (size_t i = 0; i < material->n; i++)
        cli_file_free((char *)(uintptr_t)material->files[i].bytes,
                      material->files[i].len);
    cli_ask_password_free(material->password);
    memset(material, 0, sizeof *material);
}

/* The first thing that only a password opens; NULL: none. */
static const char *
find_locked(const struct cli_material *material,
            const struct certlife_check *check)
{
    for (size_t i = 0; i < check->n_objects; i++)
        if (check->objects[i].kind == CERTLIFE_KIND_LOCKED_KEY ||
            check->objects[i].kind == CERTLIFE_KIND_LOCKED_PKCS12)
            return material->files[check->objects[i].file].name;
    return NULL;
}

/* False when nothing was typed. */
static bool
ask_password_of(struct cli *cli, struct cli_material *material,
                const char *locked)
{
    char *password = calloc(1, CLI_ASK_MAX + 1);

    must(password != NULL);
    if (material->password != NULL)
        cli_say_note(cli, "That password does not open %s.", locked);
    if (!cli_ask_secret(cli, password, "Password of %s: ", locked) ||
        password[0] == '\0') {
        cli_ask_password_free(password);
        return false;
    }
    set_password(material, password);
    return true;
}

enum cli_exit
cli_material_check(struct cli *cli, struct cli_material *material,
                   struct certlife_check **check)
{
    for (unsigned n_asked = 0;; n_asked++) {
        char detail[CERTLIFE_MAX_DETAIL] = "";
        enum certlife_err err =
            certlife_check_make(material->files, material->n, NULL, 0,
                                (int64_t)time(NULL), check, detail);
        const char *locked;

        if (err != CERTLIFE_OK)
            return cli_say_failed(cli, "%s%s%s", certlife_err_text(err),
                                  detail[0] != '\0' ? ": " : "", detail);
        locked = find_locked(material, *check);
        /* what stays locked is said with the rest */
        if (locked == NULL || !cli->is_asking)
            return CLI_DONE;
        if (n_asked == CLI_MATERIAL_ASKS) {
            cli_say_note(cli, "That password does not open %s either.", locked);
            return CLI_DONE;
        }
        if (!ask_password_of(cli, material, locked))
            return CLI_DONE;
        certlife_check_free(*check);
    }
}

/* Bytes of ${text} inside a JSON string: any may become six. */
static size_t
room_for(const char *text)
{
    return strlen(text) * 6 + 2;
}

/* Without the NUL. */
static char *
put_text(char *at, const char *text)
{
    while (*text != '\0')
        *at++ = *text++;
    return at;
}

/* Controls and what JSON reserves are escaped; UTF-8 stays as it is. */
static char *
put_string(char *at, const char *text)
{
    static const char digits[] = "0123456789abcdef";

    *at++ = '"';
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0';
         p++) {
        if (*p >= 0x20 && *p != '"' && *p != '\\' && *p != 0x7f) {
            *at++ = (char)*p;
            continue;
        }
        at = put_text(at, "\\u00");
        *at++ = digits[*p >> 4];
        *at++ = digits[*p & 15];
    }
    *at++ = '"';
    return at;
}

char *
cli_material_body(const struct cli_material *material, size_t *len)
{
    size_t size = 64;
    char *body;
    char *at;

    for (size_t i = 0; i < material->n; i++)
        size += room_for(material->files[i].name) + 64 +
                (material->files[i].len + 2) / 3 * 4;
    if (material->password != NULL)
        size += room_for(material->password);
    body = malloc(size);
    must(body != NULL);
    at = put_text(body, "{\"files\":[");
    for (size_t i = 0; i < material->n; i++) {
        const struct certlife_file *file = &material->files[i];

        at = put_text(at, i > 0 ? ",{\"name\":" : "{\"name\":");
        at = put_string(at, file->name);
        at = put_text(at, ",\"content\":\"");
        at += base64_write(file->bytes, file->len, at);
        at = put_text(at, "\"}");
    }
    at = put_text(at, "]");
    if (material->password != NULL) {
        at = put_text(at, ",\"password\":");
        at = put_string(at, material->password);
    }
    at = put_text(at, "}");
    *len = (size_t)(at - body);
    return body;
}

char *
cli_material_secret(const char *name, const char *secret, size_t *len)
{
    char *body = malloc(room_for(name) + room_for(secret) + 3);
    char *at = body;

    must(body != NULL);
    *at++ = '{';
    at = put_string(at, name);
    *at++ = ':';
    at = put_string(at, secret);
    *at++ = '}';
    *len = (size_t)(at - body);
    return body;
}
