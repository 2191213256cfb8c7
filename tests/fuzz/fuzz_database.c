/* SPDX-License-Identifier: MIT */
#include <ev.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apns/base/must.h"
#include "store/store.h"

/*
 * A sound database with some bytes changed: it is refused or it works, and
 * nothing in it brings the process down. The input is a list of changes: three
 * bytes of offset, one of length, and as many bytes.
 */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

#define TOPIC "com.apple.mgmt.External.fuzz"

static struct {
    char dir[64];
    char path[96];
    struct ev_loop *loop;
    uint8_t *sound; /* the bytes of the sound one */
    size_t len;
} bed;

static void
on_claimed(void *arg, enum store_err err, struct store_batch *batch,
           bool is_more)
{
    (void)arg;
    (void)err;
    (void)is_more;
    store_batch_free(batch);
}

static void
on_asked(void *arg, enum store_err err, const struct store_wake_answer *answers,
         size_t n, struct store_batch *batch)
{
    (void)arg;
    (void)err;
    (void)answers;
    (void)n;
    store_batch_free(batch);
}

static enum store_err
open_store(struct store **store)
{
    struct store_options options = {.dir = bed.dir};
    char why[256];
    enum store_err err = store_open(bed.loop, &options, store, why);

    must((err == STORE_OK) == (why[0] == '\0'));
    return err;
}

static struct store_enrollment
make_enrollment(const char *id)
{
    return (struct store_enrollment){.id = id,
                                     .parent = "",
                                     .serial = "C02",
                                     .topic = TOPIC,
                                     .token = (const uint8_t *)"token",
                                     .token_len = 5,
                                     .magic = "magic",
                                     .token_at_ms = 1,
                                     .seen_at_ms = 1};
}

static void
fill(struct store *store)
{
    struct store_enrollment two[] = {make_enrollment("a"),
                                     make_enrollment("b")};
    struct store_identity cert = {.topic = TOPIC,
                                  .cert_pem = "CERT",
                                  .key_pem = "KEY",
                                  .sha256 = "aa",
                                  .imported_by = "fuzz"};
    struct store_key key = {.name = "k", .hash = {1}, .topic = ""};
    struct store_event event = {.kind = "k"};
    struct store_wake_terms terms = {.deadline_ms = INT64_MAX / 2};
    struct store_wave wave = {.deadline_ms = INT64_MAX / 2, .asked_by = ""};
    const char *id = "a";

    must(store_enrollment_put(store, two, 2, NULL, NULL) == STORE_OK);
    must(store_identity_put(store, &cert, NULL, NULL) == STORE_OK);
    must(store_key_put(store, &key, NULL, NULL) == STORE_OK);
    must(store_event_add(store, &event, NULL, NULL) == STORE_OK);
    must(store_wake_ask(store, &id, 1, &terms, on_asked, NULL) == STORE_OK);
    must(store_wave_ask(store, &wave, NULL, NULL) == STORE_OK);
}

/* What it all comes to is no matter: errors are answers. */
static void
use(struct store *store)
{
    struct store_filter all = {0};
    struct store_enrollment fresh = make_enrollment("c");
    struct store_checkin checkin = {.type = STORE_CHECKIN_TOKEN_UPDATE,
                                    .at_ms = 2,
                                    .id = "b",
                                    .parent = "",
                                    .serial = "",
                                    .topic = TOPIC,
                                    .token = (const uint8_t *)"other",
                                    .token_len = 5,
                                    .magic = "m"};
    const char *ids[] = {"a", "b", "c"};

    (void)!store_enrollment_list(store, &all, 0, 100, NULL, NULL);
    (void)!store_enrollment_get(store, ids, 3, NULL, NULL);
    (void)!store_identity_list(store, NULL, true, NULL, NULL);
    (void)!store_identity_history(store, NULL, NULL, NULL);
    (void)!store_key_list(store, false, 0, 100, NULL, NULL);
    (void)!store_event_list(store, 0, 100, NULL, NULL);
    (void)!store_wave_list(store, false, 0, 100, NULL, NULL);
    (void)!store_alert_list(store, false, 100, NULL, NULL);
    (void)!store_csr_list(store, NULL, true, NULL, NULL);
    (void)!store_vendor_get(store, true, NULL, NULL);
    (void)!store_wake_claim(store, INT64_MAX / 4, NULL, 0, 100, on_claimed,
                            NULL);
    (void)!store_checkin(store, &checkin, NULL, NULL);
    (void)!store_enrollment_put(store, &fresh, 1, NULL, NULL);
    (void)!store_enrollment_delete(store, ids, 3, NULL, NULL, NULL);
    (void)!store_key_revoke(store, 1, NULL, NULL);
    (void)!store_stats_get(store, NULL, NULL);
}

static void
read_sound(void)
{
    struct stat status;
    int fd = open(bed.path, O_RDONLY | O_CLOEXEC);

    must(fd >= 0 && fstat(fd, &status) == 0);
    bed.len = (size_t)status.st_size;
    bed.sound = malloc(bed.len);
    must(bed.sound != NULL);
    must(read(fd, bed.sound, bed.len) == (ssize_t)bed.len);
    close(fd);
}

static void
remove_bed(void)
{
    static const char *const names[] = {"rouse.db", "rouse.db-wal",
                                        "master.key", "lock"};
    char path[96];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", bed.dir, names[i]);
        unlink(path);
    }
    rmdir(bed.dir);
    free(bed.sound);
    ev_loop_destroy(bed.loop);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct store *store;

    (void)argc;
    (void)argv;
    snprintf(bed.dir, sizeof bed.dir, "%s/rouse-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    must(mkdtemp(bed.dir) != NULL);
    snprintf(bed.path, sizeof bed.path, "%s/rouse.db", bed.dir);
    bed.loop = ev_loop_new(EVFLAG_AUTO);
    must(bed.loop != NULL && open_store(&store) == STORE_OK);
    fill(store);
    store_close(store); /* which moves the log into the database */
    read_sound();
    atexit(remove_bed);
    return 0;
}

static void
write_changed(const uint8_t *input, size_t len)
{
    uint8_t *bytes = malloc(bed.len);
    int fd = open(bed.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    must(bytes != NULL && fd >= 0);
    memcpy(bytes, bed.sound, bed.len);
    while (len >= 4) {
        size_t at =
            ((size_t)input[0] << 16 | (size_t)input[1] << 8 | input[2]) %
            bed.len;
        size_t n = input[3];

        input += 4;
        len -= 4;
        if (n > len)
            n = len;
        if (n > bed.len - at)
            n = bed.len - at;
        memcpy(bytes + at, input, n);
        input += n;
        len -= n;
    }
    must(write(fd, bytes, bed.len) == (ssize_t)bed.len);
    close(fd);
    free(bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    char wal[112];
    struct store *store;

    snprintf(wal, sizeof wal, "%s-wal", bed.path);
    unlink(wal);
    write_changed(input, len);
    if (open_store(&store) != STORE_OK)
        return 0;
    use(store);
    store_close(store);
    return 0;
}
