/* test_webd_overload.c -- the limit under simulated loads: one server that takes a fixed
 * time for each request, one after another, and requests that come at an even pace. */
#include "tests/unit/check.h"
#include "webd/overload.h"

enum { CALLS = 100000, TARGET_US = 20000 };

struct outcome {
	unsigned served, refused;
	int64_t worst_us; /* of those served in the second half */
};

/* Requests every `every_us` for `seconds`; each keeps the server busy for `busy_us` and
 * takes `idle_us` besides (a slow kind that costs nothing). */
static struct outcome simulate(struct overload *o, int64_t every_us, int64_t busy_us,
			       int64_t idle_us, int seconds)
{
	static int64_t ends[CALLS], began[CALLS];
	size_t first = 0, last = 0;
	int64_t free_us = 0, end = (int64_t)seconds * 1000000;
	struct outcome r = { 0, 0, 0 };

	for (int64_t now = 1; now < end; now += every_us) {
		for (; first < last && ends[first % CALLS] <= now; first++) {
			int64_t took = ends[first % CALLS] - began[first % CALLS];

			overload_took(o, 1, took, ends[first % CALLS]);
			if (now > end / 2 && took > r.worst_us)
				r.worst_us = took;
			r.served++;
		}
		if (!overload_admits(o, (unsigned)(last - first), now)) {
			r.refused++;
			continue;
		}
		free_us = (free_us > now ? free_us : now) + busy_us;
		began[last % CALLS] = now;
		ends[last++ % CALLS] = free_us + idle_us;
	}
	return r;
}

TEST(below_capacity_nobody_is_refused)
{
	struct overload o;
	struct outcome r;

	overload_init(&o, 512, TARGET_US);
	r = simulate(&o, 1200, 1000, 0, 10);
	CHECK_INT(r.refused, 0);
	CHECK(r.served > 8000);
}

TEST(ten_times_too_much_is_refused_at_once_and_the_rest_served_soon)
{
	struct overload o;
	struct outcome r;

	overload_init(&o, 512, TARGET_US);
	simulate(&o, 5000, 1000, 0, 2); /* it was idle before */
	o.window_us = 0;                /* each simulation begins at zero */
	r = simulate(&o, 100, 1000, 0, 10);
	CHECK(r.served > 9000); /* of the 10,000 that could be */
	if (r.worst_us > 3 * TARGET_US)
		CHECK_FAIL("one took %lld us", (long long)r.worst_us);
}

TEST(without_the_limit_they_would_all_wait)
{
	struct overload o;
	struct outcome r;

	overload_init(&o, 512, 0);
	r = simulate(&o, 100, 1000, 0, 10);
	CHECK(r.worst_us > 10 * TARGET_US);
}

TEST(what_is_slow_by_nature_is_no_overload)
{
	struct overload o;
	struct outcome r;

	overload_init(&o, 512, TARGET_US);
	r = simulate(&o, 1200, 1000, 300000, 10);
	CHECK_INT(r.refused, 0);
}

TEST(a_short_burst_is_let_in)
{
	struct overload o;
	unsigned admitted = 0;

	overload_init(&o, 512, TARGET_US);
	simulate(&o, 5000, 1000, 0, 2);
	for (unsigned i = 0; i < 200; i++)
		admitted += overload_admits(&o, i, 10);
	CHECK_INT(admitted, 200);
}

TEST(after_the_storm_the_limit_comes_back)
{
	struct overload o;
	struct outcome r;

	overload_init(&o, 512, TARGET_US);
	simulate(&o, 100, 1000, 0, 5);
	CHECK(o.limit < 100);
	o.window_us = 0;
	r = simulate(&o, 2000, 1000, 0, 10);
	CHECK_INT(r.refused, 0);
	CHECK_INT(o.limit, 512);
}

TEST(what_becomes_slower_for_good_is_believed)
{
	struct overload o;
	struct outcome r;

	overload_init(&o, 512, TARGET_US);
	simulate(&o, 5000, 1000, 0, 2);
	o.window_us = 0;
	simulate(&o, 5000, 1000, 200000, 90);
	o.window_us = 0;
	r = simulate(&o, 5000, 1000, 200000, 20);
	CHECK_INT(r.refused, 0);
}

TEST(a_few_are_always_let_in)
{
	struct overload o;

	overload_init(&o, 512, TARGET_US);
	overload_took(&o, 1, 10, 1);
	for (int i = 1; i < 100; i++) {
		overload_admits(&o, 0, i * 200000);
		overload_took(&o, 1, 9000000, i * 200000);
	}
	CHECK(overload_admits(&o, 7, 30000000));
	CHECK(!overload_admits(&o, 8, 30000001));
}
