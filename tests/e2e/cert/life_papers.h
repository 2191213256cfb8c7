/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_LIFE_PAPERS_H
#define ROUSE_TESTS_LIFE_PAPERS_H

/*
 * Whatever an administrator might have on the desk, right and wrong, and the
 * bodies of requests that bring it to the daemon.
 */

#include <stddef.h>

#include "life_stage.h"

#define LIFE_PAPERS_PASSWORD "sesame, open"

struct life_paper {
    char *bytes;
    size_t len;
};

/* X(which, name): one file each. */
#define LIFE_PAPERS(X)                                     \
    X(PUSH, "push.pem") /* of PAPER_TOPIC, without key */  \
    X(PUSH_KEY, "push.key")                                \
    X(LOCKED_KEY, "locked.key")    /* the same */          \
    X(LOCKED_PKCS12, "locked.p12") /* PUSH and PUSH_KEY */ \
    X(CSR, "request.csr")                                  \
    X(VENDOR, "vendor.pem")                                \
    X(VENDOR_KEY, "vendor.key")                            \
    X(WWDR, "wwdr.pem")                                    \
    X(ROOT, "root.pem")                                    \
    X(HTML, "page.html")                                   \
    X(EMPTY, "empty.pem")                                  \
    X(CUT, "cut.pem") /* half of PUSH */                   \
    X(NOISE, "noise.der")

enum life_paper_which {
#define X(which, name) LIFE_PAPER_##which,
    LIFE_PAPERS(X)
#undef X
    LIFE_PAPERS_N
};

struct life_papers {
    char *dir;
    struct life_paper paper[LIFE_PAPERS_N];
};

void life_papers_init(struct life_papers *papers);
void life_papers_fini(struct life_papers *papers);

/** life_papers_body(papers, set, password): {"files","password"} with those
 *  whose bit is set, to free(). ${password} may be NULL. */
char *life_papers_body(const struct life_papers *papers, unsigned set,
                       const char *password);

/** life_papers_send(stage, method, path, body, status, code): the answer, to
 *  json_decref(); an error has this code (NULL: none) and says a sentence. */
json_t *life_papers_send(struct life_stage *stage, const char *method,
                         const char *path, const char *body, long status,
                         const char *code);

#define LIFE_PAPER_BIT(which) (1U << LIFE_PAPER_##which)

/* A desk: all of these files, and a daemon to hand them to. */
struct life_desk {
    struct life_papers papers;
    struct life_stage *life;
};

/** life_papers_set_up, life_papers_tear_down: ${*state} is a struct
 *  life_desk. */
int life_papers_set_up(void **state);
int life_papers_tear_down(void **state);

#endif /* ROUSE_TESTS_LIFE_PAPERS_H */
