/* SPDX-License-Identifier: MIT */
#include "plist_guard.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

/*
 * Binary: "bplist00", objects, a table of their offsets, a trailer that says
 * where the table is. Unfolded here as libplist will unfold it, counting.
 */

#define MAGIC_LEN   8
#define TRAILER_LEN 32

struct binary {
    const uint8_t *bytes;
    size_t table;       /* the objects end where the offset table begins */
    size_t offset_size; /* bytes of an offset in the table */
    size_t ref_size;    /* bytes of a reference in arrays and dicts */
    uint64_t n_objects;
    uint64_t root;
    uint32_t n_nodes; /* visited so far */
    uint64_t n_bytes; /* of values so far */
    const char *why;
};

/* One object, its head read. */
struct object {
    uint8_t kind;   /* upper half of the marker */
    uint64_t count; /* bytes, UTF-16 units, or members */
    size_t at;      /* where they begin */
};

static bool
refuse(struct binary *binary, const char *why)
{
    binary->why = why;
    return false;
}

static uint64_t
read_number(const uint8_t *at, size_t size)
{
    uint64_t number = 0;

    for (size_t i = 0; i < size; i++)
        number = number << 8 | at[i];
    return number;
}

/* Is there room for ${n} bytes in front of the offset table? */
static bool
has_room(const struct binary *binary, size_t at, uint64_t n)
{
    return at <= binary->table && n <= binary->table - at;
}

/* A count that does not fit the marker follows it as an integer object. */
static bool
read_count(struct binary *binary, struct object *object, uint8_t low)
{
    size_t size;

    object->count = low;
    if (low != 0x0f)
        return true;
    if (!has_room(binary, object->at, 1) ||
        (binary->bytes[object->at] & 0xf0) != 0x10 ||
        (binary->bytes[object->at] & 0x0f) > 3)
        return refuse(binary, "binary plist: a length that is not an integer");
    size = (size_t)1 << (binary->bytes[object->at] & 0x0f);
    object->at++;
    if (!has_room(binary, object->at, size))
        return refuse(binary, "binary plist: truncated in a length");
    object->count = read_number(binary->bytes + object->at, size);
    object->at += size;
    return true;
}

static bool
read_head(struct binary *binary, uint64_t number, struct object *object)
{
    const uint8_t *entry =
        binary->bytes + binary->table + number * binary->offset_size;
    uint64_t offset = read_number(entry, binary->offset_size);
    uint8_t marker;

    if (offset < MAGIC_LEN || offset >= binary->table)
        return refuse(binary, "binary plist: an object outside the file");
    object->at = (size_t)offset;
    marker = binary->bytes[object->at++];
    object->kind = marker & 0xf0;
    switch (object->kind) {
    case 0x00: /* false and true */
        object->count = 0;
        if (marker != 0x08 && marker != 0x09)
            return refuse(binary, "binary plist: an object of unknown type");
        return true;
    case 0x10: /* integers of 1 to 16 bytes */
    case 0x20: /* reals of 4 or 8 */
    case 0x30: /* dates of 8 */
        object->count = (uint64_t)1 << (marker & 0x0f);
        if ((object->kind == 0x10 && object->count > 16) ||
            (object->kind == 0x20 && object->count != 4 &&
             object->count != 8) ||
            (object->kind == 0x30 && object->count != 8))
            return refuse(binary, "binary plist: a number of unknown size");
        return true;
    case 0x80: /* UIDs of 1 to 8 */
        object->count = (marker & 0x0f) + 1U;
        return object->count <= 8 ||
               refuse(binary, "binary plist: a number of unknown size");
    case 0x40: /* data */
    case 0x50: /* ASCII */
    case 0x60: /* UTF-16 */
    case 0xa0: /* array */
    case 0xd0: /* dict */
        return read_count(binary, object, marker & 0x0f);
    default:
        return refuse(binary, "binary plist: an object of unknown type");
    }
}

static bool
is_string(const struct object *object)
{
    return object->kind == 0x50 || object->kind == 0x60;
}

static bool
is_container(const struct object *object)
{
    return object->kind == 0xa0 || object->kind == 0xd0;
}

/* libplist would end the string there, and so make another one of it. */
static bool
has_nul(const struct binary *binary, const struct object *object)
{
    const uint8_t *at = binary->bytes + object->at;

    if (object->kind == 0x50)
        return memchr(at, 0, (size_t)object->count) != NULL;
    for (uint64_t i = 0; object->kind == 0x60 && i < object->count; i++)
        if (at[2 * i] == 0 && at[2 * i + 1] == 0)
            return true;
    return false;
}

/* Check a value that is no container, and count it. */
static bool
count_value(struct binary *binary, const struct object *object)
{
    uint64_t n_bytes = object->count;

    if (n_bytes > binary->table) /* so that the product cannot overflow */
        return refuse(binary, "binary plist: a value longer than the file");
    if (object->kind == 0x60)
        n_bytes *= 2;
    if (!has_room(binary, object->at, n_bytes))
        return refuse(binary, "binary plist: a value longer than the file");
    binary->n_bytes += n_bytes;
    if (binary->n_bytes > (uint64_t)PLIST_GUARD_MAX_BYTES)
        return refuse(binary, "binary plist: unfolds to more than 4 MiB");
    if (has_nul(binary, object))
        return refuse(binary, "binary plist: a string that holds a NUL");
    return true;
}

/* The members' references: all of them present, none to nowhere. */
static bool
check_members(struct binary *binary, const struct object *object,
              uint64_t n_members)
{
    if (object->count > PLIST_GUARD_MAX_NODES)
        return refuse(binary, "binary plist: more than 20000 objects");
    if (!has_room(binary, object->at, n_members * binary->ref_size))
        return refuse(binary, "binary plist: a truncated container");
    for (uint64_t i = 0; i < n_members; i++)
        if (read_number(binary->bytes + object->at + i * binary->ref_size,
                        binary->ref_size) >= binary->n_objects)
            return refuse(binary, "binary plist: a dangling reference");
    return true;
}

/* Recursion is bounded by the depth: a cycle ends there like any other. */
static bool
walk(struct binary *binary, uint64_t number, uint32_t depth, bool is_key)
{
    struct object object;
    uint64_t n_members;

    if (++binary->n_nodes > PLIST_GUARD_MAX_NODES)
        return refuse(binary, "binary plist: more than 20000 objects");
    if (!read_head(binary, number, &object))
        return false;
    if (is_key && !is_string(&object))
        return refuse(binary, "binary plist: a key that is not a string");
    if (!is_container(&object))
        return count_value(binary, &object);
    if (depth == PLIST_GUARD_MAX_DEPTH)
        return refuse(binary, "binary plist: nests deeper than 32");
    n_members = object.kind == 0xd0 && object.count <= PLIST_GUARD_MAX_NODES
                    ? 2 * object.count
                    : object.count;
    if (!check_members(binary, &object, n_members))
        return false;
    for (uint64_t i = 0; i < n_members; i++) {
        uint64_t member = read_number(
            binary->bytes + object.at + i * binary->ref_size, binary->ref_size);

        /* A dict has all its keys first. */
        if (!walk(binary, member, depth + 1,
                  object.kind == 0xd0 && i < object.count))
            return false;
    }
    return true;
}

static bool
check_binary(const uint8_t *bytes, size_t len, const char **why)
{
    struct binary binary = {.bytes = bytes};
    const uint8_t *trailer;
    uint64_t table;
    size_t end;

    *why = "binary plist: its trailer is damaged or truncated";
    if (len < MAGIC_LEN + 1 + 1 + TRAILER_LEN)
        return false;
    end = len - TRAILER_LEN;
    trailer = bytes + end;
    binary.offset_size = trailer[6];
    binary.ref_size = trailer[7];
    binary.n_objects = read_number(trailer + 8, 8);
    binary.root = read_number(trailer + 16, 8);
    table = read_number(trailer + 24, 8);
    if (binary.offset_size < 1 || binary.offset_size > 8 ||
        binary.ref_size < 1 || binary.ref_size > 8 || binary.n_objects == 0 ||
        binary.root >= binary.n_objects || table < MAGIC_LEN + 1 ||
        table >= end || binary.n_objects > (end - table) / binary.offset_size)
        return false;
    binary.table = (size_t)table;
    if (!walk(&binary, binary.root, 1, false)) {
        *why = binary.why;
        return false;
    }
    return true;
}

/*
 * XML: tags are counted, not understood. Comments and CDATA are passed over
 * for the depth, as libplist does; for the number of elements every tag
 * counts wherever it stands, so that a difference in opinion about where
 * comments end can never make a document larger than this.
 */

struct xml {
    const char *at;
    const char *end;
    uint32_t depth;
    const char *why;
};

static bool
begins(const struct xml *xml, const char *word)
{
    size_t len = strlen(word);

    return (size_t)(xml->end - xml->at) >= len &&
           memcmp(xml->at, word, len) == 0;
}

/* Move behind the next ${mark}. */
static bool
skip_past(struct xml *xml, const char *mark)
{
    size_t len = strlen(mark);
    const char *found =
        memmem(xml->at, (size_t)(xml->end - xml->at), mark, len);

    if (found == NULL) {
        xml->why = "XML plist: truncated inside a tag or comment";
        return false;
    }
    xml->at = found + len;
    return true;
}

/* <!DOCTYPE plist PUBLIC "…" "…"> is all that a plist needs. With a subset
 * of its own it could define entities. */
static bool
skip_doctype(struct xml *xml)
{
    const char *start = xml->at;

    if (!skip_past(xml, ">"))
        return false;
    if (memchr(start, '[', (size_t)(xml->at - start)) != NULL ||
        memchr(start + 1, '<', (size_t)(xml->at - start - 1)) != NULL) {
        xml->why = "XML plist: a DOCTYPE with declarations of its own";
        return false;
    }
    return true;
}

static bool
skip_tag(struct xml *xml)
{
    bool is_closing = begins(xml, "</");

    if (!skip_past(xml, ">"))
        return false;
    if (is_closing) {
        if (xml->depth == 0) {
            xml->why = "XML plist: an extra closing tag";
            return false;
        }
        xml->depth--;
    } else if (xml->at[-2] != '/') {
        /* One more than values nest, for the plist element around them. */
        if (++xml->depth > PLIST_GUARD_MAX_DEPTH + 1) {
            xml->why = "XML plist: nests deeper than 32";
            return false;
        }
    }
    return true;
}

static bool
skip_markup(struct xml *xml)
{
    if (begins(xml, "<?"))
        return skip_past(xml, "?>");
    if (begins(xml, "<!--"))
        return skip_past(xml, "-->");
    if (begins(xml, "<![CDATA["))
        return skip_past(xml, "]]>");
    if (begins(xml, "<!DOCTYPE"))
        return skip_doctype(xml);
    if (begins(xml, "<!")) {
        xml->why = "XML plist: an unexpected declaration";
        return false;
    }
    return skip_tag(xml);
}

static bool
check_xml(const char *text, size_t len, const char **why)
{
    struct xml xml = {.at = text, .end = text + len};
    uint32_t n_tags = 0;

    for (const char *at = text; at < xml.end; at++)
        if (*at == '<' && at + 1 < xml.end && at[1] != '/' &&
            ++n_tags > PLIST_GUARD_MAX_NODES) {
            *why = "XML plist: more than 20000 elements";
            return false;
        }
    while ((xml.at = memchr(xml.at, '<', (size_t)(xml.end - xml.at))) != NULL)
        if (!skip_markup(&xml)) {
            *why = xml.why;
            return false;
        }
    if (xml.depth != 0) {
        *why = "XML plist: truncated";
        return false;
    }
    return true;
}

bool
plist_guard_is_binary(const void *plist, size_t len)
{
    return len >= MAGIC_LEN && memcmp(plist, "bplist00", MAGIC_LEN) == 0;
}

bool
plist_guard_check(const void *plist, size_t len, const char **why)
{
    const char *text = plist;

    if (plist_guard_is_binary(plist, len))
        return check_binary(plist, len, why);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '<')
            return check_xml(text, len, why);
        if (!isspace((unsigned char)text[i]))
            break;
    }
    *why = "neither an XML nor a binary plist";
    return false;
}
