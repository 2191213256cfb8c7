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

/* Each is `enum cli_exit NAME(struct cli *, const struct cli_args *)`. */
#define CMD(name) \
    enum cli_exit name(struct cli *cli, const struct cli_args *args)

CMD(cmd_status);
CMD(cmd_cert_import);
CMD(cmd_cert_list);
CMD(cmd_cert_show);
CMD(cmd_enrollment_list);
CMD(cmd_enrollment_show);
CMD(cmd_enrollment_import);
CMD(cmd_enrollment_export);
CMD(cmd_enrollment_remove);
CMD(cmd_checkin);
CMD(cmd_wake);
CMD(cmd_wave_list);
CMD(cmd_wave_show);
CMD(cmd_wave_cancel);
CMD(cmd_key_create);
CMD(cmd_key_list);
CMD(cmd_key_revoke);
CMD(cmd_events);

#undef CMD

#endif /* CLI_CMD_H */
