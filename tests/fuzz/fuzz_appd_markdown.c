/* fuzz_appd_markdown.c -- any text as Markdown: refused, or HTML in which every tag is
 * one that the renderer makes, every attribute is closed, and no address has a scheme of
 * its own. */
#include "appd/markdown.h"

#include <ctype.h>

#include "appd/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const char *const tags[] = {
	"h2",     "h3",  "h4",   "h5",    "h6",    "p",     "br",         "hr", "em",
	"strong", "del", "code", "pre",   "ul",    "ol",    "li",         "a",  "img",
	"th",     "td",  "tr",   "table", "thead", "tbody", "blockquote",
};

static void need(bool truth)
{
	if (!truth)
		abort();
}

static bool is_tag(struct str name)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (str_eq(name, str_of(tags[i])))
			return true;
	return false;
}

static void check_address(struct str value)
{
	struct str scheme = { value.p, 0 };

	while (scheme.n < value.n && (isalnum((unsigned char)value.p[scheme.n]) ||
				      strchr("+-.", value.p[scheme.n]) != NULL))
		scheme.n++;
	if (scheme.n == value.n || value.p[scheme.n] != ':')
		return;
	need(str_eq_nocase(scheme, STR("http")) || str_eq_nocase(scheme, STR("https")) ||
	     str_eq_nocase(scheme, STR("mailto")));
}

/* From behind '<' to behind '>'. */
static const char *check_tag(const char *p, const char *end)
{
	struct str name;

	p += p < end && *p == '/';
	name.p = p;
	while (p < end && *p != ' ' && *p != '>')
		p++;
	name.n = (size_t)(p - name.p);
	need(is_tag(name));
	while (p < end && *p == ' ') {
		struct str key = { ++p, 0 }, value;

		while (p < end && *p != '=')
			need(*p >= 'a' && *p <= 'z'), p++;
		key.n = (size_t)(p - key.p);
		need(end - p > 2 && p[1] == '"');
		value.p = p += 2;
		while (p < end && *p != '"')
			need(*p != '<' && *p != '>'), p++;
		value.n = (size_t)(p - value.p);
		need(p++ < end);
		if (str_eq(key, STR("href")) || str_eq(key, STR("src")))
			check_address(value);
	}
	need(p < end && *p == '>');
	return p + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct str text = { (const char *)bytes, n };
	struct buf out;

	if (!utf8_is_valid(text))
		return 0;
	buf_init(&out, MARKDOWN_OUT_MAX);
	if (markdown_render(&out, text)) {
		const char *p = out.p, *end = out.p + out.n;

		while (p < end) {
			need(*p != '>' && *p != '"');
			p = *p == '<' ? check_tag(p + 1, end) : p + 1;
		}
	}
	buf_fini(&out);
	return 0;
}
