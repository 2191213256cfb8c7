/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/args.h"
#include "harness/bench_options.h"
#include "harness/workload.h"

static void
print_help(void)
{
    puts("Usage: rouse-bench WORKLOAD [OPTION]...\n"
         "Measure an APNs sender against a simulator that it starts.\n");
    workload_print_help();
    putchar('\n');
    bench_options_print_help();
    puts("\nExit codes: 0 measured, 1 failed or not all accepted, 2 usage.");
}

int
main(int argc, char **argv)
{
    /* Static: the histogram is too large for a stack. */
    static struct result result;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    const struct workload *workload;
    struct bench_options options;
    int code;

    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        print_help();
        return argc < 2 ? ARGS_EXIT_USAGE : EXIT_SUCCESS;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("rouse-bench " ROUSE_VERSION);
        return EXIT_SUCCESS;
    }
    if ((workload = workload_find(argv[1])) == NULL) {
        fprintf(
            stderr,
            "rouse-bench: unknown workload `%s`; try `rouse-bench --help`\n",
            argv[1]);
        return ARGS_EXIT_USAGE;
    }
    code = bench_options_read(&options, argc - 1, argv + 1);
    if (code >= 0)
        return code;
    if (workload->is_own_sim && options.host != NULL) {
        fprintf(stderr,
                "rouse-bench: %s starts a roused and a simulator of its own; "
                "--host is for send\n",
                workload->name);
        return ARGS_EXIT_USAGE;
    }
    if (options.duration_s > 0 && !workload->has_duration) {
        fprintf(stderr, "rouse-bench: %s is measured by --number alone\n",
                workload->name);
        return ARGS_EXIT_USAGE;
    }
    if (options.number == 0)
        options.number = workload->number;
    sigaction(SIGPIPE, &ignore, NULL);
    result.workload = workload->name;
    if (!workload->run(&options, &result))
        return EXIT_FAILURE;
    result_print(&result, &options);
    return result.n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
