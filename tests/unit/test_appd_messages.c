/* test_appd_messages.c -- the pages' words: whole in every language, and which one a
 * browser gets. */
#include "appd/messages.h"
#include "tests/unit/check.h"

static unsigned holes(const char *text)
{
	unsigned n = 0;

	for (; *text != '\0'; text++)
		n += *text == '{';
	return n;
}

TEST(every_language_has_every_message)
{
	for (size_t l = 0; l < LANGUAGES; l++) {
		for (size_t m = 0; m < MESSAGE_COUNT; m++) {
			const char *text = languages[l].texts[m];

			CHECK(text != NULL && *text != '\0');
			if (text == NULL)
				continue;
			CHECK_INT(holes(text), holes(languages[0].texts[m]));
		}
	}
}

/* Each {a|b} has a form for every number, and no } stands alone. */
static bool has_forms(const char *text, unsigned forms)
{
	struct str rest = str_of(text);

	while (rest.p != NULL) {
		struct str before = str_cut(&rest, '{'), hole;
		unsigned n = 1;

		if (before.n > 0 && memchr(before.p, '}', before.n) != NULL)
			return false;
		if (rest.p == NULL)
			return true;
		hole = str_cut(&rest, '}');
		if (rest.p == NULL)
			return false;
		for (size_t i = 0; i < hole.n; i++)
			n += hole.p[i] == '|';
		if (n != 1 && n != forms)
			return false;
	}
	return true;
}

TEST(counted_things_have_all_their_forms)
{
	for (size_t l = 0; l < LANGUAGES; l++) {
		for (size_t m = 0; m < MESSAGE_COUNT; m++)
			CHECK(has_forms(languages[l].texts[m], languages[l].forms));
		for (uint64_t n = 0; n < 2000; n++)
			CHECK(languages[l].form(n) < languages[l].forms);
	}
}

/* After CLDR's plural rules: cardinal, for integers. */
TEST(the_form_goes_with_the_number)
{
	static const struct {
		unsigned language;
		int64_t n;
		const char *want;
	} rows[] = {
		{ 0, 0, "0 b" },     { 0, 1, "1 a" },       { 0, 2, "2 b" },
		{ 0, 21, "21 b" },   { 1, 0, "0 c" },       { 1, 1, "1 a" },
		{ 1, 2, "2 b" },     { 1, 4, "4 b" },       { 1, 5, "5 c" },
		{ 1, 12, "12 c" },   { 1, 14, "14 c" },     { 1, 21, "21 c" },
		{ 1, 22, "22 b" },   { 1, 112, "112 c" },   { 1, 1003, "1003 b" },
		{ 2, 0, "0 a" },     { 2, 1, "1 b" },       { 2, 2, "2 c" },
		{ 2, 3, "3 d" },     { 2, 10, "10 d" },     { 2, 11, "11 e" },
		{ 2, 99, "99 e" },   { 2, 100, "100 f" },   { 2, 102, "102 f" },
		{ 2, 103, "103 d" }, { 2, 1011, "1011 e" }, { 0, -1, "-1 a" },
	};
	static const char *const texts[] = { "{# a|# b}", "{# a|# b|# c}",
					     "{# a|# b|# c|# d|# e|# f}" };
	char room[MESSAGE_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_STR(message_fill(&languages[rows[i].language],
				       texts[rows[i].language], rows[i].n, room),
			  str_of(rows[i].want));
	CHECK_STR(message_fill(&languages[0], "a {} b {none|#, #}.", 7, room),
		  STR("a 7 b 7, 7."));
}

TEST(sentences_of_the_model_are_said_in_each_language)
{
	char room[MESSAGE_SIZE];

	CHECK_STR(message_sentence(&languages[1], STR("can't be blank"), room),
		  str_of(languages[1].texts[MESSAGE_is_blank]));
	CHECK_STR(message_sentence(&languages[1],
				   STR("is too short (minimum is 8 characters)"), room),
		  STR("jest za krótkie (co najmniej 8 znaków)"));
	CHECK_STR(message_sentence(&languages[1],
				   STR("is too short (minimum is 1 character)"), room),
		  STR("jest za krótkie (co najmniej 1 znak)"));
	CHECK_STR(message_sentence(&languages[2], STR("no such 7 sentence"), room),
		  STR("no such 7 sentence"));
	CHECK_STR(message_sentence(&languages[0], STR(""), room), STR(""));
}

TEST(a_browser_gets_the_first_that_we_speak)
{
	CHECK(language_accepted(STR("pl-PL,pl;q=0.9,en;q=0.8")) == &languages[1]);
	CHECK(language_accepted(STR("xx, AR;q=0.5, en")) == &languages[2]);
	CHECK(language_accepted(STR("en-GB")) == &languages[0]);
	CHECK(language_accepted(STR("xx, , ;;-,*")) == NULL);
	CHECK(language_accepted((struct str){ NULL, 0 }) == NULL);
	CHECK(language_find(STR("e")) == NULL);
}
