/* SPDX-License-Identifier: MIT */
#ifndef API_SERVE_CERTIMPORT_H
#define API_SERVE_CERTIMPORT_H

#include "server/rouse.h"

/** serve_certimport_answer: how an import or a revert ended; ${arg} is the
 *  request. */
void serve_certimport_answer(void *arg, enum rouse_err err,
                             const struct rouse_cert_refusal *refusal,
                             const struct rouse_cert_import_answer *answer);

#endif /* API_SERVE_CERTIMPORT_H */
