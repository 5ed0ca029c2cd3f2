/* feed_write.c -- a feed as Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1. */
#include <time.h>

#include "appd/html.h"
#include "appd/json.h"
#include "appd/pages/feed.h"
#include "appd/utf8.h"

/* U+FFFE and U+FFFF are Unicode, but not XML; control characters are never stored. */
void xml_text(struct buf *out, struct str s)
{
	for (size_t i = 0; i + 3 <= s.n;) {
		const unsigned char *p = (const unsigned char *)s.p + i;

		if (p[0] != 0xef || p[1] != 0xbf || p[2] < 0xbe) {
			i++;
			continue;
		}
		html_str(out, (struct str){ s.p, i });
		s = (struct str){ s.p + i + 3, s.n - i - 3 };
		i = 0;
	}
	html_str(out, s);
}

void xml_time(struct buf *out, int64_t us)
{
	time_t seconds = us / 1000000;
	struct tm t;

	gmtime_r(&seconds, &t);
	buf_fmt(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.tm_year + 1900, t.tm_mon + 1,
		t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

/* "Sat, 21 Nov 2026 01:02:03 +0000", whatever the locale. */
static void rss_time(struct buf *out, int64_t us)
{
	static const char days[7][4] = {
		"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"
	};
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t seconds = us / 1000000;
	struct tm t;

	gmtime_r(&seconds, &t);
	buf_fmt(out, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[t.tm_wday], t.tm_mday,
		months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

/* For words that a reader shows beside its own: marks that would turn those are left
 * out. */
static void xml_plain(struct buf *out, struct str s)
{
	while (s.n > 0)
		xml_text(out, utf8_cut_turn(&s));
}

static void element(struct buf *out, const char *name, struct str text)
{
	buf_fmt(out, "<%s>", name);
	xml_plain(out, text);
	buf_fmt(out, "</%s>\n", name);
}

/* HTML keeps its marks to itself. */
static void element_html(struct buf *out, const char *name, const char *more,
			 struct str html)
{
	buf_fmt(out, "<%s%s>", name, more);
	xml_text(out, html);
	buf_fmt(out, "</%s>\n", name);
}

static void link_to(struct buf *out, const char *rel, struct str address)
{
	buf_fmt(out, "<link rel=\"%s\" href=\"", rel);
	xml_text(out, address);
	buf_text(out, "\"/>\n");
}

static void atom_time(struct buf *out, const char *name, int64_t us)
{
	buf_fmt(out, "<%s>", name);
	xml_time(out, us);
	buf_fmt(out, "</%s>\n", name);
}

static void write_atom(struct buf *out, const struct feed *f)
{
	buf_text(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		      "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
	element(out, "id", f->id);
	element(out, "title", f->title);
	element(out, "subtitle", f->description);
	atom_time(out, "updated", f->updated_us);
	link_to(out, "self", f->self);
	link_to(out, "alternate", f->page);
	for (size_t i = 0; i < f->count; i++) {
		const struct feed_entry *e = &f->entries[i];

		buf_text(out, "<entry>\n");
		element(out, "id", e->id);
		element(out, "title", e->title);
		atom_time(out, "published", e->published_us);
		atom_time(out, "updated", e->updated_us);
		link_to(out, "alternate", e->link);
		buf_text(out, "<author>");
		element(out, "name", e->author);
		buf_text(out, "</author>\n");
		element(out, "summary", e->summary);
		if (e->html.p != NULL)
			element_html(out, "content", " type=\"html\"", e->html);
		buf_text(out, "</entry>\n");
	}
	buf_text(out, "</feed>\n");
}

static void write_rss(struct buf *out, const struct feed *f)
{
	buf_text(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		      "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" "
		      "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n");
	element(out, "title", f->title);
	element(out, "link", f->page);
	element(out, "description", f->description);
	buf_text(out, "<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"");
	xml_text(out, f->self);
	buf_text(out, "\"/>\n<lastBuildDate>");
	rss_time(out, f->updated_us);
	buf_text(out, "</lastBuildDate>\n");
	for (size_t i = 0; i < f->count; i++) {
		const struct feed_entry *e = &f->entries[i];

		buf_text(out, "<item>\n");
		element(out, "title", e->title);
		element(out, "link", e->link);
		buf_text(out, "<guid isPermaLink=\"false\">");
		xml_text(out, e->id);
		buf_text(out, "</guid>\n<pubDate>");
		rss_time(out, e->published_us);
		buf_text(out, "</pubDate>\n");
		element(out, "dc:creator", e->author);
		if (e->html.p != NULL)
			element_html(out, "description", "", e->html);
		else
			element(out, "description", e->summary);
		buf_text(out, "</item>\n");
	}
	buf_text(out, "</channel>\n</rss>\n");
}

static void pair(struct json *j, const char *key, struct str value)
{
	json_key(j, key);
	json_str(j, value);
}

static void pair_plain(struct json *j, const char *key, struct str words)
{
	json_key(j, key);
	json_plain(j, words);
}

static void pair_time(struct json *j, const char *key, int64_t us)
{
	char bytes[32];
	struct buf text;

	buf_init(&text, sizeof(bytes));
	xml_time(&text, us);
	pair(j, key, buf_get(&text));
	buf_fini(&text);
}

static void json_entry(struct json *j, const struct feed_entry *e)
{
	json_open(j, '{');
	pair(j, "id", e->id);
	pair(j, "url", e->link);
	pair_plain(j, "title", e->title);
	pair_plain(j, "summary", e->summary);
	if (e->html.p != NULL)
		pair(j, "content_html", e->html);
	else
		pair_plain(j, "content_text", e->summary);
	pair_time(j, "date_published", e->published_us);
	pair_time(j, "date_modified", e->updated_us);
	json_key(j, "authors");
	json_open(j, '[');
	json_open(j, '{');
	pair_plain(j, "name", e->author);
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
}

static void write_json(struct buf *out, const struct feed *f)
{
	struct json j = json_of(out);

	json_open(&j, '{');
	pair(&j, "version", STR("https://jsonfeed.org/version/1.1"));
	pair_plain(&j, "title", f->title);
	pair_plain(&j, "description", f->description);
	pair(&j, "home_page_url", f->page);
	pair(&j, "feed_url", f->self);
	json_key(&j, "items");
	json_open(&j, '[');
	for (size_t i = 0; i < f->count; i++)
		json_entry(&j, &f->entries[i]);
	json_close(&j, ']');
	json_close(&j, '}');
}

const struct feed_format feed_atom = { { "application/atom+xml; charset=utf-8", 35 },
				       write_atom };
const struct feed_format feed_rss = { { "application/rss+xml; charset=utf-8", 34 },
				      write_rss };
const struct feed_format feed_json = { { "application/feed+json; charset=utf-8", 36 },
				       write_json };
