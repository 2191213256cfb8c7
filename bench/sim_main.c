/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <string.h>

#include "bench/base/args.h"
#include "bench/sim/fault/tell.h"
#include "bench/sim/pki/pki.h"
#include "sim/sim.h"

#define PROGRAM         "rouse-sim"
#define DEFAULT_STREAMS 1000 /* APNs' own, as observed */
#define DEFAULT_DAYS    365  /* of a push certificate, as Apple's */
#define MAX_FILE_NAME   4096
#define DEFAULT_SEED    1

static const char *
read_mode(void *into, const char *word)
{
    struct sim_config *config = into;

    config->mode = strcmp(word, "null") == 0 ? SIM_NULL : SIM_STRICT;
    if (config->mode == SIM_NULL || strcmp(word, "strict") == 0)
        return NULL;
    return "strict or null";
}

static const char *
read_tls(void *into, const char *word)
{
    struct sim_config *config = into;

    config->tls_version =
        strcmp(word, "1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
    if (config->tls_version == TLS1_2_VERSION || strcmp(word, "1.3") == 0)
        return NULL;
    return "1.2 or 1.3";
}

static const char *
read_listen(void *into, const char *address)
{
    struct sim_config *config = into;

    if (config->n_listen == SIM_MAX_LISTEN)
        return "given 16 times at most";
    config->listen[config->n_listen++] = address;
    return NULL;
}

/* The names of files in a PKI directory; they live as long as the program. */
static const char *
read_pki(void *into, const char *dir)
{
    static char paths[4][MAX_FILE_NAME];
    static const char *const names[4] = {"server.pem", "server.key", "ca.pem",
                                         "revoked.txt"};
    struct sim_config *config = into;

    for (int i = 0; i < 4; i++)
        if (snprintf(paths[i], MAX_FILE_NAME, "%s/%s", dir, names[i]) >=
            MAX_FILE_NAME)
            return "a shorter name";
    config->cert = paths[0];
    config->key = paths[1];
    config->client_ca = paths[2];
    config->revoked = paths[3];
    return NULL;
}

#define FIELD(field) ARGS_FIELD(struct sim_config, field)

static const struct args_row rows[] = {
    {"mode", "strict|null",
     "check like APNs and keep a ledger, or be as cheap as possible [strict]",
     .read = read_mode},
    {"listen", "ADDR", "address to listen on, up to 16 [127.0.0.1]",
     .read = read_listen},
    {"port", "N", "port on all of them; 0: any [0]", FIELD(port),
     .max = UINT16_MAX},
    {"pki", "DIR", "directory of certificates, see `rouse-sim pki`",
     .read = read_pki},
    {"cert", "FILE", "or: the server's certificate chain,", FIELD(cert)},
    {"key", "FILE", "its key,", FIELD(key)},
    {"client-ca", "FILE", "and the CA of clients' certificates",
     FIELD(client_ca)},
    {"script", "FILE", "directives to start with, see below", FIELD(script)},
    {"control", "SOCKET", "take directives on this unix socket",
     FIELD(control)},
    {"ledger", "FILE", "write the ledger here on exit", FIELD(ledger)},
    {"seed", "N", "random seed; same seed, same faults [1]", FIELD(seed),
     .max = UINT64_MAX},
    {"tls", "1.2|1.3", "use only this version", .read = read_tls},
    {"max-streams", "N", "MAX_CONCURRENT_STREAMS [1000]", FIELD(max_streams),
     .max = INT32_MAX},
    {"anonymous", NULL,
     "null mode: accept clients without a certificate (h2load)",
     FIELD(is_anonymous)},
    {"log", NULL, "log to stderr", FIELD(is_logging)},
};

static void
print_end(void)
{
    printf("\n%s\nExit codes: 0 success, 1 failed, 2 wrong usage.\n",
           directive_help());
}

static const struct args_table table = {
    .program = PROGRAM,
    .command = PROGRAM,
    .has_version = true,
    .width = 26,
    .usage = "Usage: rouse-sim --pki DIR [OPTION]...\n       rouse-sim pki DIR "
             "[--topic TOPIC]...   (see rouse-sim pki --help)\n       "
             "rouse-sim tell SOCKET DIRECTIVE...\nA strict and fast APNs "
             "simulator. It prints one line of JSON on stdout when it\nis "
             "ready, and exits cleanly on SIGTERM.\n",
    .print_end = print_end,
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
};

/* -1: go on; else the exit code. */
static int
read_options(struct sim_config *config, int argc, char **argv)
{
    int end, code = args_read(&table, config, argc, argv, &end);

    if (code >= 0)
        return code;
    if (end < argc)
        return args_refuse(PROGRAM, "the argument", argv[end],
                           "an option, `pki` or `tell`");
    if (config->cert == NULL || config->key == NULL ||
        config->client_ca == NULL) {
        fputs("rouse-sim: --pki DIR is missing (or --cert, --key and "
              "--client-ca);\n`rouse-sim pki DIR` makes one\n",
              stderr);
        return ARGS_EXIT_USAGE;
    }
    if (config->is_anonymous && config->mode != SIM_NULL)
        return args_refuse(PROGRAM, "--anonymous", "strict",
                           "with --mode null");
    if (config->n_listen == 0)
        config->listen[config->n_listen++] = "127.0.0.1";
    return -1;
}

static int
serve(const struct sim_config *config)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    struct sim *sim;

    if (loop == NULL) {
        fputs("rouse-sim: no event loop\n", stderr);
        return EXIT_FAILURE;
    }
    /* Writing to a connection that is gone is an error, not the end. */
    sigaction(SIGPIPE, &ignore, NULL);
    if ((sim = sim_new(loop, config)) == NULL)
        return EXIT_FAILURE;
    sim_print_ready(sim);
    ev_run(loop, 0);
    return sim_free(sim) ? EXIT_SUCCESS : EXIT_FAILURE;
}

/*
 * rouse-sim pki
 */

static const char *
read_topic(void *into, const char *topic)
{
    struct pki_order *order = into;

    if (!pki_topic_is_good(topic))
        return "com.apple.mgmt. and more letters, digits, - . _, 255 bytes at "
               "most";
    if (order->n_topics == PKI_MAX_TOPICS)
        return "given 64 times at most";
    order->topics[order->n_topics++] = topic;
    return NULL;
}

static const char *
read_fault(void *into, const char *word)
{
    struct pki_order *order = into;

    if (pki_fault_read(word, &order->fault))
        return NULL;
    return "a word of `rouse-sim pki --help`";
}

#define MORE "\n                             "

static const struct args_row pki_rows[] = {
    {"topic", "TOPIC", "create or renew DIR/TOPIC.pem", .read = read_topic},
    {"days", "N", "days of validity [365]", ARGS_FIELD(struct pki_order, days),
     .min = 1, .max = PKI_MAX_DAYS},
    {"fault", "WORD",
     "create DIR/WORD-TOPIC.pem with this fault: expired," MORE
     "not-yet-valid, no-uid, bad-uid, other-ca," MORE "key-mismatch, revoked",
     .read = read_fault},
    {"one-key", NULL, "use one key for all of them, which is faster",
     ARGS_FIELD(struct pki_order, is_one_key)},
};

static const struct args_table pki_table = {
    .program = PROGRAM,
    .command = PROGRAM " pki",
    .width = 26,
    .usage = "Usage: rouse-sim pki DIR [--topic TOPIC]... [OPTION]...\nMake a "
             "throwaway CA, a server's certificate, and push certificates in "
             "Apple's\nlayout. Existing files are kept; a topic's certificate "
             "is renewed.\n",
    .rows = pki_rows,
    .n_rows = sizeof pki_rows / sizeof pki_rows[0],
};

static int
run_pki(int argc, char **argv)
{
    struct pki_order order = {.days = DEFAULT_DAYS};
    int end, code = args_read(&pki_table, &order, argc, argv, &end);

    if (code >= 0)
        return code;
    if (end + 1 != argc) {
        fputs("rouse-sim: pki needs one DIR; try `rouse-sim pki --help`\n",
              stderr);
        return ARGS_EXIT_USAGE;
    }
    return pki_issue(argv[end], &order) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
run_tell(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        printf(
            "Usage: rouse-sim tell SOCKET DIRECTIVE...\nSend directives to a "
            "running rouse-sim; quote each for the shell, for example\n'every "
            "1000 goaway reason=Shutdown'. Prints the answer to each.\n\n%s",
            directive_help());
        return EXIT_SUCCESS;
    }
    if (argc < 3) {
        fputs("rouse-sim: tell needs a SOCKET, as given with --control, and "
              "a DIRECTIVE\nin one word: rouse-sim tell /tmp/sim.sock "
              "'max-streams 1'\n",
              stderr);
        return ARGS_EXIT_USAGE;
    }
    return tell_run(argv[1], argv + 2, (size_t)argc - 2);
}

int
main(int argc, char **argv)
{
    struct sim_config config = {.max_streams = DEFAULT_STREAMS,
                                .seed = DEFAULT_SEED};
    int code;

    if (argc > 1 && strcmp(argv[1], "pki") == 0)
        return run_pki(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "tell") == 0)
        return run_tell(argc - 1, argv + 1);
    code = read_options(&config, argc, argv);
    return code >= 0 ? code : serve(&config);
}
