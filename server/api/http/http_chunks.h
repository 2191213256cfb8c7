/* SPDX-License-Identifier: MIT */
#ifndef API_HTTP_CHUNKS_H
#define API_HTTP_CHUNKS_H

/*
 * The framing of a chunked body (RFC 9112, 7.1). Pure; the data itself stays
 * where it is. Trailers are read over.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_CHUNKS_MAX_EXTRA 8192 /* bytes of extensions and trailers */

enum http_chunks_state {
    HTTP_CHUNKS_SIZE, /* its digits; must be 0 */
    HTTP_CHUNKS_EXTENSION,
    HTTP_CHUNKS_SIZE_LF,
    HTTP_CHUNKS_DATA, /* left bytes of it come now */
    HTTP_CHUNKS_DATA_CR,
    HTTP_CHUNKS_DATA_LF,
    HTTP_CHUNKS_TRAILER, /* at the start of a line */
    HTTP_CHUNKS_TRAILER_LINE,
    HTTP_CHUNKS_TRAILER_LF,
    HTTP_CHUNKS_END_LF,
    HTTP_CHUNKS_END,
    HTTP_CHUNKS_BAD, /* it is no chunked body */
};

struct http_chunks { /* all zero at the start */
    enum http_chunks_state state;
    uint64_t left;
    unsigned n_digits;
    size_t n_extra;
};

/**
 * http_chunks_skip(chunks, bytes, len):
 * Read framing until data, the end, a mistake or the end of ${bytes}.
 *
 *   returns  how many bytes it took
 */
size_t http_chunks_skip(struct http_chunks *chunks, const char *bytes,
                        size_t len);

/** http_chunks_take(chunks, n): ${n} bytes of data are done, at most left. */
void http_chunks_take(struct http_chunks *chunks, size_t n);

#endif /* API_HTTP_CHUNKS_H */
