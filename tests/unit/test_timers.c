/* test_timers.c -- common/timers.h. */
#include "common/timers.h"

#include "tests/unit/check.h"

enum { MANY = 2000 };

static struct {
	struct timers timers;
	struct timer timer[MANY];
	int64_t order[MANY];
	size_t ran;
} t;

static void note(void *ctx)
{
	t.order[t.ran++] = ((struct timer *)ctx)->due_us;
}

static void begin(void)
{
	memset(&t, 0, sizeof(t));
	for (int i = 0; i < MANY; i++)
		t.timer[i] = (struct timer){ .run = note, .ctx = &t.timer[i] };
}

TEST(they_run_in_the_order_of_their_time)
{
	unsigned r = 1;

	begin();
	for (int i = 0; i < MANY; i++) {
		r = r * 1103515245 + 12345;
		timers_set(&t.timers, &t.timer[i], r % 500);
	}
	for (int i = 0; i < MANY; i += 3) /* moved later and earlier */
		timers_set(&t.timers, &t.timer[i], (t.timer[i].due_us * 7) % 500);
	for (int i = 0; i < MANY; i += 5)
		timers_stop(&t.timers, &t.timer[i]);
	CHECK_INT(t.timers.count, MANY - MANY / 5);
	timers_run(&t.timers, 249);
	CHECK(t.ran > 0 && timers_next(&t.timers) >= 250);
	timers_run(&t.timers, 1000);
	CHECK_INT(t.ran, MANY - MANY / 5);
	for (size_t i = 1; i < t.ran; i++)
		if (!CHECK(t.order[i - 1] <= t.order[i]))
			break;
	CHECK_INT(timers_next(&t.timers), INT64_MAX);
	timers_fini(&t.timers);
}

TEST(stopping_twice_or_before_setting_is_fine)
{
	begin();
	timers_stop(&t.timers, &t.timer[0]);
	timers_set(&t.timers, &t.timer[0], 5);
	timers_stop(&t.timers, &t.timer[0]);
	timers_stop(&t.timers, &t.timer[0]);
	timers_run(&t.timers, 10);
	CHECK_INT(t.ran, 0);
	timers_fini(&t.timers);
	timers_fini(&t.timers);
}

static void stop_next(void *ctx)
{
	struct timer *self = ctx;

	note(ctx);
	timers_stop(&t.timers, self + 1);
}

TEST(one_may_stop_another_that_is_due)
{
	begin();
	t.timer[0].run = stop_next;
	timers_set(&t.timers, &t.timer[0], 1);
	timers_set(&t.timers, &t.timer[1], 2);
	timers_run(&t.timers, 10);
	CHECK_INT(t.ran, 1);
	timers_fini(&t.timers);
}

static void again_now(void *ctx)
{
	note(ctx);
	if (t.ran < 100)
		timers_set(&t.timers, ctx, 0); /* long past */
}

TEST(one_that_sets_itself_again_for_now_waits)
{
	begin();
	t.timer[0].run = again_now;
	timers_set(&t.timers, &t.timer[0], 5);
	timers_run(&t.timers, 10);
	CHECK_INT(t.ran, 1);
	CHECK(timers_next(&t.timers) > 10);
	timers_run(&t.timers, 11);
	CHECK_INT(t.ran, 2);
	timers_fini(&t.timers);
}
