/* test_appd_mark.c -- what was asked for is marked in what was found, and nothing else
 * is. */
#include "appd/mark.h"
#include "tests/unit/check.h"

static void marks(const char *words, bool prefix, const char *text, const char *expected)
{
	struct marks m = { 0 };
	struct arena a;
	struct buf out;

	arena_init(&a, 1 << 16);
	buf_init(&out, 1 << 16);
	mark_add(&m, &a, str_of(words), prefix);
	mark_html(&out, str_of(text), &m);
	CHECK_STR(buf_get(&out), str_of(expected));
	buf_fini(&out);
	arena_fini(&a);
}

TEST(words_whatever_their_case_and_accents)
{
	marks("serv", true, "A Server, servers; observer",
	      "A <mark>Server</mark>, <mark>servers</mark>; observer");
	marks("zolw", true, "Żółw to żółw",
	      "Żółw to żółw"); /* ł is a letter of its own */
	marks("cafe", true, "Cafés & CAFÉ", "<mark>Cafés</mark> &amp; <mark>CAFÉ</mark>");
	marks("strasse", false, "Straße", "<mark>Straße</mark>");
	marks("", true, "nothing", "nothing");
	marks("x", true, "", "");
}

TEST(phrases)
{
	marks("a b", false, "a  b, a-b, a bc, ab",
	      "<mark>a  b</mark>, <mark>a-b</mark>, a bc, ab");
	marks("end", false, "the end", "the <mark>end</mark>");
	marks("the end of", false, "the end", "the end");
}

TEST(what_is_hostile_stays_escaped)
{
	marks("script", true, "<script>alert(\"1\")</script>",
	      "&lt;<mark>script</mark>&gt;alert(&quot;1&quot;)&lt;/<mark>script</"
	      "mark>&gt;");
	marks("\xff\xfe", true, "\xff\xfe plain", "\xff\xfe plain");
}

TEST(plain_words_of_markdown)
{
	struct arena a;

	arena_init(&a, 1 << 16);
	CHECK_STR(
	    mark_plain(&a, STR("# Head\n\n- *one* [two](https://x.y/z) `three`\n> four")),
	    STR("Head - one two three four"));
	CHECK_STR(mark_plain(&a, STR("[open](never ends")), STR("open"));
	CHECK_STR(mark_plain(&a, STR("")), STR(""));
	arena_fini(&a);
}

TEST(what_was_cut_out_has_whole_words)
{
	static const char *const cut[][2] = {
		{ "… ut of a longer te …", "… of a longer …" },
		{ "A whole one.", "A whole one." },
		{ "Its begin …", "Its …" },
		{ "… nd", "… nd" },
		{ "… ", "… " },
		{ "", "" },
		{ "… 01234567890123456789012345678901234567890123456789 …",
		  "… 01234567890123456789012345678901234567890123456789 …" },
	};
	struct arena a;

	arena_init(&a, 1 << 16);
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++)
		CHECK_STR(mark_whole_words(&a, str_of(cut[i][0])), str_of(cut[i][1]));
	arena_fini(&a);
}
