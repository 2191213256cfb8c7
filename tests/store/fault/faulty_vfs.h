/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STORE_FAULTY_VFS_H
#define TESTS_STORE_FAULTY_VFS_H

/*
 * An SQLite VFS over the default one, whose writes fail on request and which
 * can lose what was not synced, as a power cut would.
 */

#include <stdbool.h>

#define FAULTY_VFS "faulty"

enum faulty_how {
    FAULTY_NEVER,
    FAULTY_FULL, /* SQLITE_FULL from writes */
    FAULTY_IO,   /* SQLITE_IOERR from writes, truncates and syncs */
    FAULTY_DEAD, /* everything that changes a file fails */
    FAULTY_READ, /* SQLITE_IOERR from reads */
};

/** faulty_register(): once per process. */
void faulty_register(void);

/**
 * faulty_arm(how, nth, times):
 * From the ${nth} write, or read, (1: the next) on, ${times} of them fail; -1:
 * all.
 */
void faulty_arm(enum faulty_how how, int nth, int times);

/** faulty_only(suffix): only files that end so can fail; NULL: all. */
void faulty_only(const char *suffix);

/** faulty_hits(): how many failed since armed. */
int faulty_hits(void);

/** faulty_cut(): undo in the files whatever was not synced. */
void faulty_cut(void);

/** faulty_forget(): nothing is unsynced any more, nothing fails. */
void faulty_forget(void);

#endif /* TESTS_STORE_FAULTY_VFS_H */
