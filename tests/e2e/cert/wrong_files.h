/* SPDX-License-Identifier: MIT */
#ifndef E2E_WRONG_FILES_H
#define E2E_WRONG_FILES_H

/*
 * What administrators bring instead of the certificate that Apple gave them:
 * files of a made-up Apple in a folder. Serial numbers and all spans of time
 * are fixed; keys, fingerprints and dates are not.
 */

/** wrong_files_write(dir, topic): the files named in wrong_files.c. */
void wrong_files_write(const char *dir, const char *topic);

#endif /* E2E_WRONG_FILES_H */
