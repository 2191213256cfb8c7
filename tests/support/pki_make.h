/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_PKI_MAKE_H
#define ROUSE_TESTS_PKI_MAKE_H

/*
 * Throwaway certificates for a test, made by `rouse-sim pki`.
 */

/**
 * pki_make(program, dir, topic, fault):
 * Make, in ${dir}, the CA and the server's certificate unless they exist, and
 * a certificate and key for ${topic} (NULL: none). ${fault} is NULL or one
 * of rouse-sim's --fault words.
 *
 *   shape    program is SIM_PROC_PROGRAM
 *   owns     the caller free()s the answer
 *   returns  the path of the file with certificate and key, or of ca.pem when
 *            no topic was given
 */
char *pki_make(const char *program, const char *dir, const char *topic,
               const char *fault);

/** pki_make_days(program, dir, topic, fault, days): likewise, made anew and
 *  good for so many days; returns what is in the file, to free(). */
char *pki_make_days(const char *program, const char *dir, const char *topic,
                    const char *fault, int days);

#endif /* ROUSE_TESTS_PKI_MAKE_H */
