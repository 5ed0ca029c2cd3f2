/* test_arena.c -- common/arena.h. */
#include "common/arena.h"

#include <setjmp.h>

#include "tests/unit/check.h"

TEST(memory_is_zeroed_and_aligned)
{
	struct arena a;

	arena_init(&a, 1 << 20);
	for (size_t n = 1; n < 3000; n += 7) {
		char *p = arena_take(&a, n);

		if (!CHECK(p != NULL))
			break;
		CHECK((uintptr_t)p % 16 == 0);
		for (size_t i = 0; i < n; i++)
			if (p[i] != 0) {
				CHECK_FAIL("byte %zu of %zu is not zero", i, n);
				break;
			}
		memset(p, 0xff, n);
	}
	arena_reset(&a);
	CHECK_INT(*(unsigned char *)arena_take(&a, 1), 0); /* used before */
	arena_fini(&a);
}

TEST(pieces_do_not_overlap)
{
	struct arena a;
	char *p[64];

	arena_init(&a, 1 << 20);
	for (int i = 0; i < 64; i++) {
		p[i] = arena_take(&a, 300);
		memset(p[i], i, 300);
	}
	for (int i = 0; i < 64; i++)
		CHECK(p[i][0] == i && p[i][299] == i);
	arena_fini(&a);
}

TEST(the_limit_gives_null)
{
	struct arena a;

	arena_init(&a, 1000);
	CHECK(arena_take(&a, 992) != NULL);
	CHECK(arena_take(&a, 1) == NULL);
	CHECK(arena_take(&a, SIZE_MAX) == NULL);
	CHECK(arena_take(&a, SIZE_MAX - 20) == NULL);
	CHECK(arena_array(&a, SIZE_MAX / 2, 3) == NULL);
	CHECK(arena_array(&a, 1, 0) != NULL);
	arena_reset(&a);
	CHECK(arena_take(&a, 992) != NULL);
	CHECK(arena_text(&a, (struct str){ "", SIZE_MAX }) == NULL);
	arena_fini(&a);
	arena_fini(&a);
}

static void jump(void *ctx)
{
	longjmp(*(jmp_buf *)ctx, 1);
}

TEST(full_may_jump_out)
{
	static jmp_buf back;
	struct arena a;
	volatile bool jumped = false;

	arena_init(&a, 100);
	a.full = jump;
	a.ctx = &back;
	if (setjmp(back) == 0)
		arena_take(&a, 101);
	else
		jumped = true;
	CHECK(jumped);
	arena_fini(&a);
}

TEST(strings_are_copied_and_ended)
{
	struct arena a;
	char from[] = "hello";
	struct str s;

	arena_init(&a, 1000);
	s = arena_str(&a, (struct str){ from, 4 });
	from[0] = 'J';
	CHECK_STR(s, STR("hell"));
	CHECK(s.p[4] == '\0');
	CHECK_TEXT(arena_text(&a, (struct str){ NULL, 0 }), "");
	CHECK_STR(arena_fmt(&a, "%d-%s", 5, "x"), STR("5-x"));
	CHECK(arena_fmt(&a, "%*d", 2000, 1).p == NULL);
	arena_fini(&a);
}

TEST(a_big_piece_does_not_stay_after_reset)
{
	struct arena a;

	arena_init(&a, 10 << 20);
	CHECK(arena_take(&a, 5 << 20) != NULL);
	arena_reset(&a);
	CHECK(a.blocks == NULL);
	CHECK(arena_take(&a, 10) != NULL);
	arena_reset(&a);
	CHECK(a.blocks != NULL);
	arena_fini(&a);
}
