/* html.h -- the only way to write into a page: what is printed is escaped by its type.
 *
 *     text (struct str, char *)   escaped
 *     numbers                     printed
 *     struct html                 as it is: only renderers make one
 *     struct url_part             percent-encoded, for one segment or one query value
 *     struct plain                escaped, for where no markup keeps in what turns the
 *                                 direction of a text: such marks are left out
 *
 * In a template <?= e ?> becomes HTML_PUT(out, e); a type that is not listed here does
 * not compile. */
#ifndef APPD_HTML_H
#define APPD_HTML_H

#include "common/buf.h"

struct html {
	struct str s;
};

struct url_part {
	struct str s;
};

static inline struct url_part url_part(struct str s)
{
	return (struct url_part){ s };
}

struct plain {
	struct str s;
};

static inline struct plain plain(struct str s)
{
	return (struct plain){ s };
}

void html_str(struct buf *out, struct str s);
void html_text(struct buf *out, const char *z);
void html_int(struct buf *out, int64_t v);
void html_raw(struct buf *out, struct html h);
void html_url_part(struct buf *out, struct url_part u);
void html_plain(struct buf *out, struct plain p);

#define HTML_PUT(out, e)                                                                 \
	_Generic((e),                                                                    \
	    struct str: html_str,                                                        \
	    char *: html_text,                                                           \
	    const char *: html_text,                                                     \
	    int: html_int,                                                               \
	    unsigned: html_int,                                                          \
	    long: html_int,                                                              \
	    unsigned long: html_int,                                                     \
	    long long: html_int,                                                         \
	    struct html: html_raw,                                                       \
	    struct plain: html_plain,                                                    \
	    struct url_part: html_url_part)(out, e)

#endif
