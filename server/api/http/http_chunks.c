/* SPDX-License-Identifier: MIT */
#include "http_chunks.h"

#include "apns/base/hex.h"

#define MAX_DIGITS 15 /* hex, of a chunk's size: fits uint64_t */

static enum http_chunks_state
on_size(struct http_chunks *chunks, char c)
{
    int digit = hex_digit(c);

    if (digit >= 0 && chunks->n_digits < MAX_DIGITS) {
        chunks->n_digits++;
        chunks->left = chunks->left * 16 + (uint64_t)digit;
        return HTTP_CHUNKS_SIZE;
    }
    if (chunks->n_digits == 0 || digit >= 0)
        return HTTP_CHUNKS_BAD;
    if (c == '\r')
        return HTTP_CHUNKS_SIZE_LF;
    return c == ';' || c == ' ' || c == '\t' ? HTTP_CHUNKS_EXTENSION
                                             : HTTP_CHUNKS_BAD;
}

/* What is read over: in it are neither bare LF nor NUL, and it is not long. */
static enum http_chunks_state
on_extra(struct http_chunks *chunks, char c, enum http_chunks_state at_cr)
{
    if (c == '\r')
        return at_cr;
    if (c == '\n' || c == '\0' || ++chunks->n_extra > HTTP_CHUNKS_MAX_EXTRA)
        return HTTP_CHUNKS_BAD;
    return chunks->state;
}

static enum http_chunks_state
on_size_end(struct http_chunks *chunks)
{
    chunks->n_digits = 0;
    return chunks->left == 0 ? HTTP_CHUNKS_TRAILER : HTTP_CHUNKS_DATA;
}

static enum http_chunks_state
next_state(struct http_chunks *chunks, char c)
{
    switch (chunks->state) {
    case HTTP_CHUNKS_SIZE:
        return on_size(chunks, c);
    case HTTP_CHUNKS_EXTENSION:
        return on_extra(chunks, c, HTTP_CHUNKS_SIZE_LF);
    case HTTP_CHUNKS_SIZE_LF:
        return c == '\n' ? on_size_end(chunks) : HTTP_CHUNKS_BAD;
    case HTTP_CHUNKS_DATA_CR:
        return c == '\r' ? HTTP_CHUNKS_DATA_LF : HTTP_CHUNKS_BAD;
    case HTTP_CHUNKS_DATA_LF:
        return c == '\n' ? HTTP_CHUNKS_SIZE : HTTP_CHUNKS_BAD;
    case HTTP_CHUNKS_TRAILER:
        if (c == '\r')
            return HTTP_CHUNKS_END_LF;
        chunks->state = HTTP_CHUNKS_TRAILER_LINE;
        return on_extra(chunks, c, HTTP_CHUNKS_TRAILER_LF);
    case HTTP_CHUNKS_TRAILER_LINE:
        return on_extra(chunks, c, HTTP_CHUNKS_TRAILER_LF);
    case HTTP_CHUNKS_TRAILER_LF:
        return c == '\n' ? HTTP_CHUNKS_TRAILER : HTTP_CHUNKS_BAD;
    case HTTP_CHUNKS_END_LF:
        return c == '\n' ? HTTP_CHUNKS_END : HTTP_CHUNKS_BAD;
    case HTTP_CHUNKS_DATA:
    case HTTP_CHUNKS_END:
    case HTTP_CHUNKS_BAD:
        break;
    }
    return chunks->state;
}

static bool
is_framing(const struct http_chunks *chunks)
{
    return chunks->state != HTTP_CHUNKS_DATA &&
           chunks->state != HTTP_CHUNKS_END && chunks->state != HTTP_CHUNKS_BAD;
}

size_t
http_chunks_skip(struct http_chunks *chunks, const char *bytes, size_t len)
{
    size_t n = 0;

    while (n < len && is_framing(chunks))
        chunks->state = next_state(chunks, bytes[n++]);
    return n;
}

void
http_chunks_take(struct http_chunks *chunks, size_t n)
{
    chunks->left -= n;
    if (chunks->left == 0)
        chunks->state = HTTP_CHUNKS_DATA_CR;
}
