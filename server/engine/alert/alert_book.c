/* SPDX-License-Identifier: MIT */
#include "alert_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
alert_book_fini(struct alert_book *book)
{
    free(book->open);
    free(book->told);
    *book = (struct alert_book){0};
}

const char *
alert_book_word(enum alert_kind kind)
{
    static const char *const words[ALERT_N_KINDS] = {
#define X(name, word) word,
        ALERT_KINDS(X)
#undef X
    };

    return words[kind];
}

static bool
read_kind(const char *word, enum alert_kind *kind)
{
    for (unsigned i = 0; i < ALERT_N_KINDS; i++) {
        *kind = (enum alert_kind)i;
        if (strcmp(word, alert_book_word(*kind)) == 0)
            return true;
    }
    return false;
}

static const char *
keep_severity(const char *text)
{
    static const char *const words[] = {"notice", "warning", "critical"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], text) == 0)
            return words[i];
    return "warning";
}

static struct alert_open *
place_for(struct alert_book *book, enum alert_kind kind, const char *topic)
{
    struct alert_open *grown;

    for (size_t i = 0; i < book->n_open; i++)
        if (book->open[i].kind == kind &&
            strcmp(book->open[i].topic, topic) == 0)
            return &book->open[i];
    if (book->n_open >= ALERT_BOOK_MAX_OPEN)
        return NULL;
    grown = realloc(book->open, (book->n_open + 1) * sizeof *grown);
    if (grown == NULL)
        return NULL;
    book->open = grown;
    return &grown[book->n_open++];
}

bool
alert_book_put(struct alert_book *book, const struct store_alert *alert)
{
    struct alert_open *open;
    enum alert_kind kind;

    if (!read_kind(alert->kind, &kind) ||
        (open = place_for(book, kind, alert->topic)) == NULL)
        return false;
    *open = (struct alert_open){
        .id = alert->id,
        .at_ms = alert->at_ms,
        .kind = kind,
        .threshold_days = alert->threshold_days,
        .since_ms = alert->since_ms,
        .severity = keep_severity(alert->severity),
    };
    snprintf(open->topic, sizeof open->topic, "%s", alert->topic);
    snprintf(open->cert, sizeof open->cert, "%s", alert->cert);
    snprintf(open->text, sizeof open->text, "%s", alert->text);
    return true;
}

void
alert_book_drop(struct alert_book *book, int64_t id)
{
    for (size_t i = 0; i < book->n_open; i++) {
        if (book->open[i].id != id)
            continue;
        book->n_open--;
        memmove(&book->open[i], &book->open[i + 1],
                (book->n_open - i) * sizeof *book->open);
        return;
    }
}

const struct alert_open *
alert_book_find(const struct alert_book *book, enum alert_kind kind,
                const char *topic)
{
    for (size_t i = 0; i < book->n_open; i++)
        if (book->open[i].kind == kind &&
            strcmp(book->open[i].topic, topic) == 0)
            return &book->open[i];
    return NULL;
}

static struct alert_told *
find_told(const struct alert_book *book, const char *cert)
{
    for (size_t i = 0; i < book->n_told; i++)
        if (strcmp(book->told[i].cert, cert) == 0)
            return &book->told[i];
    return NULL;
}

struct certlife_told
alert_book_told(const struct alert_book *book, const char *cert)
{
    const struct alert_told *found = find_told(book, cert);

    return found != NULL ? found->told : (struct certlife_told){0};
}

bool
alert_book_tell(struct alert_book *book, const char *cert,
                const struct certlife_told *told)
{
    struct alert_told *found = find_told(book, cert);
    struct alert_told *grown;

    if (told == NULL) {
        if (found != NULL) /* the last one takes its place */
            *found = book->told[--book->n_told];
        return true;
    }
    if (found == NULL) {
        grown = realloc(book->told, (book->n_told + 1) * sizeof *grown);
        if (grown == NULL)
            return false;
        book->told = grown;
        found = &grown[book->n_told++];
        snprintf(found->cert, sizeof found->cert, "%s", cert);
    }
    found->told = *told;
    return true;
}
