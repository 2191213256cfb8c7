/* SPDX-License-Identifier: MIT */
#include "http_burst.h"

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "http_call.h"

struct sender {
    CURLM *multi;
    struct curl_slist *headers;
    const char *socket;
    char *url;
    struct http_burst *burst;
    size_t n;
    size_t n_begun;
    int n_open;
};

static long
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t
drop_bytes(char *bytes, size_t size, size_t n, void *arg)
{
    (void)bytes;
    (void)arg;
    return n * size;
}

static void
begin(struct sender *sender)
{
    struct http_burst *it = &sender->burst[sender->n_begun++];
    CURL *curl = curl_easy_init();

    if (curl == NULL)
        fail_msg("out of memory");
    curl_easy_setopt(curl, CURLOPT_URL, sender->url);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, sender->socket);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, it->body);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, sender->headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_bytes);
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)HTTP_CALL_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, it);
    curl_multi_add_handle(sender->multi, curl);
    sender->n_open++;
}

static void
take_ended(struct sender *sender)
{
    CURLMsg *message;
    int n_left;

    while ((message = curl_multi_info_read(sender->multi, &n_left)) != NULL) {
        CURL *curl = message->easy_handle;
        struct http_burst *it = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(curl, CURLINFO_PRIVATE, &it);
        if (message->data.result == CURLE_OK)
            curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &it->status);
        curl_multi_remove_handle(sender->multi, curl);
        curl_easy_cleanup(curl);
        sender->n_open--;
    }
}

/* Until the next one is to be sent, or there is something to read. */
static void
run(struct sender *sender)
{
    long start = now_ms();

    while (sender->n_begun < sender->n || sender->n_open > 0) {
        long since = now_ms() - start, wait = HTTP_CALL_TIMEOUT_MS;
        int n_running;

        while (sender->n_begun < sender->n &&
               sender->n_open < HTTP_BURST_MAX_OPEN &&
               sender->burst[sender->n_begun].at_ms <= since)
            begin(sender);
        if (sender->n_begun < sender->n && sender->n_open < HTTP_BURST_MAX_OPEN)
            wait = sender->burst[sender->n_begun].at_ms - since;
        if (sender->n_open > 0 || wait < HTTP_CALL_TIMEOUT_MS)
            curl_multi_poll(sender->multi, NULL, 0, (int)wait, NULL);
        if (curl_multi_perform(sender->multi, &n_running) != CURLM_OK)
            fail_msg("curl gave up");
        take_ended(sender);
    }
}

void
http_burst_send(const char *socket, const char *path, struct http_burst *burst,
                size_t n)
{
    struct sender sender = {
        .multi = curl_multi_init(), .socket = socket, .burst = burst, .n = n};

    sender.headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (sender.multi == NULL || sender.headers == NULL ||
        asprintf(&sender.url, "http://rouse%s", path) < 0)
        fail_msg("out of memory");
    for (size_t i = 0; i < n; i++)
        burst[i].status = 0;
    run(&sender);
    curl_slist_free_all(sender.headers);
    curl_multi_cleanup(sender.multi);
    free(sender.url);
}
