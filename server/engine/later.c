/* SPDX-License-Identifier: MIT */
#include "server/engine/later.h"

#include <stddef.h>

void
later_run(struct laters *laters)
{
    struct laters now = STAILQ_HEAD_INITIALIZER(now);
    struct later *later;

    STAILQ_CONCAT(&now, laters);
    while ((later = STAILQ_FIRST(&now)) != NULL) {
        STAILQ_REMOVE_HEAD(&now, link);
        later->run(later);
    }
}
