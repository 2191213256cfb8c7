/* SPDX-License-Identifier: MIT */
#ifndef COURIER_HOOK_POST_H
#define COURIER_HOOK_POST_H

/*
 * POST over HTTPS, one at a time, on the caller's loop (libcurl's multi
 * interface). No redirect is followed: an alert goes where it was meant to go.
 */

#include <stdbool.h>
#include <stddef.h>

struct ev_loop;
struct courier_config;
struct hook_post;

/** ${why} is "" when it was delivered, else says why not. */
typedef void hook_done_fn(void *arg, bool is_delivered, const char *why);

/**
 * hook_post_new(loop, config, on_done, arg):
 * ${config} is borrowed and outlives it.
 *
 *   returns  NULL when memory is out
 */
struct hook_post *hook_post_new(struct ev_loop *loop,
                                const struct courier_config *config,
                                hook_done_fn *on_done, void *arg);

/** hook_post_free(post): breaks off what is underway, without on_done. */
void hook_post_free(struct hook_post *post);

/**
 * hook_post_send(post, body):
 * A delivered one is answered 2xx within the timeout. ${body} is borrowed
 * until on_done, which comes later.
 *
 *   returns  false when it could not even begin; on_done does not come
 */
bool hook_post_send(struct hook_post *post, const char *body);

#endif /* COURIER_HOOK_POST_H */
