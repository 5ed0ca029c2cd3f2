/* feed.h -- what a feed reader gets, in three languages. */
#ifndef APPD_PAGES_FEED_H
#define APPD_PAGES_FEED_H

#include "common/buf.h"

struct feed_entry {
	struct str id, link, title, summary, author;
	struct str html; /* p == NULL: there is only the summary */
	int64_t published_us, updated_us;
};

struct feed {
	struct str title, description;
	struct str page, self; /* addresses in full: of people, and of this feed */
	struct str id;
	int64_t updated_us;
	const struct feed_entry *entries;
	size_t count;
};

struct feed_format {
	struct str type;
	void (*write)(struct buf *out, const struct feed *f);
};

extern const struct feed_format feed_atom, feed_rss, feed_json;

/* Text of XML: escaped, without what XML cannot hold. */
void xml_text(struct buf *out, struct str s);
/* "2026-11-21T01:02:03Z" */
void xml_time(struct buf *out, int64_t us);

#endif
