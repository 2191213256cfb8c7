/* SPDX-License-Identifier: MIT */
#ifndef CLI_CMD_H
#define CLI_CMD_H

/*
 * The commands, one file per noun. ${args->words} are those behind the
 * command's own words; their number and the options have been checked against
 * the table in cli_commands.c.
 */

#include "cli.h"
#include "server/cli/lib/cli_options.h"

/* Each is `enum cli_exit NAME(struct cli *, const struct cli_args *)`. */
#define CMD(name) \
    enum cli_exit name(struct cli *cli, const struct cli_args *args)

CMD(cmd_status);
CMD(cmd_cert_list);
CMD(cmd_cert_show);
CMD(cmd_cert_request);
CMD(cmd_cert_requests);
CMD(cmd_cert_requests_remove);
CMD(cmd_cert_sign_request);
CMD(cmd_cert_vendor_put);
CMD(cmd_cert_vendor_show);
CMD(cmd_cert_vendor_remove);
CMD(cmd_cert_mdmcert_request);
CMD(cmd_cert_mdmcert_open);
CMD(cmd_cert_renew);
CMD(cmd_cert_check);
CMD(cmd_cert_import);
CMD(cmd_cert_test);
CMD(cmd_cert_history);
CMD(cmd_cert_revert);
CMD(cmd_cert_remove);
CMD(cmd_cert_export);
CMD(cmd_alerts);
CMD(cmd_group_list);
CMD(cmd_group_show);
CMD(cmd_group_put);
CMD(cmd_group_remove);
CMD(cmd_group_assign);
CMD(cmd_group_unassign);
CMD(cmd_group_export);
CMD(cmd_group_import);
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
CMD(cmd_key_rotate_master);
CMD(cmd_backup);
CMD(cmd_events);
CMD(cmd_complete);

#undef CMD

#endif /* CLI_CMD_H */
