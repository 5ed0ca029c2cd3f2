/* markdown.h -- Markdown to HTML that is safe to show, whoever wrote it.
 *
 * CommonMark with tables and strikethrough, parsed by libmd4c and rendered here: no raw
 * HTML, only http, https, mailto and relative addresses, headings from h2 down, links
 * marked as written by users. Time and size are bounded. */
#ifndef APPD_MARKDOWN_H
#define APPD_MARKDOWN_H

#include "common/buf.h"

enum {
	MARKDOWN_OUT_MAX = 1 << 20,
	/* goes up when the same text gives other HTML; kept beside it in the database */
	MARKDOWN_VERSION = 1,
};

/* Appends to out, whose limit the caller chose (MARKDOWN_OUT_MAX). False: it would be
 * longer than that, or take too long; what out holds is then of no use. */
bool markdown_render(struct buf *out, struct str text)
    __attribute__((warn_unused_result));

#endif
