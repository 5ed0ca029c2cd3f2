/* test_wire.c -- common/wire.h. The fuzzer (fuzz_wire.c) does the rest. */
#include "common/wire.h"

#include <math.h>

#include "tests/unit/check.h"

static void put_all(struct buf *b)
{
	buf_init(b, 1000);
	wire_put_null(b);
	wire_put_bool(b, true);
	wire_put_bool(b, false);
	wire_put_int(b, INT64_MIN);
	wire_put_float(b, -0.0);
	wire_put_bytes(b, STR("a\0b"));
	wire_put_list(b, 2);
	wire_put_int(b, 1);
	wire_put_null(b);
}

TEST(what_is_written_is_read)
{
	struct buf b;
	struct wire w;

	put_all(&b);
	w = wire_of(buf_get(&b));
	CHECK(wire_null(&w));
	CHECK(wire_bool(&w));
	CHECK(!wire_bool(&w));
	CHECK_INT(wire_int(&w), INT64_MIN);
	CHECK(signbit(wire_float(&w)));
	CHECK_STR(wire_bytes(&w), STR("a\0b"));
	CHECK_INT(wire_list(&w), 2);
	CHECK(!wire_end(&w));
	CHECK_INT(wire_int(&w), 1);
	CHECK(wire_null(&w));
	CHECK(wire_end(&w));
	buf_fini(&b);
}

TEST(the_bytes_are_as_documented)
{
	struct buf b;

	buf_init(&b, 100);
	wire_put_int(&b, 0x0102);
	wire_put_bytes(&b, STR("xy"));
	wire_put_list(&b, 3);
	CHECK_STR(buf_get(&b), STR("i\2\1\0\0\0\0\0\0s\2\0\0\0xy[\3\0\0\0"));
	buf_fini(&b);
}

TEST(every_cut_is_bad_and_never_read_past)
{
	struct buf b;

	put_all(&b);
	for (size_t n = 0; n < b.n; n++) {
		char *copy = malloc(n + (n == 0)); /* ASan watches its end */
		struct wire w = wire_of((struct str){ copy, n });

		memcpy(copy, b.p, n);
		for (int i = 0; i < 7; i++)
			wire_skip(&w);
		CHECK(w.bad && !wire_end(&w));
		free(copy);
	}
	buf_fini(&b);
}

TEST(badness_sticks)
{
	struct buf b;
	struct wire w;

	buf_init(&b, 100);
	wire_put_int(&b, 5);
	wire_put_int(&b, 6);
	w = wire_of(buf_get(&b));
	CHECK_STR(wire_bytes(&w), STR("")); /* it is no string */
	CHECK(w.bad);
	CHECK_INT(wire_int(&w), 0);
	CHECK_INT(wire_list(&w), 0);
	CHECK(!wire_bool(&w) && !wire_null(&w) && wire_float(&w) == 0);
	CHECK_INT(wire_peek(&w), 0);
	CHECK(!wire_end(&w));
	buf_fini(&b);
}

TEST(a_null_is_only_read_when_it_is_there)
{
	struct buf b;
	struct wire w;

	buf_init(&b, 100);
	wire_put_int(&b, 5);
	w = wire_of(buf_get(&b));
	CHECK(!wire_null(&w));
	CHECK(!w.bad);
	CHECK_INT(wire_int(&w), 5);
	buf_fini(&b);
}

TEST(a_count_never_exceeds_the_bytes_left)
{
	struct wire w = wire_of(STR("[\4\0\0\0nnn"));

	CHECK_INT(wire_list(&w), 0);
	CHECK(w.bad);
	w = wire_of(STR("[\3\0\0\0nnn"));
	CHECK_INT(wire_list(&w), 3);
	CHECK(!w.bad);
	w = wire_of(STR("s\xff\xff\xff\xff"));
	CHECK_INT(wire_bytes(&w).n, 0);
	CHECK(w.bad);
}

TEST(lists_are_skipped_to_a_depth)
{
	struct buf b;

	for (int depth = 0; depth <= WIRE_DEPTH + 1; depth++) {
		struct wire w;

		buf_init(&b, 100);
		for (int i = 0; i < depth; i++)
			wire_put_list(&b, 1);
		wire_put_null(&b);
		w = wire_of(buf_get(&b));
		wire_skip(&w);
		CHECK_INT(wire_end(&w), depth <= WIRE_DEPTH);
		buf_fini(&b);
	}
}

TEST(nothing_is_an_end)
{
	struct wire w = wire_of((struct str){ NULL, 0 });

	CHECK(wire_end(&w));
	CHECK_INT(wire_peek(&w), 0);
	CHECK(!wire_null(&w) && !w.bad);
	wire_skip(&w);
	CHECK(w.bad);
}
