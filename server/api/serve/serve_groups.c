/* SPDX-License-Identifier: MIT */

/*
 * /v1/groups: the tree of groups, and who belongs to which.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/api/api_private.h"
#include "server/api/json/json_in.h"
#include "server/api/json/json_out.h"
#include "server/api/query.h"
#include "server/api/request.h"
#include "server/api/routes.h"

static json_t *
pack_group(const struct rouse_group *group)
{
    json_t *topic =
        group->topic[0] != '\0' ? json_out_text(group->topic) : json_null();
    json_t *effective = group->effective[0] != '\0'
                            ? json_out_text(group->effective)
                            : json_null();

    return json_pack("{s:o, s:o, s:o, s:s, s:I, s:I}", "path",
                     json_out_text(group->path), "topic", topic,
                     "effective_topic", effective, "permission",
                     rouse_permission_text(group->permission), "enrollments",
                     (json_int_t)group->n_enrollments, "mismatched",
                     (json_int_t)group->n_mismatched);
}

static void
fail(struct request *request, enum rouse_err err, const char *why)
{
    if (err == ROUSE_ENOTFOUND)
        request_fail(request, HTTP_NOT_FOUND, "not_found", "no group %s",
                     request->rest);
    else if (err == ROUSE_ECONFLICT)
        request_fail(request, HTTP_CONFLICT, "conflict", "%s", why);
    else
        request_fail_rouse(request, err, NULL);
}

/*
 * Whether ${path} can be a group's, or is "" for none, and this key may see
 * and change it: one limited to a group has nothing to do with what is beside
 * it.
 */
static bool
may_touch(struct request *request, const char *path)
{
    const char *flaw = path[0] != '\0' ? store_group_path_flaw(path) : NULL;

    if (flaw != NULL) {
        request_fail(request, HTTP_BAD_REQUEST, "invalid",
                     "the group's path %s", flaw);
        return false;
    }
    if (store_group_covers(request->caller.group, path))
        return true;
    request_fail(request, HTTP_FORBIDDEN, "forbidden",
                 "this key is limited to the group %s", request->caller.group);
    return false;
}

static void
on_list(void *arg, enum rouse_err err, const char *why,
        const struct rouse_group *groups, size_t n)
{
    struct request *request = arg;
    json_t *list;

    if (err != ROUSE_OK) {
        fail(request, err, why);
        return;
    }
    list = json_array();
    for (size_t i = 0; i < n; i++)
        json_out_append(&list, pack_group(&groups[i]));
    request_json(request, HTTP_OK, json_pack("{s:o}", "groups", list));
}

void
serve_groups_list(struct request *request)
{
    const char *under = request_query(request, "under");
    enum rouse_err err;

    if (under == NULL)
        under = request->caller.group;
    if (!may_touch(request, under))
        return;
    err = rouse_group_list(request->api->rouse, under, on_list, request);
    if (err != ROUSE_OK)
        fail(request, err, "");
}

static void
on_one(void *arg, enum rouse_err err, const char *why,
       const struct rouse_group *groups, size_t n)
{
    struct request *request = arg;

    if (err != ROUSE_OK || n == 0)
        fail(request, err, why);
    else
        request_json(request, HTTP_OK, pack_group(groups));
}

void
serve_groups_get(struct request *request)
{
    enum rouse_err err;

    if (!may_touch(request, request->rest))
        return;
    err = rouse_group_get(request->api->rouse, request->rest, on_one, request);
    if (err != ROUSE_OK)
        fail(request, err, "");
}

static void
put(struct request *request, struct json_in *in, struct rouse_group *group)
{
    const char *word = json_in_string(in, "permission", 16);
    char actor[AUTH_NAME_SIZE];
    enum rouse_err err;

    group->topic = json_in_string(in, "topic", STORE_MAX_TOPIC);
    json_in_name(in, "path", group->path);
    json_in_name(in, "topic", group->topic);
    if (word != NULL && !rouse_permission_read(word, &group->permission))
        json_in_fail(in, "permission must be \"inherit\", \"override\" or "
                         "\"either\"");
    if (!json_in_end(in)) {
        request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", in->why);
        return;
    }
    if (!may_touch(request, group->path))
        return;
    request_actor(request, actor);
    err = rouse_group_put(request->api->rouse, group, actor, on_one, request);
    if (err != ROUSE_OK)
        fail(request, err, "");
}

void
serve_groups_put(struct request *request)
{
    struct rouse_group group = {.path = request->rest};
    json_t *json = request_load_json(request);
    struct json_in in;

    if (json == NULL)
        return;
    json_in_begin(&in, json);
    put(request, &in, &group);
    json_decref(json);
}

/* What is absent stays; null takes the topic away. */
void
serve_groups_patch(struct request *request)
{
    struct rouse_group group = {.path = request->rest};
    json_t *json = request_load_json(request);
    struct json_in in;

    if (json == NULL)
        return;
    group.keeps_topic = json_object_get(json, "topic") == NULL;
    group.keeps_permission = json_object_get(json, "permission") == NULL;
    json_in_begin(&in, json);
    put(request, &in, &group);
    json_decref(json);
}

void
serve_groups_create(struct request *request)
{
    struct rouse_group group = {0};
    json_t *json = request_load_json(request);
    struct json_in in;

    if (json == NULL)
        return;
    json_in_begin(&in, json);
    group.path = json_in_need(&in, "path", ROUSE_GROUP_MAX_PATH);
    if (group.path == NULL)
        group.path = "";
    put(request, &in, &group);
    json_decref(json);
}

static void
on_deleted(void *arg, enum rouse_err err, const char *why,
           const struct rouse_group *groups, size_t n)
{
    struct request *request = arg;

    (void)groups;
    (void)n;
    if (err != ROUSE_OK)
        fail(request, err, why);
    else
        request_empty(request, HTTP_NO_CONTENT);
}

void
serve_groups_delete(struct request *request)
{
    char actor[AUTH_NAME_SIZE];
    enum rouse_err err;

    if (!may_touch(request, request->rest))
        return;
    request_actor(request, actor);
    err = rouse_group_delete(request->api->rouse, request->rest, actor,
                             on_deleted, request);
    if (err != ROUSE_OK)
        fail(request, err, "");
}

/*
 * PUT /v1/enrollments/{id}/group
 */

struct assignment {
    struct request *request;
    char id[STORE_MAX_ID + 1];
    char path[ROUSE_GROUP_MAX_PATH + 1]; /* "": to none */
};

static void
on_assigned(void *arg, enum rouse_err err)
{
    struct assignment *it = arg;
    struct request *request = it->request;

    if (err == ROUSE_ENOTFOUND)
        request_fail(request, HTTP_NOT_FOUND, "not_found", "no enrollment %s",
                     it->id);
    else if (err == ROUSE_ECONFLICT)
        request_fail(request, HTTP_CONFLICT, "conflict",
                     "there is no group %s; create it first", it->path);
    else if (err != ROUSE_OK)
        fail(request, err, "");
    else
        request_empty(request, HTTP_NO_CONTENT);
}

static bool
read_assignment(struct request *request, struct assignment *it)
{
    json_t *json = request_load_json(request);
    const char *path;
    struct json_in in;

    if (json == NULL)
        return false;
    json_in_begin(&in, json);
    path = json_in_string(&in, "path", ROUSE_GROUP_MAX_PATH);
    if (strlen(request->rest) > STORE_MAX_ID)
        json_in_fail(&in, "id is longer than %d bytes", STORE_MAX_ID);
    if (!json_in_end(&in)) {
        request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", in.why);
        json_decref(json);
        return false;
    }
    snprintf(it->id, sizeof it->id, "%s", request->rest);
    snprintf(it->path, sizeof it->path, "%s", path != NULL ? path : "");
    json_decref(json);
    return may_touch(request, it->path);
}

void
serve_groups_assign(struct request *request)
{
    struct assignment *it = calloc(1, sizeof *it);
    struct rouse_scope scope;
    enum rouse_err err;

    if (it == NULL) {
        request_fail_rouse(request, ROUSE_ENOMEM, NULL);
        return;
    }
    it->request = request;
    request_keep(request, it, free);
    if (!read_assignment(request, it))
        return;
    scope = (struct rouse_scope){request->caller.topic, request->caller.group};
    err = rouse_group_assign(request->api->rouse, it->id, it->path, &scope,
                             on_assigned, it);
    if (err != ROUSE_OK)
        fail(request, err, "");
}
