/* SPDX-License-Identifier: MIT */
#include "store/names.h"

#include <string.h>

#include "store/backup/copy.h"
#include "store/core.h"
#include "store/secret/rotate.h"

static bool
fill(struct names *names, const struct store_options *options)
{
    const char *dir = options->dir;
    int longest = snprintf(names->part, PATH_MAX, "%s/rouse.db.part", dir);

    snprintf(names->db, PATH_MAX, "%s/rouse.db", dir);
    snprintf(names->wal, PATH_MAX, "%s/rouse.db-wal", dir);
    snprintf(names->copy, PATH_MAX, "%s/" COPY_SCRATCH, dir);
    if (options->master_key_file == NULL)
        snprintf(names->key, PATH_MAX, "%s/master.key", dir);
    else
        longest =
            snprintf(names->key, PATH_MAX, "%s", options->master_key_file);
    if (longest >= PATH_MAX - 16 || strlen(dir) >= PATH_MAX - 32)
        return false;
    return snprintf(names->fresh, PATH_MAX, "%s%s", names->key, ROTATE_FRESH) <
           PATH_MAX;
}

enum store_err
names_fill(struct names *names, const struct store_options *options, char *why)
{
    if (fill(names, options))
        return STORE_OK;
    snprintf(why, STORE_WHY_LEN, "the state directory's name is too long");
    return STORE_EDIR;
}
