/* SPDX-License-Identifier: MIT */
#ifndef TEST_TRANSCRIPT_H
#define TEST_TRANSCRIPT_H

/*
 * Sessions of the rouse command as text: what is typed, what the server
 * answers, and all that is then to be read, as it would stand in a log. A
 * file is a list of such lines:
 *
 *   # …                     a comment
 *   % width 80              from here on; % width 0: no terminal
 *   % asking, % alone       a person can be asked, or not
 *   % colored, % plain      escape sequences, shown as "\e"
 *   @text NAME TEXT         a file in the current folder; "\n" is a line end
 *   @push NAME DAYS         … with a push certificate that lasts so long
 *   @key NAME [PASSWORD]    … with its key
 *   < GET /v1/x => 200 {…}  the next answer, and the request that it is for;
 *                           with a body behind the path that is compared too
 *   > y                     a line of input
 *   $ rouse WORD…           runs it; '…' holds blanks together
 *   …                       what it is to write, up to one of the above
 *   [3]                     … and its exit code, unless it is 0
 */

/** transcript_play(path): fails the test at the first line that differs. */
void transcript_play(const char *path);

#endif /* TEST_TRANSCRIPT_H */
