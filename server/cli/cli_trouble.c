/* SPDX-License-Identifier: MIT */

#include "cli_trouble.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "cli_json.h"
#include "cli_say.h"

/* The group that may use ${path}: its own, or its folder's when hidden. */
static const char *
group_of(const char *path)
{
    char folder[sizeof((struct sockaddr_un *)NULL)->sun_path];
    struct stat status;
    const struct group *group;
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
    group = getgrgid(status.st_gid);
    return group != NULL ? group->gr_name : NULL;
}

enum cli_exit
cli_trouble_connect(struct cli *cli, int sys_errno)
{
    const char *group;

    if (sys_errno == EACCES || sys_errno == EPERM) {
        group = group_of(cli->socket);
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
        cli->socket, sys_errno != 0 ? strerror(sys_errno) : "cannot connect");
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
        return "; make room on roused's disk";
    default:
        return "";
    }
}

enum cli_exit
cli_trouble_status(struct cli *cli, long status, const json_t *json)
{
    const char *text = cli_json_text(json, "error");
    const char *code = cli_json_text(json, "code");

    if (status == 409)
        return cli_say_refused(
            cli, "refused: %s%s%s%s", text[0] != '\0' ? text : "409",
            code[0] != '\0' ? " (" : "", code, code[0] != '\0' ? ")" : "");
    if (text[0] == '\0')
        return cli_say_failed(cli, "roused answered %ld%s", status,
                              advice_for(status));
    return cli_say_failed(cli, "%s%s%s%s%s", text, code[0] != '\0' ? " (" : "",
                          code, code[0] != '\0' ? ")" : "", advice_for(status));
}
