/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <signal.h>
#include <string.h>

#include "apns/base/number.h"
#include "bench/sim/fault/tell.h"
#include "bench/sim/pki/pki.h"
#include "sim/sim.h"

#define EXIT_USAGE      2
#define DEFAULT_STREAMS 1000 /* APNs' own, as observed */
#define DEFAULT_DAYS    365  /* of a push certificate, as Apple's */
#define MAX_FILE_NAME   4096
#define DEFAULT_SEED    1

/*
 * One table makes the parser and the help. X(letter, long name, argument or
 * NULL, help)
 */
#define OPTIONS(X)                                                           \
    X('m', "mode", "strict|null",                                            \
      "check as APNs does and keep a ledger, or be as cheap as can be "      \
      "[strict]")                                                            \
    X('l', "listen", "ADDR", "address to listen on, up to 16 [127.0.0.1]")   \
    X('p', "port", "N", "port on all of them; 0: any [0]")                   \
    X('P', "pki", "DIR", "take certificates from here, see `rouse-sim pki`") \
    X('c', "cert", "FILE", "else: the server's certificate chain,")          \
    X('k', "key", "FILE", "its key,")                                        \
    X('C', "client-ca", "FILE", "and who signs clients' certificates")       \
    X('s', "script", "FILE", "directives to start with, see below")          \
    X('x', "control", "SOCKET", "take directives on this unix socket")       \
    X('L', "ledger", "FILE", "write the ledger here when ended")             \
    X('r', "seed", "N", "of all chance; same seed, same faults [1]")         \
    X('t', "tls", "1.2|1.3", "speak this version only")                      \
    X('n', "max-streams", "N", "MAX_CONCURRENT_STREAMS [1000]")              \
    X('a', "anonymous", NULL,                                                \
      "null mode: take clients without a certificate (h2load)")              \
    X('v', "log", NULL, "a line on stderr for what happens")                 \
    X('h', "help", NULL, "this text")                                        \
    X('V', "version", NULL, "the version")

#define PKI_OPTIONS(X)                                                        \
    X('T', "topic", "TOPIC", "make DIR/TOPIC.pem, anew if it is there")       \
    X('d', "days", "N", "how long it is good [365]")                          \
    X('f', "fault", "WORD",                                                   \
      "make DIR/WORD-TOPIC.pem with this fault: "                             \
      "expired,\n                             "                               \
      "not-yet-valid, no-uid, bad-uid, other-ca,\n"                           \
      "                             "                                         \
      "key-mismatch, revoked")                                                \
    X('k', "one-key", NULL, "let all of them share one key, which is faster") \
    X('h', "help", NULL, "this text")

static void
print_option(const char *name, const char *argument, const char *help)
{
    char left[32];

    snprintf(left, sizeof left, "--%s %s", name,
             argument != NULL ? argument : "");
    printf("  %-26s %s\n", left, help);
}

static void
print_pki_help(void)
{
    puts("Usage: rouse-sim pki DIR [--topic TOPIC]... [OPTION]...\n"
         "Make a throwaway CA, a server's certificate, and push "
         "certificates in Apple's\nlayout. What DIR has already is kept; a "
         "topic's certificate is renewed.\n");
#define X(letter, name, argument, help) print_option(name, argument, help);
    PKI_OPTIONS(X)
#undef X
}

static void
print_help(void)
{
    puts("Usage: rouse-sim --pki DIR [OPTION]...\n"
         "       rouse-sim pki DIR [--topic TOPIC]...   (see rouse-sim pki "
         "--help)\n"
         "       rouse-sim tell SOCKET DIRECTIVE...\n"
         "A strict and fast stand-in for APNs. It says in one line of JSON on "
         "stdout when\nit is ready, and ends well on SIGTERM.\n");
#define X(letter, name, argument, help) print_option(name, argument, help);
    OPTIONS(X)
#undef X
    printf("\n%s", directive_help());
    puts("\nExit codes: 0 ended well, 1 failed, 2 wrong usage.");
}

static int
refuse(const char *option, const char *value, const char *need)
{
    fprintf(stderr, "rouse-sim: %s `%s`: must be %s\n", option, value, need);
    return EXIT_USAGE;
}

static int
set_mode(struct sim_config *config, const char *word)
{
    if (strcmp(word, "strict") == 0)
        config->mode = SIM_STRICT;
    else if (strcmp(word, "null") == 0)
        config->mode = SIM_NULL;
    else
        return refuse("--mode", word, "strict or null");
    return 0;
}

static int
set_tls(struct sim_config *config, const char *word)
{
    if (strcmp(word, "1.2") == 0)
        config->tls_version = TLS1_2_VERSION;
    else if (strcmp(word, "1.3") == 0)
        config->tls_version = TLS1_3_VERSION;
    else
        return refuse("--tls", word, "1.2 or 1.3");
    return 0;
}

/* The names of files in a PKI directory; they live as long as the program. */
static int
set_pki(struct sim_config *config, const char *dir)
{
    static char paths[4][MAX_FILE_NAME];
    static const char *const names[4] = {"server.pem", "server.key", "ca.pem",
                                         "revoked.txt"};

    for (int i = 0; i < 4; i++)
        if (snprintf(paths[i], MAX_FILE_NAME, "%s/%s", dir, names[i]) >=
            MAX_FILE_NAME)
            return refuse("--pki", dir, "a shorter name");
    config->cert = paths[0];
    config->key = paths[1];
    config->client_ca = paths[2];
    config->revoked = paths[3];
    return 0;
}

static int
set_number(struct sim_config *config, int letter, const char *text)
{
    uint64_t number;

    switch (letter) {
    case 'p':
        if (!number_read(text, 0, UINT16_MAX, &number))
            return refuse("--port", text, "0 to 65535");
        config->port = (uint16_t)number;
        return 0;
    case 'n':
        if (!number_read(text, 0, INT32_MAX, &number))
            return refuse("--max-streams", text, "0 to 2147483647");
        config->max_streams = (uint32_t)number;
        return 0;
    default:
        if (!number_read(text, 0, UINT64_MAX, &number))
            return refuse("--seed", text, "a number");
        config->seed = number;
        return 0;
    }
}

static int
set_option(struct sim_config *config, int letter, const char *value)
{
    switch (letter) {
    case 'm':
        return set_mode(config, value);
    case 'l':
        if (config->n_listen == SIM_MAX_LISTEN)
            return refuse("--listen", value, "given 16 times at most");
        config->listen[config->n_listen++] = value;
        return 0;
    case 'P':
        return set_pki(config, value);
    case 'c':
        config->cert = value;
        return 0;
    case 'k':
        config->key = value;
        return 0;
    case 'C':
        config->client_ca = value;
        return 0;
    case 's':
        config->script = value;
        return 0;
    case 'x':
        config->control = value;
        return 0;
    case 'L':
        config->ledger = value;
        return 0;
    case 't':
        return set_tls(config, value);
    case 'a':
        config->is_anonymous = true;
        return 0;
    case 'v':
        config->is_logging = true;
        return 0;
    case '?':
        fputs("Try `rouse-sim --help`.\n", stderr);
        return EXIT_USAGE;
    default:
        return set_number(config, letter, value);
    }
}

/* -1: go on; else the exit code. */
static int
read_options(struct sim_config *config, int argc, char **argv)
{
    static const struct option options[] = {
#define X(letter, name, argument, help) \
    {name, (argument) != NULL ? required_argument : no_argument, NULL, letter},
        OPTIONS(X)
#undef X
            {NULL, 0, NULL, 0}};
    int letter, code;

    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (letter == 'h') {
            print_help();
            return EXIT_SUCCESS;
        }
        if (letter == 'V') {
            puts("rouse-sim " ROUSE_VERSION);
            return EXIT_SUCCESS;
        }
        if ((code = set_option(config, letter, optarg)) != 0)
            return code;
    }
    if (optind < argc)
        return refuse("the argument", argv[optind],
                      "an option, `pki` or `tell`");
    if (config->cert == NULL || config->key == NULL ||
        config->client_ca == NULL) {
        fputs("rouse-sim: --pki DIR is missing (or --cert, --key and "
              "--client-ca);\n`rouse-sim pki DIR` makes one\n",
              stderr);
        return EXIT_USAGE;
    }
    if (config->is_anonymous && config->mode != SIM_NULL)
        return refuse("--anonymous", "strict", "with --mode null");
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

static int
set_pki_option(struct pki_order *order, int letter, const char *value)
{
    uint64_t number;

    switch (letter) {
    case 'T':
        if (!pki_topic_is_good(value))
            return refuse("--topic", value,
                          "com.apple.mgmt. and more letters, digits, - . _, "
                          "255 bytes at most");
        if (order->n_topics == PKI_MAX_TOPICS)
            return refuse("--topic", value, "given 64 times at most");
        order->topics[order->n_topics++] = value;
        return 0;
    case 'd':
        if (!number_read(value, 1, PKI_MAX_DAYS, &number))
            return refuse("--days", value, "1 to 36500");
        order->days = (int)number;
        return 0;
    case 'f':
        if (!pki_fault_read(value, &order->fault))
            return refuse("--fault", value, "a word of `rouse-sim pki --help`");
        return 0;
    case 'k':
        order->is_one_key = true;
        return 0;
    default:
        fputs("Try `rouse-sim pki --help`.\n", stderr);
        return EXIT_USAGE;
    }
}

static int
run_pki(int argc, char **argv)
{
    static const struct option options[] = {
#define X(letter, name, argument, help) \
    {name, (argument) != NULL ? required_argument : no_argument, NULL, letter},
        PKI_OPTIONS(X)
#undef X
            {NULL, 0, NULL, 0}};
    struct pki_order order = {.days = DEFAULT_DAYS};
    int letter, code;

    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (letter == 'h') {
            print_pki_help();
            return EXIT_SUCCESS;
        }
        if ((code = set_pki_option(&order, letter, optarg)) != 0)
            return code;
    }
    if (optind + 1 != argc) {
        fputs("rouse-sim: pki needs one DIR; try `rouse-sim pki --help`\n",
              stderr);
        return EXIT_USAGE;
    }
    return pki_issue(argv[optind], &order) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
run_tell(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        printf("Usage: rouse-sim tell SOCKET DIRECTIVE...\n"
               "Tell a running rouse-sim what to do: each DIRECTIVE is one "
               "word of the shell,\nas 'every 1000 goaway reason=Shutdown'. "
               "Prints an answer for each.\n\n%s",
               directive_help());
        return EXIT_SUCCESS;
    }
    if (argc < 3) {
        fputs("rouse-sim: tell needs a SOCKET, as given with --control, and "
              "a DIRECTIVE\nin one word: rouse-sim tell /tmp/sim.sock "
              "'max-streams 1'\n",
              stderr);
        return EXIT_USAGE;
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
