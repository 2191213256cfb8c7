/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "cli_json.h"
#include "cli_material.h"
#include "cli_say.h"
#include "cmd.h"

/* What the portal shows of a certificate, to compare it by. */
static void
print_details(FILE *out, const struct certlife_check *check, size_t object)
{
    char *details = certlife_check_details(check, object);

    if (details == NULL)
        return;
    for (char *line = details, *end; (end = strchr(line, '\n')) != NULL;
         line = end + 1) {
        *end = '\0';
        fprintf(out, "    %s\n", cli_say_clean(line));
    }
    free(details);
}

/* Each file, and what is in it. */
static void
print_objects(FILE *out, const struct cli_material *material,
              const struct certlife_check *check)
{
    for (size_t i = 0; i < material->n; i++) {
        char name[CLI_SAY_MAX];
        bool is_first = true;

        snprintf(name, sizeof name, "%s", material->files[i].name);
        fprintf(out, "%s\n", cli_say_clean(name));
        for (size_t k = 0; k < check->n_objects; k++) {
            if (check->objects[k].file != i)
                continue;
            fprintf(out, "  %s: ", certlife_kind_word(check->objects[k].kind));
            cli_say_text(out, check->objects[k].sentence);
            print_details(out, check, k);
            is_first = false;
        }
        if (is_first)
            fprintf(out, "  nothing known\n");
    }
}

/* True when nothing stands against an import. */
static bool
print_findings(FILE *out, const struct certlife_check *check)
{
    static const char *const words[] = {[CERTLIFE_FINE] = "good",
                                        [CERTLIFE_WARNING] = "warning",
                                        [CERTLIFE_PROBLEM] = "PROBLEM"};
    bool is_fine = true;

    if (check->n_findings > 0)
        fputc('\n', out);
    for (size_t i = 0; i < check->n_findings; i++) {
        fprintf(out, "%s: ", words[check->findings[i].severity]);
        cli_say_text(out, check->findings[i].text);
        is_fine = is_fine && check->findings[i].severity != CERTLIFE_PROBLEM;
    }
    return is_fine;
}

static bool
print_json(FILE *out, const struct cli_material *material,
           const struct certlife_check *check)
{
    json_t *json = certlife_check_json(check, material->files, material->n);
    bool is_fine = true;

    must(json != NULL);
    cli_json_print(out, json);
    json_decref(json);
    for (size_t i = 0; i < check->n_findings; i++)
        is_fine = is_fine && check->findings[i].severity != CERTLIFE_PROBLEM;
    return is_fine;
}

enum cli_exit
cmd_cert_check(struct cli *cli, const struct cli_args *args)
{
    struct cli_material material;
    struct certlife_check *check = NULL;
    bool is_fine;
    enum cli_exit result =
        cli_material_read(cli, args->words, args->n_words,
                          args->values[CLI_OPT_PASSWORD_FILE], &material);

    if (result == CLI_DONE)
        result = cli_material_check(cli, &material, &check);
    if (result == CLI_DONE) {
        if (cli->is_json) {
            is_fine = print_json(cli->out, &material, check);
        } else {
            print_objects(cli->out, &material, check);
            is_fine = print_findings(cli->out, check);
        }
        result = is_fine ? CLI_DONE : CLI_FAILED;
    }
    certlife_check_free(check);
    cli_material_fini(&material);
    return result;
}
