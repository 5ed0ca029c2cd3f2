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

TEST(a_browser_gets_the_first_that_we_speak)
{
	CHECK(language_accepted(STR("pl-PL,pl;q=0.9,en;q=0.8")) == &languages[1]);
	CHECK(language_accepted(STR("xx, AR;q=0.5, en")) == &languages[2]);
	CHECK(language_accepted(STR("en-GB")) == &languages[0]);
	CHECK(language_accepted(STR("xx, , ;;-,*")) == NULL);
	CHECK(language_accepted((struct str){ NULL, 0 }) == NULL);
	CHECK(language_find(STR("e")) == NULL);
}
