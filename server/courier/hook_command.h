/* SPDX-License-Identifier: MIT */
#ifndef COURIER_HOOK_COMMAND_H
#define COURIER_HOOK_COMMAND_H

/*
 * Running the administrator's command with the message on its standard input,
 * one at a time. It is a process group of its own, with no descriptor of ours
 * but standard error, and is killed when it takes too long.
 */

#include <stdbool.h>

#include "server/courier/hook_post.h"

struct hook_command;

struct hook_command *hook_command_new(struct ev_loop *loop,
                                      const struct courier_config *config,
                                      hook_done_fn *on_done, void *arg);

/** hook_command_free(command): kills what runs, without on_done. */
void hook_command_free(struct hook_command *command);

/** hook_command_send(command, body): delivered when it exits with 0. False:
 *  it could not be started; on_done does not come. */
bool hook_command_send(struct hook_command *command, const char *body);

#endif /* COURIER_HOOK_COMMAND_H */
