/* test_msg.c -- the tables: common/msg.def, err.def and the clock's stamp. */
#include "common/msg.h"

#include "common/clock.h"
#include "common/err.h"
#include "common/list.h"
#include "tests/unit/check.h"

TEST(numbers_have_names)
{
	CHECK_TEXT(msg_kind_name(KIND_REQUEST), "KIND_REQUEST");
	CHECK_TEXT(msg_type_name(MSG_SQL), "MSG_SQL");
	CHECK_TEXT(msg_status_word(STATUS_LOST), "lost");
	CHECK_TEXT(msg_kind_name(200), "?");
	CHECK_TEXT(msg_type_name(0), "?");
	CHECK_TEXT(msg_status_word(255), "?");
}

/* They are on the wire and in scripts: a change here breaks what runs out there. */
TEST(numbers_stay_what_they_were)
{
	CHECK_INT(KIND_HELLO, 0);
	CHECK_INT(KIND_DRAINED, 7);
	CHECK_INT(MSG_HTTP, 1);
	CHECK_INT(MSG_SQL, 10);
	CHECK_INT(MSG_PING, 23);
	CHECK_INT(MSG_DATABASE, 25);
	CHECK_INT(STATUS_AGAIN, 2);
	CHECK_INT(STATUS_FULL, 5);
	CHECK_INT(EXIT_USAGE, 64);
	CHECK_INT(EXIT_CONFIG, 78);
}

TEST(a_stamp_is_rfc_3339)
{
	char stamp[CLOCK_STAMP_SIZE];

	CHECK_TEXT(clock_stamp(0, stamp), "1970-01-01T00:00:00.000000Z");
	CHECK_TEXT(clock_stamp(1795219200123456, stamp), "2026-11-21T00:00:00.123456Z");
	CHECK_TEXT(clock_stamp(4102444799999999, stamp), "2099-12-31T23:59:59.999999Z");
}

TEST(the_clock_goes_on)
{
	int64_t a = clock_us();

	for (int i = 0; i < 1000; i++) {
		int64_t b = clock_us();

		CHECK(b >= a);
		a = b;
	}
	CHECK(clock_wall_us() > 1700000000000000);
}

TEST(a_list_of_links)
{
	struct thing {
		int n;
		struct list link;
	} a = { .n = 1 }, b = { .n = 2 }, c = { .n = 3 };
	struct list head;
	int order = 0;

	list_init(&head);
	CHECK(list_empty(&head) && list_first(&head) == NULL);
	list_append(&head, &b.link);
	list_append(&head, &c.link);
	list_push(&head, &a.link);
	LIST_EACH(link, &head) {
		struct thing *t = LIST_OF(link, struct thing, link);

		order = order * 10 + t->n;
		list_remove(link); /* allowed while walking */
		list_remove(link); /* twice is fine */
	}
	CHECK_INT(order, 123);
	CHECK(list_empty(&head));
}
