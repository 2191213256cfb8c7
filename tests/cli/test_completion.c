/* SPDX-License-Identifier: MIT */

/*
 * The completion of bash, with the real command and a scripted server.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scripted_server.h"
#include "tests/support/unit.h"

#define MAX_TEXT 4096

/* What stands for the last of ${words}, a line each. */
static void
complete(const char *words, char *text)
{
    char command[1024];
    FILE *shell;
    size_t len;

    snprintf(command, sizeof command,
             "PATH='%s/server':$PATH bash -c \""
             "source '%s/deploy/completion/rouse.bash'; "
             "COMP_WORDS=(%s); COMP_CWORD=\\$((\\${#COMP_WORDS[@]} - 1)); "
             "_rouse; printf '%%s\\\\n' \\\"\\${COMPREPLY[@]}\\\"\" 2>&1",
             BUILD_DIR, SOURCE_DIR, words);
    shell = popen(command, "r");
    assert_non_null(shell);
    len = fread(text, 1, MAX_TEXT - 1, shell);
    text[len] = '\0';
    assert_int_equal(pclose(shell), 0);
}

static void
expect(const char *body, const char *words, const char *wanted)
{
    struct scripted_answer answer = {.status = 200, .body = body};
    struct scripted_server *server = scripted_server_start(&answer, 1);
    const struct scripted_request *requests;
    char text[MAX_TEXT];

    setenv("ROUSE_SOCKET", scripted_server_socket(server), 1);
    complete(words, text);
    assert_int_equal(scripted_server_finish(server, &requests), 1);
    scripted_server_free(server);
    assert_string_equal(text, wanted);
}

#define CERTS                                               \
    "{\"pushcerts\":[{\"topic\":\"com.apple.mgmt.aa-1\"},{" \
    "\"topic\":\"com.apple.mgmt.bb-1\"}]}"

TEST(topics_are_completed_whole_or_by_their_last_part)
{
    expect(CERTS, "rouse cert show ''",
           "com.apple.mgmt.aa-1\ncom.apple.mgmt.bb-1\n");
    expect(CERTS, "rouse wake --topic com.apple.mgmt.b",
           "com.apple.mgmt.bb-1\n");
    expect(CERTS, "rouse cert history aa", "com.apple.mgmt.aa-1\n");
}

TEST(groups_and_requests_are_completed)
{
    expect("{\"groups\":[{\"path\":\"k12\"},{\"path\":\"k12/a b\"}]}",
           "rouse group put k12/", "k12/a b\n");
    expect("{\"requests\":[{\"name\":\"push-1\"}]}",
           "rouse cert requests remove p", "push-1\n");
}

TEST(nothing_is_said_when_nobody_answers)
{
    char text[MAX_TEXT];

    setenv("ROUSE_SOCKET", "/nonexistent/sock", 1);
    complete("rouse cert show ''", text);
    assert_string_equal(text, "\n");
}
