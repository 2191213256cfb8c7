/* SPDX-License-Identifier: MIT */
#ifndef CLI_CMD_H
#define CLI_CMD_H

/*
 * The commands, one file per noun. ${args->words} are those behind the
 * command's own words; their number and the options have been checked against
 * the table in cli_main.c.
 */

#include "cli.h"
#include "cli_options.h"

typedef enum cli_exit cmd_fn(struct cli *cli, const struct cli_args *args);

cmd_fn cmd_status;
cmd_fn cmd_cert_import;
cmd_fn cmd_cert_list;
cmd_fn cmd_cert_show;
cmd_fn cmd_enrollment_list;
cmd_fn cmd_enrollment_show;
cmd_fn cmd_enrollment_import;
cmd_fn cmd_enrollment_export;
cmd_fn cmd_enrollment_remove;
cmd_fn cmd_checkin;
cmd_fn cmd_wake;
cmd_fn cmd_wave_list;
cmd_fn cmd_wave_show;
cmd_fn cmd_wave_cancel;
cmd_fn cmd_key_create;
cmd_fn cmd_key_list;
cmd_fn cmd_key_revoke;
cmd_fn cmd_events;

#endif /* CLI_CMD_H */
