/* test_dnsd_ixfr.c -- differences applied to the version before. */
#include "dnsd/ixfr.h"
#include "tests/unit/check.h"
#include "tests/unit/dnsd_world.h"

#define SOA(serial) "@ SOA ns h " serial " 1 1 1 1\n"

static const char before_text[] = SOA("1") "@ NS ns\nns A 192.0.2.1\nold A 192.0.2.2\n";

static void read_records(const char *text, struct records *ret)
{
	uint8_t apex[NAME_WIRE];
	struct buf why;
	char all[2000];

	snprintf(all, sizeof(all), "$TTL 60\n%s", text);
	world_name("example.com", apex);
	records_init(ret, 1000);
	buf_init(&why, 4096);
	CHECK(zone_load_text(str_of(all), "zone", apex, ret, &why));
	buf_fini(&why);
}

/* The records after, one "owner type" each, in their order; or why there are none. */
static const char *apply(const char *diffs_text, struct buf *ret)
{
	struct records before, diffs, after;
	const char *why;

	read_records(before_text, &before);
	read_records(diffs_text, &diffs);
	records_init(&after, 1000);
	why = ixfr_apply(&before, &diffs, &after);
	for (size_t i = 0; why == NULL && i < after.count; i++) {
		const struct record *r = &after.list[i];
		char name[NAME_TEXT];

		buf_fmt(ret, "%s %u %u;", name_text(r->owner, name), r->type, r->ttl);
	}
	if (why == NULL)
		CHECK(after.list[0].type == RR_SOA);
	if (why == NULL)
		CHECK_INT(records_serial(&after.list[0]), records_serial(&diffs.list[0]));
	records_fini(&before);
	records_fini(&diffs);
	records_fini(&after);
	return why;
}

TEST(steps_are_done_one_after_the_other)
{
	struct buf b;

	buf_init(&b, 4096);
	CHECK(apply(SOA("3")
			SOA("1") "OLD A 192.0.2.2\n" SOA("2") "new A 192.0.2.3\n" SOA(
			    "2") "new A 192.0.2.3\n" SOA("3") "last AAAA ::1\n",
		    &b) == NULL);
	CHECK_STR(buf_get(&b), STR("example.com 6 60;example.com 2 60;"
				   "ns.example.com 1 60;last.example.com 28 60;"));
	buf_fini(&b);
}

TEST(what_is_removed_can_be_added_again)
{
	struct buf b;

	buf_init(&b, 4096);
	CHECK(apply(SOA("2") SOA("1") "old A 192.0.2.2\n" SOA(
			"2") "old 5 A 192.0.2.2\nns 7 A 192.0.2.1\n",
		    &b) == NULL);
	CHECK_STR(buf_get(&b), STR("example.com 6 60;example.com 2 60;"
				   "ns.example.com 1 7;old.example.com 1 5;"));
	buf_fini(&b);
}

TEST(what_was_not_there_cannot_be_removed)
{
	struct buf b;

	buf_init(&b, 4096);
	CHECK(apply(SOA("2") SOA("1") "old A 192.0.2.9\n" SOA("2"), &b) != NULL);
	CHECK(apply(SOA("2") SOA("1") "old A 192.0.2.2\nold A 192.0.2.2\n" SOA("2"),
		    &b) != NULL);
	buf_fini(&b);
}
