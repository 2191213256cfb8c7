/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apns/http2/h2mem.h"
#include "tests/support/unit.h"

#define FRAME      16394 /* nghttp2's buffer for one frame */
#define MAX_PAGES  16
#define SMALL_SIZE 100

static struct h2mem mem;

static void *
take(size_t size)
{
    return mem.mem.malloc(size, mem.mem.mem_user_data);
}

static void
give(void *ptr)
{
    mem.mem.free(ptr, mem.mem.mem_user_data);
}

static int
set_up(void **state)
{
    (void)state;
    h2mem_init(&mem);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    h2mem_fini(&mem); /* aborts if a block has not come back */
    return 0;
}

ALL(set_up, tear_down);

/* Pages in memory of the ${size} bytes at ${ptr} and what lies around them. */
static size_t
count_resident(const char *ptr, size_t size)
{
    unsigned char pages[MAX_PAGES];
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = (uintptr_t)ptr / page;
    size_t n = ((uintptr_t)ptr + size - 1) / page - first + 1, n_resident = 0;

    assert_true(n <= MAX_PAGES);
    assert_int_equal(mincore((void *)(first * page), n * page, pages), 0);
    for (size_t i = 0; i < n; i++)
        n_resident += pages[i] & 1;
    return n_resident;
}

TEST(small_blocks_are_handed_out_again)
{
    void *first = take(SMALL_SIZE), *second;

    give(first);
    assert_int_equal(mem.n_free, 1);
    second = take(SMALL_SIZE);
    assert_ptr_equal(second, first);
    assert_int_equal(mem.n_malloc, 1);
    give(second);
    h2mem_trim(&mem);
    assert_int_equal(mem.n_free, 0);
}

TEST(unwritten_part_of_a_frame_takes_no_memory)
{
    char *frame = take(FRAME);

    memset(frame, 'x', SMALL_SIZE);
    assert_int_equal(count_resident(frame, FRAME), 1);
    memset(frame, 'y', FRAME);
    assert_true(count_resident(frame, FRAME) > 3);
    give(frame);
    assert_int_equal(mem.n_live, 0);
    assert_int_equal(mem.n_free, 0); /* it went back at once */
}

TEST(cleared_blocks_are_clear)
{
    static const size_t sizes[] = {SMALL_SIZE, H2MEM_PAGES - 1, H2MEM_PAGES,
                                   FRAME};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *block = take(sizes[i]);

        memset(block, 'x', sizes[i]);
        give(block);
        block = mem.mem.calloc(1, sizes[i], mem.mem.mem_user_data);
        for (size_t at = 0; at < sizes[i]; at++)
            assert_int_equal(block[at], 0);
        give(block);
    }
}

TEST(growing_keeps_what_there_is)
{
    static const size_t sizes[] = {SMALL_SIZE, 2000, FRAME, 3 * FRAME};
    char *block = NULL;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t before = i == 0 ? 0 : sizes[i - 1];

        block = mem.mem.realloc(block, sizes[i], mem.mem.mem_user_data);
        for (size_t at = 0; at < before; at++)
            assert_int_equal(block[at], 'x');
        memset(block, 'x', sizes[i]);
    }
    assert_int_equal(mem.n_live, 1);
    give(block);
}
