/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_FINDINGS_H
#define ROUSE_FINDINGS_H

/* What the objects of a check mean together: what fits, what is missing. */

#include "server/certlife/certlife.h"

/** findings_fill(check, files, known, now_unix): from its objects. */
void findings_fill(struct certlife_check *check,
                   const struct certlife_file *files,
                   const struct certlife_known *known, int64_t now_unix);

#endif /* ROUSE_FINDINGS_H */
