/* SPDX-License-Identifier: MIT */

#include "cli_call.h"

#include <curl/curl.h>
#include <string.h>

#include "cli_json.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_trouble.h"

/*
 * curl_easy_setopt is variadic: the wrong type of an argument is silent.
 * These give each call the type that its option wants.
 */
#define SET_LONG(easy, option, value) \
    must(curl_easy_setopt(easy, option, (long)(value)) == CURLE_OK)
#define SET(easy, option, value) \
    must(curl_easy_setopt(easy, option, value) == CURLE_OK)

struct cli_call {
    CURL *easy;
    const struct cli_request *request; /* the one that runs */
    struct cli *cli;
    char *bytes; /* of the answer, gathered */
    size_t len;
    size_t size;
    bool is_too_large; /* the answer broke CLI_MAX_ANSWER */
    bool is_aborted;   /* on_read or on_write said so, and why */
};

static size_t
on_send(char *buffer, size_t size, size_t n, void *arg)
{
    struct cli_call *call = arg;
    size_t len = call->request->on_read(call->request->arg, buffer, size * n);

    if (len != CLI_CALL_ABORT)
        return len;
    call->is_aborted = true;
    return CURL_READFUNC_ABORT;
}

static bool
gather(struct cli_call *call, const char *bytes, size_t len)
{
    if (call->len + len > CLI_MAX_ANSWER) {
        call->is_too_large = true;
        return false;
    }
    if (call->len + len > call->size) {
        call->size = (call->len + len) * 2;
        call->bytes = realloc(call->bytes, call->size);
        must(call->bytes != NULL);
    }
    memcpy(call->bytes + call->len, bytes, len);
    call->len += len;
    return true;
}

static size_t
on_receive(char *bytes, size_t size, size_t n, void *arg)
{
    struct cli_call *call = arg;
    size_t len = size * n;
    long status = 0;

    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    /* an error's body is short JSON, also where a stream was asked for */
    if (call->request->on_write == NULL || status / 100 != 2)
        return gather(call, bytes, len) ? len : 0;
    if (call->request->on_write(call->request->arg, bytes, len))
        return len;
    call->is_aborted = true;
    return 0;
}

static struct cli_call *
open_call(struct cli *cli)
{
    struct cli_call *call = calloc(1, sizeof *call);

    must(call != NULL);
    must(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    call->easy = curl_easy_init();
    must(call->easy != NULL);
    call->cli = cli;
    return call;
}

void
cli_call_free(struct cli *cli)
{
    struct cli_call *call = cli->call;

    if (call == NULL)
        return;
    curl_easy_cleanup(call->easy);
    curl_global_cleanup();
    free(call->bytes);
    free(call);
    cli->call = NULL;
}

static struct curl_slist *
add_header(struct curl_slist *headers, const char *name, const char *value)
{
    size_t size = strlen(name) + strlen(value) + 3;
    char *line = malloc(size);

    must(line != NULL);
    snprintf(line, size, "%s: %s", name, value);
    headers = curl_slist_append(headers, line);
    must(headers != NULL);
    free(line);
    return headers;
}

static struct curl_slist *
make_headers(const struct cli *cli, const struct cli_request *request)
{
    /* no "Expect: 100-continue": it costs a round trip and helps nobody */
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");

    must(headers != NULL);
    if (request->content_type != NULL)
        headers = add_header(headers, "Content-Type", request->content_type);
    if (request->accept != NULL)
        headers = add_header(headers, "Accept", request->accept);
    if (cli->key != NULL) {
        char bearer[512];

        snprintf(bearer, sizeof bearer, "Bearer %s", cli->key);
        headers = add_header(headers, "Authorization", bearer);
    }
    return headers;
}

static void
set_target(struct cli_call *call, const struct cli_path *path)
{
    struct cli *cli = call->cli;
    const char *base = cli->url != NULL ? cli->url : "http://rouse";
    size_t base_len = strlen(base);
    size_t size = base_len + path->len + 1;
    char *url = malloc(size);

    must(url != NULL);
    while (base_len > 0 && base[base_len - 1] == '/')
        base_len--;
    snprintf(url, size, "%.*s%s", (int)base_len, base, path->text);
    SET(call->easy, CURLOPT_URL, url);
    free(url);
    if (cli->url == NULL) {
        SET(call->easy, CURLOPT_UNIX_SOCKET_PATH, cli->socket);
        SET(call->easy, CURLOPT_PROXY, "");
    }
    if (cli->ca_file != NULL)
        SET(call->easy, CURLOPT_CAINFO, cli->ca_file);
    SET(call->easy, CURLOPT_PROTOCOLS_STR, "http,https");
}

static void
set_body(struct cli_call *call, const struct cli_request *request)
{
    CURL *easy = call->easy;

    if (request->on_read != NULL) {
        SET_LONG(easy, CURLOPT_UPLOAD, 1);
        SET(easy, CURLOPT_READFUNCTION, on_send);
        SET(easy, CURLOPT_READDATA, call);
    } else if (request->content_type != NULL) {
        SET(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        SET(easy, CURLOPT_POSTFIELDS, request->body);
    }
    SET(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void
set_limits(struct cli_call *call, const struct cli_request *request)
{
    SET_LONG(call->easy, CURLOPT_CONNECTTIMEOUT, 10);
    if (request->on_read != NULL || request->on_write != NULL) {
        SET_LONG(call->easy, CURLOPT_LOW_SPEED_LIMIT, 1);
        SET_LONG(call->easy, CURLOPT_LOW_SPEED_TIME,
                 CLI_CALL_STALL_S + request->wait_s);
    } else if (request->is_quiet) {
        SET_LONG(call->easy, CURLOPT_TIMEOUT, CLI_CALL_PEEK_S);
    } else {
        SET_LONG(call->easy, CURLOPT_TIMEOUT,
                 CLI_CALL_TIMEOUT_S + request->wait_s);
    }
}

/* What curl itself could not do; the answer's status is another matter. */
static enum cli_exit
explain_curl(struct cli_call *call, CURLcode code)
{
    long sys_errno = 0;

    if (call->is_aborted)
        return CLI_FAILED; /* whoever aborted has said why */
    if (call->is_too_large)
        return cli_say_failed(call->cli, "the answer is larger than %d bytes",
                              CLI_MAX_ANSWER);
    curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &sys_errno);
    if (code == CURLE_COULDNT_CONNECT && call->cli->url == NULL)
        return cli_trouble_connect(call->cli, (int)sys_errno);
    return cli_say_failed(call->cli, "no answer from roused at %s: %s",
                          call->cli->url != NULL ? call->cli->url
                                                 : call->cli->socket,
                          curl_easy_strerror(code));
}

enum cli_exit
cli_call_run(struct cli *cli, const struct cli_request *request,
             struct cli_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    if (request->path->is_too_long)
        return cli_say_misuse(cli,
                              "the options are too long: a request's "
                              "path has at most %d bytes",
                              CLI_MAX_PATH);
    if (cli->call == NULL)
        cli->call = open_call(cli);

    struct cli_call *call = cli->call;
    struct curl_slist *headers = make_headers(cli, request);

    call->request = request;
    call->len = 0;
    call->is_too_large = false;
    call->is_aborted = false;
    curl_easy_reset(call->easy); /* keeps the connection */
    SET(call->easy, CURLOPT_HTTPHEADER, headers);
    SET(call->easy, CURLOPT_WRITEFUNCTION, on_receive);
    SET(call->easy, CURLOPT_WRITEDATA, call);
    set_target(call, request->path);
    set_body(call, request);
    set_limits(call, request);

    CURLcode code = curl_easy_perform(call->easy);

    curl_slist_free_all(headers);
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &answer->status);
    if (call->len > 0)
        answer->json = json_loadb(call->bytes, call->len,
                                  JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
    if (request->is_quiet)
        return code == CURLE_OK && answer->status / 100 == 2 ? CLI_DONE
                                                             : CLI_FAILED;
    /* a refused upload: the server's reason says more than a broken pipe */
    if (code != CURLE_OK && answer->status < 400)
        return explain_curl(call, code);
    if (answer->status / 100 == 2 ||
        (answer->status == 404 && request->is_quiet_404))
        return CLI_DONE;
    if (answer->status == 409 && request->is_quiet_409)
        return CLI_REFUSED;
    return cli_trouble_status(cli, answer->status, answer->json);
}

void
cli_call_answer_fini(struct cli_answer *answer)
{
    json_decref(answer->json);
    answer->json = NULL;
}

enum cli_exit
cli_call_send(struct cli *cli, const char *method, const struct cli_path *path,
              json_t *body, json_t **json)
{
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    struct cli_request request = {
        .method = method,
        .path = path,
        .content_type = text != NULL ? "application/json" : NULL,
        .body = text,
        .body_len = text != NULL ? strlen(text) : 0,
    };
    struct cli_answer answer;

    must((body != NULL) == (text != NULL));
    json_decref(body);

    enum cli_exit result = cli_call_run(cli, &request, &answer);

    free(text);
    if (result == CLI_DONE && json != NULL) {
        *json = answer.json;
        answer.json = NULL;
        if (*json == NULL)
            result =
                cli_say_failed(cli, "the answer is not JSON; is this roused?");
    }
    cli_call_answer_fini(&answer);
    return result;
}

enum cli_exit
cli_call_get(struct cli *cli, const struct cli_path *path, json_t **json)
{
    return cli_call_send(cli, "GET", path, NULL, json);
}

json_t *
cli_call_peek(struct cli *cli, const struct cli_path *path)
{
    struct cli_request request = {
        .method = "GET", .path = path, .is_quiet = true};
    struct cli_answer answer = {0};
    json_t *json = NULL;

    if (!path->is_too_long &&
        cli_call_run(cli, &request, &answer) == CLI_DONE) {
        json = answer.json;
        answer.json = NULL;
    }
    cli_call_answer_fini(&answer);
    return json;
}
