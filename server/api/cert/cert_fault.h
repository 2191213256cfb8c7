/* SPDX-License-Identifier: MIT */
#ifndef API_CERT_FAULT_H
#define API_CERT_FAULT_H

#include <stddef.h>

#include "server/rouse.h"

/** cert_fault_text(answer, text, size): why an import was refused. */
void cert_fault_text(const struct rouse_import_answer *answer, char *text,
                     size_t size);

/** cert_fault_nano(answer, text, size): in NanoMDM's words where it has some,
 *  so that scripts which look for them go on to work. */
void cert_fault_nano(const struct rouse_import_answer *answer, char *text,
                     size_t size);

#endif /* API_CERT_FAULT_H */
