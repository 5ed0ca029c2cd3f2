/* test_appd_compose.c -- a mail as bytes, whatever its words are. */
#include "appd/mail/mail.h"
#include "common/buf.h"
#include "tests/unit/check.h"

static struct str compose(struct buf *b, struct str subject)
{
	const struct mail m = {
		.from = STR("box@site.example"),
		.to = STR("ann@example.com"),
		.name = STR("site.example"),
		.subject = subject,
		.id = STR("1.abcd"),
		.text = STR("text\n"),
	};

	buf_reset(b);
	CHECK(mail_compose(b, &m, "\n"));
	buf_char(b, '\0');
	return buf_get(b);
}

TEST(words_end_between_letters)
{
	char long_word[45] = "";
	struct buf b;

	buf_init(&b, 64 << 10);
	for (size_t i = 0; i < 44; i += 2)
		memcpy(long_word + i + 1, "\xc3\xa9", 2);
	long_word[0] = 'x'; /* the 42nd byte is the first half of a letter */
	CHECK(strstr(compose(&b, (struct str){ long_word, 45 }).p,
		     "?=\n =?UTF-8?B?w6nDqQ==?=\n") != NULL);
	buf_fini(&b);
}

TEST(what_is_no_text_ends_too)
{
	char odd[100];
	struct buf b;

	buf_init(&b, 64 << 10);
	memset(odd, 0x80, sizeof(odd));
	CHECK(compose(&b, (struct str){ odd, sizeof(odd) }).n > 0);
	buf_fini(&b);
}
