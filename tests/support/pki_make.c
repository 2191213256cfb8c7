/* SPDX-License-Identifier: MIT */
#include "pki_make.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include "child.h"
#include "temp_dir.h"

char *
pki_make(const char *program, const char *dir, const char *topic,
         const char *fault)
{
    const char *argv[8] = {program, "pki", dir};
    char *out, *err;
    int n = 3;

    if (topic != NULL) {
        argv[n++] = "--topic";
        argv[n++] = topic;
    }
    if (fault != NULL) {
        argv[n++] = "--fault";
        argv[n++] = fault;
    }
    if (child_run(argv, &out, &err) != 0)
        fail_msg("rouse-sim pki: %s", err);
    free(out);
    free(err);
    if (topic == NULL)
        return temp_dir_path(dir, "ca.pem");
    if (fault == NULL)
        return temp_dir_path(dir, "%s.pem", topic);
    return temp_dir_path(dir, "%s-%s.pem", fault, topic);
}
