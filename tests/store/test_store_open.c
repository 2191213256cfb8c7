/* SPDX-License-Identifier: MIT */
#include "store_bed.h"
#include "tests/support/unit.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_MAX (1 << 20)

static int
set_up(void **state)
{
    *state = bed_new();
    return 0;
}

EACH(set_up, bed_tear_down);

struct bytes {
    char *bytes;
    size_t len;
};

static struct bytes
read_file(const char *path)
{
    struct bytes file = {.bytes = malloc(FILE_MAX)};
    int fd = open(path, O_RDONLY);
    ssize_t len;

    assert_non_null(file.bytes);
    assert_true(fd >= 0);
    len = read(fd, file.bytes, FILE_MAX);
    assert_true(len >= 0 && len < FILE_MAX);
    file.len = (size_t)len;
    close(fd);
    return file;
}

static void
write_file(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

static void
make_store(struct bed *bed)
{
    struct store_enrollment it = bed_enrollment("a");

    assert_int_equal(bed_open(bed), STORE_OK);
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    bed_close(bed);
}

/* Refused with ${err}, a reason, and not a byte or a file changed. */
static void
refuses(struct bed *bed, enum store_err err)
{
    struct bytes before = read_file(bed_path(bed, "rouse.db")), after;

    assert_int_equal(bed_open(bed), err);
    assert_int_equal(store_err_category(err), STORE_CATEGORY_OPEN);
    assert_true(strlen(bed->why) > 10);
    after = read_file(bed_path(bed, "rouse.db"));
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.bytes, after.bytes, before.len);
    assert_int_not_equal(access(bed_path(bed, "rouse.db-wal"), F_OK), 0);
    assert_int_not_equal(access(bed_path(bed, "rouse.db-shm"), F_OK), 0);
    assert_int_not_equal(access(bed_path(bed, "rouse.db-journal"), F_OK), 0);
    free(before.bytes);
    free(after.bytes);
}

static void
run_sql(const char *path, const char *sql)
{
    sqlite3 *sqlite;

    assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
    assert_int_equal(sqlite3_exec(sqlite, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
}

static unsigned
mode_of(const char *path)
{
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

TEST(a_new_one_is_private)
{
    struct bed *bed = *state;
    mode_t before = umask(0);

    assert_int_equal(rmdir(bed->dir), 0);
    assert_int_equal(bed_open(bed), STORE_OK);
    umask(before);
    assert_int_equal(mode_of(bed->dir), 0700);
    assert_int_equal(mode_of(bed_path(bed, "rouse.db")), 0600);
    assert_int_equal(mode_of(bed_path(bed, "rouse.db-wal")), 0600);
    assert_int_equal(mode_of(bed_path(bed, "master.key")), 0600);
    assert_int_equal(mode_of(bed_path(bed, "lock")), 0600);
    assert_string_equal(bed->why, "");
}

TEST(what_was_stored_is_there_again)
{
    struct bed *bed = *state;

    make_store(bed);
    make_store(bed);
    assert_int_equal(bed_open(bed), STORE_OK);
    assert_non_null(bed_get(bed, "a"));
}

TEST(a_random_file_is_not_ours)
{
    struct bed *bed = *state;
    static const char text[] = "this is not a database at all";

    write_file(bed_path(bed, "rouse.db"), text, sizeof text);
    refuses(bed, STORE_ENOTOURS);
}

TEST(another_programs_database_is_not_ours)
{
    struct bed *bed = *state;

    run_sql(bed_path(bed, "rouse.db"), "CREATE TABLE t (x)");
    refuses(bed, STORE_ENOTOURS);
    run_sql(bed_path(bed, "rouse.db"),
            "PRAGMA application_id = 12345; PRAGMA user_version = 1;"
            "PRAGMA journal_mode = WAL");
    refuses(bed, STORE_ENOTOURS);
}

TEST(a_newer_schema_is_refused)
{
    struct bed *bed = *state;

    make_store(bed);
    run_sql(bed_path(bed, "rouse.db"), "PRAGMA user_version = 9999");
    refuses(bed, STORE_ETOONEW);
    assert_non_null(strstr(bed->why, "9999"));
}

/* The version is in the log only: SQLite knows it, the header does not. */
TEST(a_newer_schema_in_the_log_is_refused)
{
    struct bed *bed = *state;
    struct bytes log, after;
    sqlite3 *sqlite;

    make_store(bed);
    assert_int_equal(sqlite3_open(bed_path(bed, "rouse.db"), &sqlite),
                     SQLITE_OK);
    assert_int_equal(
        sqlite3_db_config(sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL),
        SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(sqlite, "PRAGMA user_version = 9999", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
    unlink(bed_path(bed, "rouse.db-shm"));
    log = read_file(bed_path(bed, "rouse.db-wal"));
    assert_true(log.len > 0);
    assert_int_equal(bed_open(bed), STORE_ETOONEW);
    after = read_file(bed_path(bed, "rouse.db-wal"));
    assert_int_equal(log.len, after.len);
    assert_memory_equal(log.bytes, after.bytes, log.len);
    free(log.bytes);
    free(after.bytes);
}

/* Overwrite ${len} bytes at ${at} of the database. */
static void
spoil(struct bed *bed, long at, size_t len)
{
    FILE *file = fopen(bed_path(bed, "rouse.db"), "r+b");

    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    for (size_t i = 0; i < len; i++)
        fputc(0xa5, file);
    assert_int_equal(fclose(file), 0);
}

TEST(a_corrupt_header_is_refused)
{
    struct bed *bed = *state;

    make_store(bed);
    spoil(bed, 0, 16);
    refuses(bed, STORE_ENOTOURS);
    assert_int_equal(unlink(bed_path(bed, "rouse.db")), 0);
    make_store(bed);
    spoil(bed, 16, 2); /* the page size */
    refuses(bed, STORE_ECORRUPT);
}

TEST(a_corrupt_page_is_refused_wherever_it_is)
{
    struct bed *bed = *state;
    struct bytes good;

    make_store(bed);
    good = read_file(bed_path(bed, "rouse.db"));
    assert_true(good.len / 4096 > 10);
    for (size_t page = 1; page < good.len / 4096; page++) {
        spoil(bed, (long)page * 4096, 100);
        refuses(bed, STORE_ECORRUPT);
        assert_non_null(strstr(bed->why, "corrupt"));
        assert_non_null(strstr(bed->why, "restore it from a backup"));
        assert_null(strstr(bed->why, "another row available"));
        assert_null(strstr(bed->why, "not an error"));
        write_file(bed_path(bed, "rouse.db"), good.bytes, good.len);
    }
    assert_int_equal(bed_open(bed), STORE_OK);
    free(good.bytes);
}

TEST(a_truncated_database_is_refused)
{
    struct bed *bed = *state;

    make_store(bed);
    assert_int_equal(truncate(bed_path(bed, "rouse.db"), 8192), 0);
    refuses(bed, STORE_ECORRUPT);
    assert_int_equal(truncate(bed_path(bed, "rouse.db"), 50), 0);
    refuses(bed, STORE_ENOTOURS);
}

TEST(a_missing_table_is_refused)
{
    struct bed *bed = *state;

    make_store(bed);
    run_sql(bed_path(bed, "rouse.db"), "DROP TABLE event");
    refuses(bed, STORE_ENOTOURS);
    /* It may be this SQLite that differs: nobody is sent to a backup. */
    assert_non_null(strstr(bed->why, "no such table: event"));
    assert_non_null(strstr(bed->why, sqlite3_libversion()));
    assert_null(strstr(bed->why, "corrupt"));
    assert_null(strstr(bed->why, "restore"));
}

TEST(a_database_that_another_program_holds_is_refused)
{
    struct bed *bed = *state;
    sqlite3 *other;

    make_store(bed);
    assert_int_equal(sqlite3_open(bed_path(bed, "rouse.db"), &other),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(other,
                                  "PRAGMA locking_mode = EXCLUSIVE;"
                                  "BEGIN EXCLUSIVE; DELETE FROM event",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(bed_open(bed), STORE_ELOCKED);
    assert_string_equal(bed->why,
                        "another program has rouse.db open; close it");
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    assert_int_equal(bed_open(bed), STORE_OK);
}

TEST(only_one_process_may_use_it)
{
    struct bed *bed = *state, *other;
    char pid[32];
    int status;
    pid_t child;

    assert_int_equal(bed_open(bed), STORE_OK);
    snprintf(pid, sizeof pid, "process %ld;", (long)getpid());
    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        enum store_err err;

        other = bed_new();
        rmdir(other->dir);
        memcpy(other->dir, bed->dir, sizeof other->dir);
        err = bed_open(other);
        _exit(err == STORE_ELOCKED && strstr(other->why, pid) != NULL ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    /* The one that has it goes on. */
    assert_null(bed_get(bed, "a"));
}

TEST(a_wrong_master_key_is_refused)
{
    struct bed *bed = *state;
    static const char wrong[] = "00112233445566778899aabbccddeeff"
                                "00112233445566778899aabbccddeeff\n";

    make_store(bed);
    write_file(bed_path(bed, "master.key"), wrong, sizeof wrong - 1);
    refuses(bed, STORE_EKEY);
    assert_null(strstr(bed->why, "00112233"));
}

TEST(a_missing_or_malformed_master_key_is_refused)
{
    struct bed *bed = *state;
    static const char *const bad[] = {"", "too short",
                                      "zz112233445566778899aabbccddeeff"
                                      "00112233445566778899aabbccddeeff",
                                      "00112233445566778899aabbccddeeff"
                                      "00112233445566778899aabbccddeeff0"};

    make_store(bed);
    assert_int_equal(unlink(bed_path(bed, "master.key")), 0);
    refuses(bed, STORE_EKEY);
    assert_int_not_equal(access(bed_path(bed, "master.key"), F_OK), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_file(bed_path(bed, "master.key"), bad[i], strlen(bad[i]));
        refuses(bed, STORE_EKEY);
    }
}

TEST(a_raw_key_file_of_the_callers_is_used)
{
    struct bed *bed = *state;
    struct store_options options = {.dir = bed->dir};
    char path[BED_PATH + 64];

    snprintf(path, sizeof path, "%s", bed_path(bed, "given"));
    options.master_key_file = path;
    assert_int_equal(store_open(bed->loop, &options, &bed->store, bed->why),
                     STORE_EKEY);
    write_file(path, "0123456789abcdef0123456789abcdef", 32);
    assert_int_equal(store_open(bed->loop, &options, &bed->store, bed->why),
                     STORE_OK);
    assert_int_not_equal(access(bed_path(bed, "master.key"), F_OK), 0);
    bed_close(bed);
    assert_int_equal(store_open(bed->loop, &options, &bed->store, bed->why),
                     STORE_OK);
}

TEST(a_directory_that_others_may_write_is_refused)
{
    struct bed *bed = *state;

    assert_int_equal(chmod(bed->dir, 0777), 0);
    assert_int_equal(bed_open(bed), STORE_EDIR);
    assert_non_null(strstr(bed->why, "chmod"));
    assert_int_equal(chmod(bed->dir, 0700), 0);
    assert_int_equal(bed_open(bed), STORE_OK);
}

TEST(a_directory_that_cannot_be_made_is_refused)
{
    struct bed *bed = *state;
    struct store_options options = {.dir = "/dev/null/rouse"};

    assert_int_equal(store_open(bed->loop, &options, &bed->store, bed->why),
                     STORE_EDIR);
    assert_non_null(strstr(bed->why, "/dev/null/rouse"));
}

/* Half-made by a process that died: neither a key nor a database yet. */
TEST(leftovers_of_a_crash_do_not_matter)
{
    struct bed *bed = *state;

    write_file(bed_path(bed, "rouse.db.part"), "half", 4);
    write_file(bed_path(bed, "rouse.db.part-wal"), "half", 4);
    write_file(bed_path(bed, "master.key.part"), "half", 4);
    write_file(bed_path(bed, "rouse.db"), "", 0);
    assert_int_equal(bed_open(bed), STORE_OK);
    assert_int_not_equal(access(bed_path(bed, "rouse.db.part"), F_OK), 0);
    assert_int_not_equal(access(bed_path(bed, "master.key.part"), F_OK), 0);
}

TEST(requests_are_finished_by_close_and_refused_after)
{
    struct bed *bed = *state;
    struct store_enrollment it = bed_enrollment("late");

    assert_int_equal(bed_open(bed), STORE_OK);
    bed->n_done = 0;
    for (int i = 0; i < 100; i++)
        assert_int_equal(
            store_enrollment_put(bed->store, &it, 1, bed_on_done, bed),
            STORE_OK);
    bed_close(bed);
    assert_int_equal(bed->n_done, 100);
    assert_int_equal(bed->err, STORE_OK);
    assert_int_equal(bed_open(bed), STORE_OK);
    assert_non_null(bed_get(bed, "late"));
    store_close(NULL);
}

TEST(the_check_takes_little_memory_and_keeps_none)
{
    struct bed *bed = *state;

    make_store(bed);
    run_sql(bed_path(bed, "rouse.db"),
            "INSERT INTO event (at, kind, subject, actor, detail)"
            "  VALUES (0, '', '', '', hex(zeroblob(4000000)));");
    (void)sqlite3_memory_highwater(1);
    assert_int_equal(bed_open(bed), STORE_OK);
    assert_true(sqlite3_memory_highwater(0) < 4000000);
    assert_true(sqlite3_memory_used() < 2000000);
}
