/* SPDX-License-Identifier: MIT */
#include "buffers.h"

#include <stdlib.h>

uint8_t *
buffers_take(struct buffers *buffers)
{
    if (buffers->n_kept > 0)
        return buffers->kept[--buffers->n_kept];
    return malloc(BUFFERS_SIZE);
}

void
buffers_give(struct buffers *buffers, uint8_t *buffer)
{
    if (buffer != NULL && buffers->n_kept < BUFFERS_KEEP)
        buffers->kept[buffers->n_kept++] = buffer;
    else
        free(buffer);
}

void
buffers_fini(struct buffers *buffers)
{
    while (buffers->n_kept > 0)
        free(buffers->kept[--buffers->n_kept]);
}
