/* SPDX-License-Identifier: MIT */
#include "hpack.h"

#include <stdlib.h>
#include <string.h>

#include "huffman.h"

#define N_STATIC    61
#define ENTRY_COST  32 /* bytes that count for an entry beside its text */
#define MAX_ENTRIES (HPACK_TABLE_SIZE / ENTRY_COST) /* a power of two */
#define MAX_INTEGER (1U << 24) /* more than anything that has a meaning */

/* The representations' first bits, and how many of a number's follow. */
#define INDEXED       0x80
#define INDEXED_BITS  7
#define INSERTED      0x40
#define INSERTED_BITS 6
#define RESIZE        0x20
#define RESIZE_BITS   5
#define LITERAL_BITS  4 /* never indexed or just not */
#define HUFFMAN       0x80
#define STRING_BITS   7

/* RFC 7541, appendix A. */
static const char *const static_table[N_STATIC][2] = {
    {":authority", ""},
    {":method", "GET"},
    {":method", "POST"},
    {":path", "/"},
    {":path", "/index.html"},
    {":scheme", "http"},
    {":scheme", "https"},
    {":status", "200"},
    {":status", "204"},
    {":status", "206"},
    {":status", "304"},
    {":status", "400"},
    {":status", "404"},
    {":status", "500"},
    {"accept-charset", ""},
    {"accept-encoding", "gzip, deflate"},
    {"accept-language", ""},
    {"accept-ranges", ""},
    {"accept", ""},
    {"access-control-allow-origin", ""},
    {"age", ""},
    {"allow", ""},
    {"authorization", ""},
    {"cache-control", ""},
    {"content-disposition", ""},
    {"content-encoding", ""},
    {"content-language", ""},
    {"content-length", ""},
    {"content-location", ""},
    {"content-range", ""},
    {"content-type", ""},
    {"cookie", ""},
    {"date", ""},
    {"etag", ""},
    {"expect", ""},
    {"expires", ""},
    {"from", ""},
    {"host", ""},
    {"if-match", ""},
    {"if-modified-since", ""},
    {"if-none-match", ""},
    {"if-range", ""},
    {"if-unmodified-since", ""},
    {"last-modified", ""},
    {"link", ""},
    {"location", ""},
    {"max-forwards", ""},
    {"proxy-authenticate", ""},
    {"proxy-authorization", ""},
    {"range", ""},
    {"referer", ""},
    {"refresh", ""},
    {"retry-after", ""},
    {"server", ""},
    {"set-cookie", ""},
    {"strict-transport-security", ""},
    {"transfer-encoding", ""},
    {"user-agent", ""},
    {"vary", ""},
    {"via", ""},
    {"www-authenticate", ""},
};

/*
 * The dynamic table is a ring of entries, newest last. Their text lies in the
 * same order in one piece, which moves to the front when the room is used up.
 */
struct hpack {
    const struct huffman *huffman;
    const char *topic;
    struct hpack_field constant[N_STATIC];
    struct hpack_field entries[MAX_ENTRIES];
    uint32_t n_entries, n_inserted; /* now; ever */
    size_t size, max_size;          /* as RFC 7541 counts */
    size_t text_from, text_to;
    char text[2 * HPACK_TABLE_SIZE];
    struct hpack_field literal; /* the last one, its text in scratch */
    struct hpack_field path;    /* likewise, of which the token is known */
    uint8_t token[FIELD_MAX_TOKEN];
    /* A name of the table's, or both out of the block. */
    char scratch[HPACK_TABLE_SIZE + HUFFMAN_ROOM(HPACK_BLOCK_MAX)];
};

/*
 * The tables.
 */

static struct field_text
text_of(const char *word)
{
    return (struct field_text){.at = word, .len = strlen(word)};
}

struct hpack *
hpack_new(const struct huffman *huffman, const char *topic)
{
    struct hpack *hpack = calloc(1, sizeof *hpack);

    if (hpack == NULL)
        return NULL;
    hpack->huffman = huffman;
    hpack->topic = topic;
    hpack->max_size = HPACK_TABLE_SIZE;
    for (size_t i = 0; i < N_STATIC; i++) {
        struct field_text name = text_of(static_table[i][0]);
        struct field_text value = text_of(static_table[i][1]);

        hpack->constant[i] = (struct hpack_field){
            .name = name,
            .value = value,
            .field = field_read(field_kind_of(name), name, value, topic),
        };
    }
    hpack->path.name = text_of(":path");
    hpack->path.field = field_of_kind(FIELD_PATH);
    hpack->path.field.token = hpack->token;
    return hpack;
}

void
hpack_free(struct hpack *hpack)
{
    free(hpack);
}

static struct hpack_field *
entry(struct hpack *hpack, uint32_t number)
{
    return &hpack->entries[number % MAX_ENTRIES];
}

/* NULL when there is none with that index, which counts from 1. */
static const struct hpack_field *
look_up(struct hpack *hpack, uint32_t index)
{
    if (index - 1 < N_STATIC)
        return &hpack->constant[index - 1];
    index -= N_STATIC + 1;
    if (index >= hpack->n_entries)
        return NULL;
    return entry(hpack, hpack->n_inserted - 1 - index);
}

static void
evict_down_to(struct hpack *hpack, size_t size)
{
    while (hpack->size > size) {
        const struct hpack_field *oldest =
            entry(hpack, hpack->n_inserted - hpack->n_entries);
        size_t len = oldest->name.len + oldest->value.len;

        hpack->size -= len + ENTRY_COST;
        hpack->text_from += len;
        hpack->n_entries--;
    }
}

static void
move_text_to_front(struct hpack *hpack)
{
    size_t by = hpack->text_from;

    memmove(hpack->text, hpack->text + by, hpack->text_to - by);
    for (uint32_t i = 0; i < hpack->n_entries; i++) {
        struct hpack_field *moved = entry(hpack, hpack->n_inserted - 1 - i);

        moved->name.at -= by;
        moved->value.at -= by;
    }
    hpack->text_from = 0;
    hpack->text_to -= by;
}

static const char *
store_text(struct hpack *hpack, struct field_text text)
{
    char *to = hpack->text + hpack->text_to;

    memcpy(to, text.at, text.len);
    hpack->text_to += text.len;
    return to;
}

/* What is larger than the table empties it, and is not kept. */
static void
insert(struct hpack *hpack, const struct hpack_field *field)
{
    size_t len = field->name.len + field->value.len;
    struct hpack_field *kept;

    if (len + ENTRY_COST > hpack->max_size) {
        evict_down_to(hpack, 0);
        return;
    }
    evict_down_to(hpack, hpack->max_size - len - ENTRY_COST);
    if (hpack->text_to + len > sizeof hpack->text)
        move_text_to_front(hpack);
    kept = entry(hpack, hpack->n_inserted++);
    *kept = *field;
    kept->name.at = store_text(hpack, field->name);
    kept->value.at = store_text(hpack, field->value);
    hpack->n_entries++;
    hpack->size += len + ENTRY_COST;
}

/*
 * The bytes.
 */

/* A number whose first ${n_bits} bits end a byte that is there. */
static bool
read_integer(struct hpack_block *block, int n_bits, uint32_t *number)
{
    uint32_t max = (1U << n_bits) - 1;
    int shift = 0;
    uint8_t byte;

    *number = *block->at++ & max;
    if (*number < max)
        return true;
    do {
        if (block->at == block->end || shift > 21)
            return false;
        byte = *block->at++;
        *number += (uint32_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return *number < MAX_INTEGER;
}

static bool
read_string(struct hpack *hpack, struct hpack_block *block, char *to,
            struct field_text *text)
{
    bool is_coded;
    uint32_t len;

    if (block->at == block->end)
        return false;
    is_coded = (*block->at & HUFFMAN) != 0;
    if (!read_integer(block, STRING_BITS, &len) ||
        len > (size_t)(block->end - block->at))
        return false;
    text->at = to;
    text->len = len;
    if (is_coded)
        text->len = huffman_read(hpack->huffman, to, block->at, len);
    else
        memcpy(to, block->at, len);
    block->at += len;
    return text->len != HUFFMAN_BROKEN;
}

/* The usual path; NULL: it is an unusual one, and not read yet. */
static const struct hpack_field *
read_token(struct hpack *hpack, struct hpack_block *block)
{
    struct hpack_block copy = *block;
    uint16_t token_len;
    uint32_t len;

    if (copy.at == copy.end || (*copy.at & HUFFMAN) == 0 ||
        !read_integer(&copy, STRING_BITS, &len) ||
        len > (size_t)(copy.end - copy.at) || len < sizeof(uint64_t))
        return NULL;
    token_len = huffman_read_token(hpack->huffman, hpack->token, copy.at, len);
    if (token_len == 0)
        return NULL;
    hpack->path.field.token_len = token_len;
    block->at = copy.at + len;
    return &hpack->path;
}

/* A name and a value, into scratch. ${named} is the entry whose name it is,
 * which may go on the insertion; NULL: the name is a string too. */
static bool
read_strings(struct hpack *hpack, struct hpack_block *block,
             const struct hpack_field *named, struct hpack_field *literal)
{
    enum field_kind kind;

    if (named == NULL) {
        if (!read_string(hpack, block, hpack->scratch, &literal->name))
            return false;
        kind = field_kind_of(literal->name);
    } else {
        kind = named->field.kind;
        literal->name.at = hpack->scratch;
        literal->name.len = named->name.len;
        memcpy(hpack->scratch, named->name.at, named->name.len);
    }
    if (!read_string(hpack, block, hpack->scratch + literal->name.len,
                     &literal->value))
        return false;
    literal->field =
        field_read(kind, literal->name, literal->value, hpack->topic);
    return true;
}

static const struct hpack_field *
read_literal(struct hpack *hpack, struct hpack_block *block, int n_bits)
{
    const struct hpack_field *named = NULL, *path;
    bool is_inserted = n_bits == INSERTED_BITS;
    uint32_t index;

    if (!read_integer(block, n_bits, &index) ||
        (index != 0 && (named = look_up(hpack, index)) == NULL))
        return NULL;
    if (named != NULL && named->field.kind == FIELD_PATH && !is_inserted &&
        (path = read_token(hpack, block)) != NULL)
        return path;
    if (!read_strings(hpack, block, named, &hpack->literal))
        return NULL;
    if (is_inserted)
        insert(hpack, &hpack->literal);
    return &hpack->literal;
}

static const struct hpack_field *
read_indexed(struct hpack *hpack, struct hpack_block *block)
{
    uint32_t index;

    if (!read_integer(block, INDEXED_BITS, &index))
        return NULL;
    return look_up(hpack, index);
}

void
hpack_begin(struct hpack *hpack, struct hpack_block *block)
{
    while (block->at < block->end && (*block->at & 0xe0) == RESIZE) {
        uint32_t size;

        if (!read_integer(block, RESIZE_BITS, &size) ||
            size > HPACK_TABLE_SIZE) {
            block->is_broken = true;
            return;
        }
        hpack->max_size = size;
        evict_down_to(hpack, size);
    }
}

const struct hpack_field *
hpack_next(struct hpack *hpack, struct hpack_block *block)
{
    const struct hpack_field *field = NULL;

    if (block->at == block->end || block->is_broken)
        return NULL;
    if (*block->at & INDEXED)
        field = read_indexed(hpack, block);
    else if (*block->at & INSERTED)
        field = read_literal(hpack, block, INSERTED_BITS);
    else if ((*block->at & RESIZE) == 0)
        field = read_literal(hpack, block, LITERAL_BITS);
    block->is_broken = field == NULL;
    return field;
}
