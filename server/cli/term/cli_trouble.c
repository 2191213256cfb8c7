/* SPDX-License-Identifier: MIT */

#include "cli_trouble.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "cli_say.h"
#include "server/cli/lib/cli_json.h"

#define MAX_GROUP 4096 /* bytes of a group with its members */

/*
 * The name of the group that may use ${path}: its own, or its folder's when
 * it is hidden. NULL when that cannot be known.
 */
static const char *
group_of(const char *path, char *text, size_t size)
{
    char folder[sizeof((struct sockaddr_un *)NULL)->sun_path];
    struct stat status;
    struct group group;
    struct group *found = NULL;
    size_t len = strlen(path);

    if (stat(path, &status) != 0) {
        while (len > 0 && path[len - 1] != '/')
            len--;
        if (len < 2 || len > sizeof folder)
            return NULL;
        memcpy(folder, path, len - 1);
        folder[len - 1] = '\0';
        if (stat(folder, &status) != 0)
            return NULL;
    }
    if (getgrgid_r(status.st_gid, &group, text, size, &found) != 0 ||
        found == NULL)
        return NULL;
    return group.gr_name;
}

enum cli_exit
cli_trouble_connect(struct cli *cli, int sys_errno)
{
    char text[MAX_GROUP];
    const char *group;

    if (sys_errno == EACCES || sys_errno == EPERM) {
        group = group_of(cli->socket, text, sizeof text);
        return cli_say_failed(
            cli,
            "no permission for socket %s: join its group (%s), or run this "
            "as the user that runs roused",
            cli->socket, group != NULL ? group : "see ls -l");
    }
    return cli_say_failed(
        cli,
        "is roused running? socket %s: %s; name another one with --socket "
        "or ROUSE_SOCKET",
        cli->socket,
        sys_errno != 0 ? strerrordesc_np(sys_errno) : "cannot connect");
}

static const char *
advice_for(long status)
{
    switch (status) {
    case 401:
        return "; give a key with ROUSE_KEY or --key (rouse key create makes "
               "one)";
    case 403:
        return "; use a key with the verb and topic for this (rouse key list)";
    case 429:
    case 503:
        return "; try again later";
    case 507:
        return "; free space on roused's disk";
    default:
        return "";
    }
}

/* The code of a refusal, for those who look it up. */
static const char *
code_of(const struct cli *cli, const json_t *json)
{
    return cli->is_verbose ? cli_json_text(json, "code") : "";
}

enum cli_exit
cli_trouble_status(struct cli *cli, long status, const json_t *json)
{
    const char *text = cli_json_text(json, "error");
    const char *code = code_of(cli, json);
    const char *open = code[0] != '\0' ? " (" : "";
    const char *close = code[0] != '\0' ? ")" : "";

    if (cli->is_json && !cli->is_answered && json_is_object(json))
        cli_json_print(cli, json);
    if (status == 409)
        return cli_say_refused(cli, "refused: %s%s%s%s",
                               text[0] != '\0' ? text : "409", open, code,
                               close);
    if (text[0] == '\0')
        return cli_say_failed(cli, "roused answered %ld%s", status,
                              advice_for(status));
    return cli_say_failed(cli, "%s%s%s%s%s", text, open, code, close,
                          advice_for(status));
}
