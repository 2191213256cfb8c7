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

/* A file, and what is in it. */
static void
print_file(struct cli *cli, const struct cli_material *material, size_t file,
           const struct certlife_check *check)
{
    bool is_first = true;

    cli_say_after(cli, cli->out, CLI_STYLE_TITLE, "", "%s",
                  material->files[file].name);
    for (size_t k = 0; k < check->n_objects; k++) {
        if (check->objects[k].file != file)
            continue;
        cli_say_after(cli, cli->out, CLI_STYLE_PLAIN,
                      check->objects[k].sentence,
                      "  %s: ", certlife_kind_word(check->objects[k].kind));
        print_details(cli, check, k);
        is_first = false;
    }
    if (is_first)
        fprintf(cli->out, "  nothing recognized\n");
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

/* A word of the command line. */
struct place {
    bool is_compared; /* as all are when they are few */
    char *text;       /* what is said of one that is looked at by itself */
};

struct survey {
    struct cli *cli;
    struct cli_material together; /* the files that are compared */
    struct place places[MAX_CHECKED];
    size_t n;          /* places */
    size_t n_left_out; /* they would be compared, and are too many */
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

/* Its objects are numbered by themselves; they come behind ${n} others. */
static void
renumber(json_t *object, size_t n)
{
    json_t *issuer = json_object_get(object, "issued_by");
    json_t *fit;
    size_t i;

    json_array_foreach(json_object_get(object, "fits"), i, fit)
        json_integer_set(fit, json_integer_value(fit) + (json_int_t)n);
    if (issuer != NULL)
        json_integer_set(issuer, json_integer_value(issuer) + (json_int_t)n);
}

static void
tell_alone(struct survey *survey, const struct cli_material *material,
           const struct certlife_check *check, struct place *place)
{
    struct cli *cli = survey->cli;
    size_t n = json_array_size(survey->objects);
    FILE *out = cli->out;
    json_t *object;
    json_t *json;
    size_t i;
    size_t size;

    if (!cli->is_json) {
        /* kept until its turn comes, in the order of the command line */
        must((cli->out = open_memstream(&place->text, &size)) != NULL);
        print_file(cli, material, 0, check);
        must(fclose(cli->out) == 0);
        cli->out = out;
        return;
    }
    json = certlife_check_json(check, material->files, material->n);
    json_array_foreach(cli_json_at(json, "objects"), i, object)
        renumber(object, n);
    json_array_extend(survey->objects, cli_json_at(json, "objects"));
    json_decref(json);
}

static void
keep(struct survey *survey, struct cli_material *material, struct place *place)
{
    place->is_compared = true;
    survey->together.files[survey->together.n++] = material->files[0];
    material->n = 0;
}

/* A file: kept for the look at them together, or told by itself. One that
 * cannot be read is no reason to say nothing of the others. */
static void
survey_one(struct survey *survey, const char *word, struct place *place)
{
    struct cli *cli = survey->cli;
    struct cli_material material;
    struct certlife_check *check = NULL;
    char detail[CERTLIFE_MAX_DETAIL] = "";
    enum certlife_err err = CERTLIFE_OK;

    if (cli_material_read(cli, &word, 1, NULL, &material) != CLI_DONE) {
        survey->has_failed = true;
    } else if (survey->n > CERTLIFE_MAX_FILES &&
               (err = certlife_check_make(material.files, 1, NULL, 0,
                                          (int64_t)time(NULL), &check,
                                          detail)) != CERTLIFE_OK) {
        cli_say_failed(cli, "%s: %s", certlife_err_text(err), detail);
        survey->has_failed = true;
    } else if (check == NULL || (is_comparable(check) &&
                                 survey->together.n < CERTLIFE_MAX_FILES)) {
        keep(survey, &material, place);
    } else {
        tell_alone(survey, &material, check, place);
        survey->n_left_out += is_comparable(check);
    }
    certlife_check_free(check);
    cli_material_fini(&material);
}

static void
survey_all(struct survey *survey, const struct cli_args *args)
{
    survey->n = args->n_words;
    if (survey->n > MAX_CHECKED) {
        cli_say_failed(survey->cli,
                       "%zu files are too many: only the first %d are checked; "
                       "%s and those after it are skipped",
                       survey->n, MAX_CHECKED, args->words[MAX_CHECKED]);
        survey->has_failed = true;
        survey->n = MAX_CHECKED;
    }
    for (size_t i = 0; i < survey->n; i++)
        survey_one(survey, args->words[i], &survey->places[i]);
    if (survey->n_left_out > 0)
        cli_say_note(survey->cli,
                     "Only the first %d keys, requests and certificates are "
                     "compared with each other; %zu more are not. Give fewer "
                     "files to compare those.",
                     CERTLIFE_MAX_FILES, survey->n_left_out);
}

/* All files in the order of the command line. ${check} NULL: those that
 * should have been compared could not be. */
static void
print_files(struct survey *survey, const struct certlife_check *check)
{
    size_t n = 0;

    for (size_t i = 0; i < survey->n; i++) {
        if (survey->places[i].text != NULL)
            fputs(survey->places[i].text, survey->cli->out);
        if (survey->places[i].is_compared && check != NULL)
            print_file(survey->cli, &survey->together, n++, check);
    }
}

static void
print_json(struct survey *survey, const struct certlife_check *check)
{
    const struct cli_material *material = &survey->together;
    json_t *json = certlife_check_json(check, material->files, material->n);
    json_t *object;
    size_t i;

    must(json != NULL);
    json_array_foreach(survey->objects, i, object)
        renumber(object, check->n_objects);
    json_array_extend(cli_json_at(json, "objects"), survey->objects);
    cli_json_print(survey->cli, json);
    json_decref(json);
}

static enum cli_exit
check_together(struct survey *survey)
{
    struct cli *cli = survey->cli;
    struct certlife_check *check = NULL;
    enum cli_exit result = cli_material_check(cli, &survey->together, &check);

    if (!cli->is_json)
        print_files(survey, check);
    else if (result == CLI_DONE)
        print_json(survey, check);
    if (result == CLI_DONE && !cli->is_json)
        print_findings(cli, check);
    if (result == CLI_DONE && (survey->has_failed || !is_fine(check)))
        result = CLI_FAILED;
    certlife_check_free(check);
    return result;
}

static void
free_survey(struct survey *survey)
{
    for (size_t i = 0; i < survey->n; i++)
        free(survey->places[i].text);
    cli_material_fini(&survey->together);
    json_decref(survey->objects);
    free(survey);
}

enum cli_exit
cmd_cert_check(struct cli *cli, const struct cli_args *args)
{
    const char *password_file = args->values[CLI_OPT_PASSWORD_FILE];
    struct survey *survey = calloc(1, sizeof *survey);
    enum cli_exit result;

    must(survey != NULL && (survey->objects = json_array()) != NULL);
    survey->cli = cli;
    survey_all(survey, args);
    result = cli_material_password(cli, &survey->together, password_file);
    if (result == CLI_DONE && survey->n <= CERTLIFE_MAX_FILES &&
        survey->together.n == 0)
        result = CLI_FAILED; /* none could be read, which was said */
    if (result == CLI_DONE)
        result = check_together(survey);
    free_survey(survey);
    return result;
}
