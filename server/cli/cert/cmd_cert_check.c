/* SPDX-License-Identifier: MIT */

#include <string.h>
#include <time.h>

#include "cli_material.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_style.h"

#define MAX_CHECKED 1024 /* files on one command line */

/* What the portal shows of a certificate, to compare it by. */
static void
print_details(struct cli *cli, const struct certlife_check *check,
              size_t object)
{
    char *details = certlife_check_details(check, object);

    if (details == NULL)
        return;
    cli_say_after(cli, cli->out, CLI_STYLE_PLAIN, details, "    ");
    free(details);
}

/* Each file, and what is in it. */
static void
print_objects(struct cli *cli, const struct cli_material *material,
              const struct certlife_check *check)
{
    for (size_t i = 0; i < material->n; i++) {
        bool is_first = true;

        cli_say_after(cli, cli->out, CLI_STYLE_TITLE, "", "%s",
                      material->files[i].name);
        for (size_t k = 0; k < check->n_objects; k++) {
            if (check->objects[k].file != i)
                continue;
            cli_say_after(cli, cli->out, CLI_STYLE_PLAIN,
                          check->objects[k].sentence,
                          "  %s: ", certlife_kind_word(check->objects[k].kind));
            print_details(cli, check, k);
            is_first = false;
        }
        if (is_first)
            fprintf(cli->out, "  nothing known\n");
    }
}

static bool
is_fine(const struct certlife_check *check)
{
    for (size_t i = 0; i < check->n_findings; i++)
        if (check->findings[i].severity == CERTLIFE_PROBLEM)
            return false;
    return true;
}

static void
print_findings(struct cli *cli, const struct certlife_check *check)
{
    static const struct {
        const char *word;
        enum cli_style style;
    } severities[] = {
        [CERTLIFE_FINE] = {"good", CLI_STYLE_GOOD},
        [CERTLIFE_WARNING] = {"warning", CLI_STYLE_WARN},
        [CERTLIFE_PROBLEM] = {"PROBLEM", CLI_STYLE_BAD},
    };

    if (check->n_findings > 0)
        fputc('\n', cli->out);
    for (size_t i = 0; i < check->n_findings; i++) {
        enum certlife_severity severity = check->findings[i].severity;

        cli_say_after(cli, cli->out, severities[severity].style,
                      check->findings[i].text,
                      "%s: ", severities[severity].word);
    }
}

/* What is said of all files together. */
struct survey {
    struct cli *cli;
    const char *words[CERTLIFE_MAX_FILES]; /* looked at together */
    size_t n_words;
    size_t n_left_out; /* they would belong to them, and are too many */
    json_t *objects;   /* of the others, with --json */
    bool has_failed;
};

/* Whether it says something to compare it with the other files. */
static bool
is_comparable(const struct certlife_check *check)
{
    for (size_t i = 0; i < check->n_objects; i++) {
        switch (check->objects[i].kind) {
        case CERTLIFE_KIND_PUSH_CERT:
        case CERTLIFE_KIND_CSR:
        case CERTLIFE_KIND_UPLOAD:
        case CERTLIFE_KIND_VENDOR_CERT:
        case CERTLIFE_KIND_PRIVATE_KEY:
        case CERTLIFE_KIND_LOCKED_KEY:
        case CERTLIFE_KIND_LOCKED_PKCS12:
            return true;
        default:
            break;
        }
    }
    return false;
}

static void
tell_alone(struct survey *survey, const struct cli_material *material,
           const struct certlife_check *check)
{
    json_t *json;

    if (!survey->cli->is_json) {
        print_objects(survey->cli, material, check);
        return;
    }
    json = certlife_check_json(check, material->files, material->n);
    json_array_extend(survey->objects, cli_json_at(json, "objects"));
    json_decref(json);
}

/* One file of many: told at once, or kept for the look at them together. */
static void
survey_one(struct survey *survey, const char *word)
{
    struct cli *cli = survey->cli;
    struct cli_material material;
    struct certlife_check *check = NULL;
    char detail[CERTLIFE_MAX_DETAIL] = "";
    enum certlife_err err = CERTLIFE_OK;

    if (cli_material_read(cli, &word, 1, NULL, &material) != CLI_DONE) {
        survey->has_failed = true;
    } else if ((err = certlife_check_make(material.files, 1, NULL, 0,
                                          (int64_t)time(NULL), &check,
                                          detail)) != CERTLIFE_OK) {
        cli_say_failed(cli, "%s: %s", certlife_err_text(err), detail);
        survey->has_failed = true;
    } else if (is_comparable(check) && survey->n_words < CERTLIFE_MAX_FILES) {
        survey->words[survey->n_words++] = word;
    } else {
        tell_alone(survey, &material, check);
        survey->n_left_out += is_comparable(check);
    }
    certlife_check_free(check);
    cli_material_fini(&material);
}

static void
survey_all(struct survey *survey, const struct cli_args *args)
{
    size_t n = args->n_words;

    if (n > MAX_CHECKED) {
        cli_say_failed(survey->cli,
                       "%zu files are too many: the first %d are looked at, "
                       "from %s on they are skipped",
                       n, MAX_CHECKED, args->words[MAX_CHECKED]);
        survey->has_failed = true;
        n = MAX_CHECKED;
    }
    for (size_t i = 0; i < n; i++)
        survey_one(survey, args->words[i]);
    if (survey->n_left_out > 0)
        cli_say_note(survey->cli,
                     "Of these files the first %d keys, requests and "
                     "certificates are compared with each other; %zu more are "
                     "not. Give fewer files to compare those.",
                     CERTLIFE_MAX_FILES, survey->n_left_out);
}

static enum cli_exit
check_together(struct survey *survey, const char *password_file)
{
    struct cli *cli = survey->cli;
    struct cli_material material;
    struct certlife_check *check = NULL;
    enum cli_exit result = cli_material_read(
        cli, survey->words, survey->n_words, password_file, &material);

    if (result == CLI_DONE)
        result = cli_material_check(cli, &material, &check);
    if (result == CLI_DONE && cli->is_json) {
        json_t *json = certlife_check_json(check, material.files, material.n);

        must(json != NULL);
        json_array_extend(cli_json_at(json, "objects"), survey->objects);
        cli_json_print(cli, json);
        json_decref(json);
    } else if (result == CLI_DONE) {
        print_objects(cli, &material, check);
        print_findings(cli, check);
    }
    if (result == CLI_DONE && (survey->has_failed || !is_fine(check)))
        result = CLI_FAILED;
    certlife_check_free(check);
    cli_material_fini(&material);
    return result;
}

enum cli_exit
cmd_cert_check(struct cli *cli, const struct cli_args *args)
{
    struct survey survey = {.cli = cli, .objects = json_array()};
    enum cli_exit result;

    must(survey.objects != NULL);
    if (args->n_words > CERTLIFE_MAX_FILES) {
        survey_all(&survey, args);
    } else {
        survey.n_words = args->n_words;
        memcpy(survey.words, args->words, args->n_words * sizeof *args->words);
    }
    result = check_together(&survey, args->values[CLI_OPT_PASSWORD_FILE]);
    json_decref(survey.objects);
    return result;
}
