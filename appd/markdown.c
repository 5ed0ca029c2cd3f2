/* markdown.c -- see markdown.h. md4c calls back for each block, span and piece of text;
 * everything that goes out passes through put_text, put_address or a constant. */
#include "appd/markdown.h"

#include <md4c.h>

#include "appd/html.h"
#include "appd/markdown_url.h"

enum { ADDRESS_MAX = 2048, COST_MAX = 10000000 };

struct render {
	struct buf *out;
	unsigned images;   /* depth: inside one, only its alternative text is wanted */
	bool link_refused; /* the address of the link we are in is not shown */
	bool thead;
};

/* md4c goes on after some of the errors that we return, so that the flag decides. */
static int result(const struct render *r)
{
	return buf_ok(r->out) ? 0 : 1;
}

static void put(struct render *r, const char *html)
{
	buf_text(r->out, html);
}

static void put_text(struct render *r, const char *p, size_t n)
{
	html_str(r->out, (struct str){ p, n });
}

/* ---- attributes: pieces of plain text and entities ---- */

static void put_attribute(struct render *r, const MD_ATTRIBUTE *a)
{
	for (int i = 0; a->substr_offsets[i] < a->size; i++) {
		const char *p = a->text + a->substr_offsets[i];
		size_t n = a->substr_offsets[i + 1] - a->substr_offsets[i];

		if (a->substr_types[i] == MD_TEXT_NULLCHAR)
			put(r, "\xef\xbf\xbd");
		else if (a->substr_types[i] == MD_TEXT_ENTITY)
			buf_put(r->out, p, n); /* &name; is only ever a character */
		else
			put_text(r, p, n);
	}
}

static bool address_is_fine(const MD_ATTRIBUTE *a)
{
	struct markdown_url u = { 0 };

	for (int i = 0; a->substr_offsets[i] < a->size; i++)
		markdown_url_look(
		    &u, a->substr_types[i] == MD_TEXT_ENTITY,
		    (struct str){ a->text + a->substr_offsets[i],
				  a->substr_offsets[i + 1] - a->substr_offsets[i] });
	return markdown_url_ok(&u);
}

static void put_address(struct render *r, const MD_ATTRIBUTE *a)
{
	for (int i = 0; a->substr_offsets[i] < a->size; i++)
		markdown_url_put(
		    r->out, a->substr_types[i] == MD_TEXT_ENTITY,
		    (struct str){ a->text + a->substr_offsets[i],
				  a->substr_offsets[i + 1] - a->substr_offsets[i] });
}

static void put_title(struct render *r, const MD_ATTRIBUTE *title)
{
	if (title->text == NULL)
		return;
	put(r, " title=\"");
	put_attribute(r, title);
	put(r, "\"");
}

/* ---- blocks ---- */

static void open_heading(struct render *r, unsigned level, bool close)
{
	/* the page's own title is the h1 */
	buf_fmt(r->out, close ? "</h%u>\n" : "<h%u>", level < 5 ? level + 1 : 6);
}

static void open_code(struct render *r, const MD_BLOCK_CODE_DETAIL *d)
{
	put(r, "<pre><code");
	if (d->lang.text != NULL) {
		put(r, " class=\"language-");
		put_attribute(r, &d->lang);
		put(r, "\"");
	}
	put(r, ">");
}

static void open_list(struct render *r, const MD_BLOCK_OL_DETAIL *d)
{
	if (d->start == 1)
		put(r, "<ol>\n");
	else
		buf_fmt(r->out, "<ol start=\"%u\">\n", d->start);
}

static void open_cell(struct render *r, const char *tag, const MD_BLOCK_TD_DETAIL *d)
{
	static const char *const classes[] = { "", " class=\"left\"", " class=\"center\"",
					       " class=\"right\"" };

	buf_fmt(r->out, "<%s%s>", tag, classes[d->align & 3]);
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
	struct render *r = ctx;

	switch (type) {
	case MD_BLOCK_DOC:
		break;
	case MD_BLOCK_QUOTE:
		put(r, "<blockquote>\n");
		break;
	case MD_BLOCK_UL:
		put(r, "<ul>\n");
		break;
	case MD_BLOCK_OL:
		open_list(r, detail);
		break;
	case MD_BLOCK_LI:
		put(r, "<li>");
		break;
	case MD_BLOCK_HR:
		put(r, "<hr>\n");
		break;
	case MD_BLOCK_H:
		open_heading(r, ((MD_BLOCK_H_DETAIL *)detail)->level, false);
		break;
	case MD_BLOCK_CODE:
		open_code(r, detail);
		break;
	case MD_BLOCK_P:
		put(r, "<p>");
		break;
	case MD_BLOCK_TABLE:
		put(r, "<table>\n");
		break;
	case MD_BLOCK_THEAD:
		put(r, "<thead>\n");
		break;
	case MD_BLOCK_TBODY:
		put(r, "<tbody>\n");
		break;
	case MD_BLOCK_TR:
		put(r, "<tr>");
		break;
	case MD_BLOCK_TH:
		open_cell(r, "th", detail);
		break;
	case MD_BLOCK_TD:
		open_cell(r, "td", detail);
		break;
	case MD_BLOCK_HTML: /* never: the parser is told to know none */
		break;
	}
	return result(r);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
	static const char *const ends[] = {
		[MD_BLOCK_QUOTE] = "</blockquote>\n",
		[MD_BLOCK_UL] = "</ul>\n",
		[MD_BLOCK_OL] = "</ol>\n",
		[MD_BLOCK_LI] = "</li>\n",
		[MD_BLOCK_CODE] = "</code></pre>\n",
		[MD_BLOCK_P] = "</p>\n",
		[MD_BLOCK_TABLE] = "</table>\n",
		[MD_BLOCK_THEAD] = "</thead>\n",
		[MD_BLOCK_TBODY] = "</tbody>\n",
		[MD_BLOCK_TR] = "</tr>\n",
		[MD_BLOCK_TH] = "</th>",
		[MD_BLOCK_TD] = "</td>",
	};
	struct render *r = ctx;

	if (type == MD_BLOCK_H)
		open_heading(r, ((MD_BLOCK_H_DETAIL *)detail)->level, true);
	else if (type < sizeof(ends) / sizeof(ends[0]) && ends[type] != NULL)
		put(r, ends[type]);
	return result(r);
}

/* ---- spans ---- */

/* md4c takes an address apart anew for each link that refers to it, and does not stop
 * when entering a span fails; text that follows does. Without this bound one long
 * definition and thousands of links to it are 200 ms. */
static void check_length(struct render *r, const MD_ATTRIBUTE *address,
			 const MD_ATTRIBUTE *title)
{
	if (address->size > ADDRESS_MAX || title->size > ADDRESS_MAX)
		r->out->failed = true;
}

static void open_link(struct render *r, const MD_SPAN_A_DETAIL *d)
{
	check_length(r, &d->href, &d->title);
	r->link_refused = !address_is_fine(&d->href);
	if (r->link_refused)
		return;
	put(r, "<a href=\"");
	put_address(r, &d->href);
	put(r, "\"");
	put_title(r, &d->title);
	put(r, " rel=\"nofollow ugc noopener\">");
}

static void close_link(struct render *r)
{
	if (!r->link_refused)
		put(r, "</a>");
	r->link_refused = false;
}

static void open_image(struct render *r, const MD_SPAN_IMG_DETAIL *d)
{
	check_length(r, &d->src, &d->title);
	put(r, "<img src=\"");
	if (address_is_fine(&d->src))
		put_address(r, &d->src);
	put(r, "\" alt=\"");
}

static void close_image(struct render *r, const MD_SPAN_IMG_DETAIL *d)
{
	put(r, "\"");
	put_title(r, &d->title);
	put(r, " loading=\"lazy\">");
}

static const char *span_tag(MD_SPANTYPE type, bool close)
{
	switch (type) {
	case MD_SPAN_EM:
		return close ? "</em>" : "<em>";
	case MD_SPAN_STRONG:
		return close ? "</strong>" : "<strong>";
	case MD_SPAN_CODE:
		return close ? "</code>" : "<code>";
	case MD_SPAN_DEL:
		return close ? "</del>" : "<del>";
	default:
		return "";
	}
}

static int enter_span(MD_SPANTYPE type, void *detail, void *ctx)
{
	struct render *r = ctx;

	if (type == MD_SPAN_IMG && r->images++ == 0)
		open_image(r, detail);
	if (r->images > 0)
		return result(r);
	if (type == MD_SPAN_A)
		open_link(r, detail);
	else
		put(r, span_tag(type, false));
	return result(r);
}

static int leave_span(MD_SPANTYPE type, void *detail, void *ctx)
{
	struct render *r = ctx;

	if (type == MD_SPAN_IMG && --r->images == 0) {
		close_image(r, detail);
		return result(r);
	}
	if (r->images > 0)
		return result(r);
	if (type == MD_SPAN_A)
		close_link(r);
	else
		put(r, span_tag(type, true));
	return result(r);
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *p, MD_SIZE n, void *ctx)
{
	struct render *r = ctx;

	switch (type) {
	case MD_TEXT_NULLCHAR:
		put(r, "\xef\xbf\xbd");
		break;
	case MD_TEXT_BR:
		put(r, r->images > 0 ? " " : "<br>\n");
		break;
	case MD_TEXT_SOFTBR:
		put(r, r->images > 0 ? " " : "\n");
		break;
	case MD_TEXT_ENTITY: /* it has the form &name; or &#n; */
		buf_put(r->out, p, n);
		break;
	default:
		put_text(r, p, n);
	}
	return result(r);
}

/* md4c looks for the line of each bracket from the top of its paragraph: lines times
 * brackets, which 50 kB of "[a]\n" make 30 ms. All paragraphs together may cost so much.
 */
static bool is_affordable(struct str text)
{
	uint64_t lines = 1, brackets = 0, cost = 0;
	bool blank = true;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		brackets += c == '[' || c == ']';
		if (c != '\n') {
			blank = blank && (c == ' ' || c == '\t' || c == '\r');
			continue;
		}
		lines++;
		if (blank) {
			cost += lines * brackets;
			lines = 1;
			brackets = 0;
		}
		blank = true;
	}
	return cost + lines * brackets <= COST_MAX;
}

static bool parse(struct render *r, struct str text)
{
	const MD_PARSER parser = {
		.flags = MD_FLAG_NOHTML | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH,
		.enter_block = enter_block,
		.leave_block = leave_block,
		.enter_span = enter_span,
		.leave_span = leave_span,
		.text = on_text,
	};

	return md_parse(text.p, (MD_SIZE)text.n, &parser, r) == 0 && buf_ok(r->out);
}

bool markdown_render(struct buf *out, struct str text)
{
	struct render r = { .out = out };
	char *ended; /* md4c looks for line ends with strcspn */
	bool ok;

	if (!is_affordable(text))
		return false;
	ended = malloc(text.n + 1);
	if (ended == NULL)
		return false;
	memcpy(ended, text.p, text.n);
	ended[text.n] = '\0';
	ok = parse(&r, (struct str){ ended, text.n });
	free(ended);
	return ok;
}
