/* SPDX-License-Identifier: MIT */

#include "cli_topic.h"

#include <string.h>

#include "cli_call.h"
#include "cli_json.h"
#include "server/cli/cli_commands.h"
#include "server/cli/term/cli_say.h"

enum cli_exit
cli_topic_list(struct cli *cli, json_t **list)
{
    struct cli_path path;

    cli_path_init(&path, "/v1/pushcerts");
    return cli_call_get(cli, &path, list);
}

static bool
is_meant(const char *topic, const char *part)
{
    const char *dot = strrchr(topic, '.');
    const char *last = dot != NULL ? dot + 1 : topic;
    size_t len = strlen(part);
    size_t topic_len = strlen(topic);

    if (strcmp(last, part) == 0)
        return true;
    if (len < CLI_TOPIC_MIN || len > topic_len)
        return false;
    return strncmp(last, part, len) == 0 ||
           strcmp(topic + topic_len - len, part) == 0;
}

/* "\n  TOPIC" for each that ${part} may mean; the caller frees it. */
static char *
name_meant(const json_t *list, const char *part)
{
    char *text = strdup("");
    const json_t *cert;
    size_t i;

    json_array_foreach(cli_json_at(list, "pushcerts"), i, cert)
    {
        const char *topic = cli_json_text(cert, "topic");
        char *longer;

        if (!is_meant(topic, part))
            continue;
        must(text != NULL);
        must(asprintf(&longer, "%s\n  %s", text, topic) >= 0);
        free(text);
        text = longer;
    }
    must(text != NULL);
    return text;
}

/* ${*word} gets the one topic of ${list} that it means. */
static enum cli_exit
choose(struct cli *cli, const json_t *list, const char **word,
       struct cli_args *args)
{
    char *meant = name_meant(list, *word);
    const char *first = meant[0] != '\0' ? strstr(meant, "\n  ") + 3 : NULL;
    enum cli_exit result = CLI_DONE;

    if (first == NULL) {
        result =
            cli_say_failed(cli,
                           "there is no push certificate whose topic ends with "
                           "%s (at least %d characters); see rouse cert list",
                           *word, CLI_TOPIC_MIN);
    } else if (strchr(first, '\n') != NULL) {
        result = cli_say_failed(
            cli, "%s matches several topics; give more of it:%s", *word, meant);
    } else {
        char *topic = strdup(first);

        must(topic != NULL && args->n_topics < CLI_MAX_TOPICS);
        args->topics[args->n_topics++] = topic;
        *word = topic;
    }
    free(meant);
    return result;
}

static bool
is_part(const char *word)
{
    static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

    return word != NULL && word[strspn(word, allowed)] == '\0';
}

enum cli_exit
cli_topic_resolve(struct cli *cli, const struct cli_command *command,
                  struct cli_args *args)
{
    bool has_word =
        args->n_words > 0 && (strcmp(command->usage, "TOPIC") == 0 ||
                              strcmp(command->usage, "[TOPIC]") == 0);
    const char **places[] = {
        &args->values[CLI_OPT_TOPIC],
        &args->values[CLI_OPT_RENEW],
        &args->values[CLI_OPT_REPLACE_TOPIC],
        has_word ? &args->words[0] : NULL,
    };
    enum cli_exit result = CLI_DONE;
    json_t *list = NULL;

    _Static_assert(sizeof places / sizeof places[0] <= CLI_MAX_TOPICS, "");
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (places[i] == NULL || !is_part(*places[i]) || result != CLI_DONE)
            continue;
        if (list == NULL)
            result = cli_topic_list(cli, &list);
        if (result == CLI_DONE)
            result = choose(cli, list, places[i], args);
    }
    json_decref(list);
    return result;
}
