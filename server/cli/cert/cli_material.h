/* SPDX-License-Identifier: MIT */
#ifndef CLI_MATERIAL_H
#define CLI_MATERIAL_H

/*
 * The administrator's files (certificates, keys, PKCS#12, whatever they are)
 * with the password that opens them: for certlife, and as JSON for roused.
 */

#include "server/certlife/certlife.h"
#include "server/cli/cli.h"

#define CLI_MATERIAL_ASKS 3 /* times that a password is asked for */

struct cli_material {
    struct certlife_file files[CERTLIFE_MAX_FILES];
    size_t n;
    char *password; /* NULL: none */
};

/**
 * cli_material_read(cli, words, n, password_file, material):
 * Read the ${n} files; "-" is the input stream. Failures are said.
 *
 *   shape    at most CERTLIFE_MAX_FILES of CERTLIFE_MAX_FILE bytes, and
 *            CLI_MAX_MATERIAL together
 *   owns     ${words} are borrowed; cli_material_fini it, also after failures
 */
enum cli_exit cli_material_read(struct cli *cli, const char *const *words,
                                size_t n, const char *password_file,
                                struct cli_material *material);
void cli_material_fini(struct cli_material *material);

/** cli_material_password(cli, material, password_file): it opens all of them;
 *  NULL: none. Failures are said. */
enum cli_exit cli_material_password(struct cli *cli,
                                    struct cli_material *material,
                                    const char *password_file);

/**
 * cli_material_check(cli, material, check):
 * certlife_check_make; where something in them is locked, ask for the
 * password, when there is somebody to ask, and say so when it was wrong.
 * Failures are said.
 *
 *   owns     certlife_check_free ${*check}
 */
enum cli_exit cli_material_check(struct cli *cli, struct cli_material *material,
                                 struct certlife_check **check);

/**
 * cli_material_body(material, len):
 * {"files":[{"name","content"}…],"password"} in a new string of ${*len}
 * bytes; cli_file_free it, for it may hold keys.
 */
char *cli_material_body(const struct cli_material *material, size_t *len);

/**
 * cli_material_secret(name, secret, len):
 * {"${name}":"${secret}"} as cli_material_body.
 */
char *cli_material_secret(const char *name, const char *secret, size_t *len);

#endif /* CLI_MATERIAL_H */
