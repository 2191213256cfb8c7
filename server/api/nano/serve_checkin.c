/* SPDX-License-Identifier: MIT */

/*
 * /v1/checkin: the plist that a device sent to its MDM server, passed on.
 */

#include "server/api/api_private.h"
#include "server/api/json/json_out.h"
#include "server/api/query.h"
#include "server/api/request.h"
#include "server/api/routes.h"

static void
on_taken(void *arg, enum rouse_err err,
         const struct rouse_checkin_answer *answer)
{
    struct request *request = arg;

    if (err == ROUSE_EPLIST)
        request_fail(request, HTTP_BAD_REQUEST, "bad_plist", "%s",
                     answer->detail == NULL ? rouse_err_text(err)
                                            : answer->detail);
    else if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
    else
        request_json(request, HTTP_OK,
                     json_pack("{s:o, s:o, s:b, s:b, s:I}", "id",
                               json_out_text(answer->id), "message_type",
                               json_out_text(answer->message_type), "known",
                               (int)answer->is_known, "applied",
                               (int)answer->is_applied, "token_update_tally",
                               (json_int_t)answer->tally));
}

void
serve_checkin_take(struct request *request)
{
    struct rouse_checkin_about about = {0};
    enum rouse_err err;

    if (!query_flag(request, "replayed", &about.is_replayed))
        return;
    err = rouse_checkin(request->api->rouse, request->body, request->body_len,
                        &about, on_taken, request);

    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}
