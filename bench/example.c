/* SPDX-License-Identifier: MIT */

/* One push with librouse: example-send CERT.pem TOKEN MAGIC [HOST PORT CA] */

#include <ev.h>
#include <rouse/apns.h>
#include <stdio.h>
#include <stdlib.h>

static void
on_result(void *arg, const struct apns_result *result)
{
    printf("%s status=%u reason=%s apns-id=%s %.1f ms\n",
           apns_class_name(result->class_), result->status, result->reason,
           result->apns_id, result->latency_us / 1e3);
    ev_break(arg, EVBREAK_ALL);
}

int
main(int argc, char **argv)
{
    static char pem[APNS_MAX_PEM], detail[256];
    struct ev_loop *loop = ev_default_loop(0);
    struct apns_client *client = NULL;
    struct apns_config config;
    struct apns_cert cert;
    uint8_t token[APNS_MAX_TOKEN];
    struct apns_push push = {.token = token, .expires_unix = 0};
    FILE *file = argc > 3 ? fopen(argv[1], "r") : NULL;
    size_t len = file != NULL ? fread(pem, 1, sizeof pem, file) : 0;
    enum apns_err err = APNS_EINVAL;

    apns_config_init(&config);
    config.host = argc > 4 ? argv[4] : NULL;
    config.port = (uint16_t)(argc > 5 ? strtoul(argv[5], NULL, 10) : 443);
    config.ca_file = argc > 6 ? argv[6] : NULL;
    if (len > 0 &&
        (err = apns_token_read(argv[2], token, &push.token_len)) == APNS_OK &&
        (err = apns_client_new(loop, &config, &client)) == APNS_OK &&
        (err = apns_identity_put(client, pem, len, &cert, detail)) == APNS_OK) {
        push.topic = cert.topic;
        push.magic = argv[3];
        if ((err = apns_submit(client, &push, on_result, loop)) == APNS_OK)
            ev_run(loop, 0);
    }
    if (err != APNS_OK)
        fprintf(stderr, "%s %s\n", apns_err_text(err), detail);
    apns_client_free(client);
    return err != APNS_OK;
}
