/* test_appd_search.c -- what people ask becomes words, phrases and filters, and nothing
 * of it an operator of the database. */
#include "appd/model/search.h"
#include "common/arena.h"
#include "tests/unit/check.h"

static void parses(const char *text, const char *words, const char *author,
		   const char *tag)
{
	struct arena a;
	struct search s;

	arena_init(&a, 1 << 16);
	s = search_parse(&a, str_of(text));
	CHECK_STR(s.words, str_of(words));
	CHECK_STR(s.author, str_of(author));
	CHECK_STR(s.tag, str_of(tag));
	arena_fini(&a);
}

TEST(words_phrases_and_filters)
{
	parses("", "", "", "");
	parses("server", "+server*", "", "");
	parses("web  server", "+web* +server*", "", "");
	parses("\"application server\" web", "+\"application server\" +web*", "", "");
	parses("author:ann tag:c name", "+name*", "ann", "c");
	parses("author:\"ann b\" tag:\"a c\"", "", "ann b", "a c");
	parses("żółw", "+żółw*", "", "");
}

TEST(operators_are_letters_of_nobody)
{
	parses("+-><()~*@", "", "", "");
	parses("-server +(web~5)", "+server* +web*", "", "");
	parses("\"a* +b\" @9", "+\"a b\"", "", "");
	parses("\"", "", "", "");
	parses("\"open end", "+\"open end\"", "", "");
	parses("author: tag:", "", "", "");
	parses("a an the", "+the*", "", "");
}

TEST(a_long_question_is_cut)
{
	char text[2000];
	struct arena a;
	struct search s;

	memset(text, 'x', sizeof(text));
	for (size_t i = 3; i < sizeof(text); i += 4)
		text[i] = ' ';
	text[sizeof(text) - 1] = '\0';
	arena_init(&a, 1 << 16);
	s = search_parse(&a, str_of(text));
	CHECK(s.words.n <= 12 * 6);
	memset(text, '\xc5', sizeof(text) - 1);
	for (size_t i = 1; i < sizeof(text); i += 2)
		text[i] = '\x82';
	text[sizeof(text) - 1] = '\0';
	s = search_parse(&a, str_of(text));
	CHECK(s.words.n % 2 == 0);
	arena_fini(&a);
}
