/* test_appd_markdown.c -- appd/markdown.h: what it makes, what it refuses, and that fifty
 * kilobytes of anything cost next to nothing. That nothing dangerous gets through is also
 * checked with a real HTML parser, in tests/flow/app_markdown.py. */
#include "appd/markdown.h"

#include <time.h>

#include "tests/unit/check.h"

enum { HOSTILE = 50000 };

static struct buf out;

static struct str render(struct str text)
{
	buf_fini(&out);
	buf_init(&out, MARKDOWN_OUT_MAX);
	CHECK(markdown_render(&out, text));
	return buf_get(&out);
}

#define RENDERS(text, html) CHECK_STR(render(STR(text)), STR(html))
#define REL                 " rel=\"nofollow ugc noopener\">"

TEST(makes_html)
{
	RENDERS("# One\n\n###### Six", "<h2>One</h2>\n<h6>Six</h6>\n");
	RENDERS("##### Five", "<h6>Five</h6>\n");
	RENDERS("a *b* **c** `d` ~~e~~",
		"<p>a <em>b</em> <strong>c</strong> <code>d</code> <del>e</del></p>\n");
	RENDERS("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n");
	RENDERS("3. a", "<ol start=\"3\">\n<li>a</li>\n</ol>\n");
	RENDERS("> a\n\n---", "<blockquote>\n<p>a</p>\n</blockquote>\n<hr>\n");
	RENDERS("```c\na < b\n```",
		"<pre><code class=\"language-c\">a &lt; b\n</code></pre>\n");
	RENDERS(
	    "|a|b|\n|:--|--:|\n|c|d|",
	    "<table>\n<thead>\n<tr><th class=\"left\">a</th><th "
	    "class=\"right\">b</th></tr>"
	    "\n</thead>\n<tbody>\n<tr><td class=\"left\">c</td><td class=\"right\">d</td>"
	    "</tr>\n</tbody>\n</table>\n");
	RENDERS("a  \nb\nc", "<p>a<br>\nb\nc</p>\n");
	RENDERS("&copy; &lt;", "<p>&copy; &lt;</p>\n");
	RENDERS("", "");
	buf_fini(&out);
}

TEST(links_and_images)
{
	RENDERS("[a](https://b.c/d?e=f&g 'h\"i')",
		"<p><a href=\"https://b.c/d?e=f&amp;g\" title=\"h&quot;i\"" REL
		"a</a></p>\n");
	RENDERS("<mailto:a@b.c>",
		"<p><a href=\"mailto:a@b.c\"" REL "mailto:a@b.c</a></p>\n");
	RENDERS("[a](/b \"c\") [d](#e) [f](g.html)",
		"<p><a href=\"/b\" title=\"c\"" REL "a</a> <a href=\"#e\"" REL
		"d</a> <a href=\"g.html\"" REL "f</a></p>\n");
	RENDERS("![a *b* `c`](https://d.e/f.png \"g\")",
		"<p><img src=\"https://d.e/f.png\" alt=\"a b c\" title=\"g\" "
		"loading=\"lazy\"></p>\n");
	RENDERS("![a](data:image/png;base64,x)",
		"<p><img src=\"\" alt=\"a\" loading=\"lazy\"></p>\n");
	RENDERS("[a](<b c\"'`\\>>)",
		"<p><a href=\"b%20c%22&#39;%60%3E\"" REL "a</a></p>\n");
	RENDERS("[a](/&ouml;&#228;)", "<p><a href=\"/&ouml;%C3%A4\"" REL "a</a></p>\n");
	buf_fini(&out);
}

TEST(no_other_scheme)
{
	static const char *const bad[] = {
		"javascript:alert(1)",
		"JaVaScRiPt:alert(1)",
		"&#106;avascript:alert(1)",
		"&#x6a;avascript:alert(1)",
		"&#x6A;&#97;vascript&#58;alert(1)",
		"javascript&colon;alert(1)",
		"javascript&#58;alert(1)",
		"javascript&#x3a;alert(1)",
		"java&Tab;script:alert(1)",
		"&Tab;javascript:alert(1)",
		"data:text/html,x",
		"vbscript:x",
		"file:///etc/passwd",
		"blob:x",
		"view-source:x",
		"filesystem:x",
		"httpx://a",
		"httphttphttphttphttps:x",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[200];
		struct str html;

		snprintf(text, sizeof(text), "[a](%s) ![b](%s)", bad[i], bad[i]);
		html = render(str_of(text));
		if (memmem(html.p, html.n, "<a", 2) != NULL ||
		    memmem(html.p, html.n, "src=\"\"", 6) == NULL)
			CHECK_FAIL("'%s' gives '%.*s'", text, STR_ARG(html));
	}
	buf_fini(&out);
}

TEST(what_browsers_would_drop_is_encoded)
{
	RENDERS("[a](<java\tscript:b>)",
		"<p><a href=\"java%09script:b\"" REL "a</a></p>\n");
	RENDERS("[a](<\x01javascript:b>)",
		"<p><a href=\"%01javascript:b\"" REL "a</a></p>\n");
	RENDERS("[a](java&#10;script:b)",
		"<p><a href=\"java%0Ascript:b\"" REL "a</a></p>\n");
	RENDERS("[a](<&#32;javascript:b>)",
		"<p><a href=\"%20javascript:b\"" REL "a</a></p>\n");
	buf_fini(&out);
}

TEST(no_html_of_the_author)
{
	RENDERS("<script>alert(1)</script>",
		"<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n");
	RENDERS("a <b onclick=\"x\">c</b>",
		"<p>a &lt;b onclick=&quot;x&quot;&gt;c&lt;/b&gt;</p>\n");
	RENDERS(
	    "```\"><script>\nx\n```",
	    "<pre><code class=\"language-&quot;&gt;&lt;script&gt;\">x\n</code></pre>\n");
	RENDERS("![\"><script>](/a)",
		"<p><img src=\"/a\" alt=\"&quot;&gt;&lt;script&gt;\" "
		"loading=\"lazy\"></p>\n");
	CHECK_STR(render((struct str){ "a\0b", 3 }), STR("<p>a\xef\xbf\xbd"
							 "b</p>\n"));
	buf_fini(&out);
}

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The best of three; that it may be refused is fine. */
static void check_cost(const char *name, struct str text)
{
	double best = 1e9;

	for (int i = 0; i < 3; i++) {
		double began = cpu_ms(), took;
		bool ok;

		buf_fini(&out);
		buf_init(&out, MARKDOWN_OUT_MAX);
		ok = markdown_render(&out, text);
		took = cpu_ms() - began;
		best = took < best ? took : best;
		CHECK(out.n <= MARKDOWN_OUT_MAX && (!ok || buf_ok(&out)));
	}
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	if (best > 10)
		CHECK_FAIL("50 kB of %s take %.1f ms", name, best);
#endif
	(void)name;
}

TEST(fifty_kilobytes_of_anything_are_cheap)
{
	static const char *const pieces[] = {
		"[",
		"*a _b ",
		">",
		"`a``",
		"<",
		"[a](b",
		"|a|b\n|-|-\n|",
		"![[",
		"![",
		"[a][",
		"**a",
		"_",
		"*",
		"~~a",
		"&#",
		"\\",
		"- ",
		"1. ",
		"\t",
		"    x\n",
		"> > ",
		"[a]: <",
		"a\n\n",
		"![](",
		"<a",
		"<!--",
		"[](<",
		"`",
		"``` \n",
		"| ",
		"# ",
		"*_",
		"a*b_",
		"[^",
		"~",
		"[a]: b \"",
		"(((((",
		"))))",
		"\"",
		"[[]]",
		"[x](",
		"![x][y",
		"\n",
		"\r",
		"&amp;",
		"&NotEqualTilde;",
		"http://",
		"<http://",
		"a@b.c ",
		"[a](<b>\"c",
		"- - ",
		"* * *\n",
		"+\n",
		"0) ",
	};
	static char text[HOSTILE];

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t n = strlen(pieces[i]);

		for (size_t at = 0; at < HOSTILE; at++)
			text[at] = pieces[i][at % n];
		check_cost(pieces[i], (struct str){ text, HOSTILE });
	}
	buf_fini(&out);
}

/* head, `long_n` letters, then `piece` until there are 50 kB. */
static void check_blow_up(const char *head, size_t long_n, const char *piece)
{
	struct buf text;

	buf_init(&text, HOSTILE + 100);
	buf_text(&text, head);
	for (size_t i = 0; i < long_n; i++)
		buf_char(&text, 'x');
	buf_text(&text, "\n\n");
	while (text.n < HOSTILE)
		buf_text(&text, piece);
	check_cost(head, buf_get(&text));
	buf_fini(&text);
}

TEST(brackets_on_many_lines_are_bounded)
{
	check_blow_up("", 0, "[a]\n");
	check_blow_up("", 0, "]\n");
	check_blow_up("> ", 0, "> [a]\n");
	check_blow_up("", 0, "[a]: b\n");
}

TEST(one_definition_does_not_blow_up)
{
	check_blow_up("[a]: ", 24000, "[a]\n");
	check_blow_up("[a]: ", 2040, "[a]\n");
	check_blow_up("[a]: /u \"", 24000, "[a] ");
	check_blow_up("[a]: ", 24000, "![a]\n");
	check_blow_up("", 0, "[a1]\n[a2]\n[a3]\n");
	buf_fini(&out);
}
