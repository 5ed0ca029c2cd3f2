/* test_dnsd_ratelimit.c -- who is sent how many answers. */
#include "dnsd/ratelimit.h"
#include "tests/unit/check.h"

struct bench {
	struct ratelimit *limit;
	struct snapshot *snapshot;
	struct scratch *scratch;
	uint8_t address[16];
	struct client client;
};

static struct bench *bench_new(unsigned rate, unsigned slip)
{
	const struct server_facts facts = {
		.rate = rate,
		.slip = slip,
		.cookies.count = 1,
		.rate_exempt = { .items = { { .address = { 198, 51 },
					      .len = 4,
					      .prefix = 16 } },
				 .count = 1 },
	};
	struct bench *b = calloc(1, sizeof(*b));

	b->limit = ratelimit_new();
	b->snapshot = snapshot_new(1, &facts);
	b->scratch = calloc(1, sizeof(*b->scratch));
	b->client =
	    (struct client){ .address = b->address, .address_len = 4, .now_s = 1000 };
	memcpy(b->address, "\300\0\2\1", 4);
	return b;
}

static void bench_free(struct bench *b)
{
	ratelimit_free(b->limit);
	snapshot_free(b->snapshot);
	free(b->scratch);
	free(b);
}

/* How many of so many answers get each verdict. */
static unsigned judge(struct bench *b, unsigned times, unsigned rcode,
		      enum ratelimit_verdict wanted)
{
	const struct asked asked = { b->snapshot, b->scratch, &b->client };
	uint8_t answer[12] = { [3] = (uint8_t)rcode, [7] = rcode == 0 };
	unsigned n = 0;

	while (times-- > 0)
		n += ratelimit_judge(b->limit, &asked, answer) == wanted;
	return n;
}

TEST(up_to_the_rate_all_are_sent)
{
	struct bench *b = bench_new(100, 0);

	CHECK_INT(judge(b, 100, 0, RATELIMIT_SEND), 100);
	CHECK_INT(judge(b, 100, 0, RATELIMIT_DROP), 100);
	CHECK_INT(judge(b, 100, 3, RATELIMIT_SEND), 100); /* another kind of answer */
	b->address[3] = 200;                              /* the same network */
	CHECK_INT(judge(b, 10, 0, RATELIMIT_DROP), 10);
	b->address[2] = 3; /* another */
	CHECK_INT(judge(b, 10, 0, RATELIMIT_SEND), 10);
	bench_free(b);
}

TEST(time_forgives)
{
	struct bench *b = bench_new(100, 0);

	judge(b, 1000, 0, RATELIMIT_SEND);
	b->client.now_s += 2;
	CHECK_INT(judge(b, 100, 0, RATELIMIT_SEND), 100);
	b->client.now_s += 60000; /* further than the seconds kept */
	CHECK_INT(judge(b, 100, 0, RATELIMIT_SEND), 100);
	bench_free(b);
}

TEST(every_second_one_slips)
{
	struct bench *b = bench_new(10, 2);

	judge(b, 10, 0, RATELIMIT_SEND);
	CHECK_INT(judge(b, 100, 0, RATELIMIT_SLIP), 50);
	CHECK_INT(judge(b, 100, 0, RATELIMIT_DROP), 50);
	bench_free(b);
}

TEST(loopback_the_exempt_and_those_with_a_cookie_have_no_rate)
{
	struct bench *b = bench_new(10, 0);
	uint8_t cookie[24] = "12345678";
	const struct cookie_holder h = { cookie, b->address, 4, 1000 };

	memcpy(b->address, "\177\0\0\1", 4);
	CHECK_INT(judge(b, 100, 0, RATELIMIT_SEND), 100);
	memcpy(b->address, "\306\063\1\2", 4);
	CHECK_INT(judge(b, 100, 0, RATELIMIT_SEND), 100);
	memcpy(b->address, "\300\0\2\1", 4);
	CHECK_INT(judge(b, 100, 0, RATELIMIT_SEND), 10);
	cookie_make(&b->snapshot->facts.cookies, &h, cookie + 8);
	b->scratch->query.cookie = cookie;
	b->scratch->query.cookie_len = 24;
	CHECK_INT(judge(b, 100, 0, RATELIMIT_SEND), 100);
	cookie[20] ^= 1;
	CHECK_INT(judge(b, 100, 0, RATELIMIT_SEND), 0);
	bench_free(b);
}

TEST(no_rate_no_limit)
{
	struct bench *b = bench_new(0, 2);

	CHECK_INT(judge(b, 5000, 0, RATELIMIT_SEND), 5000);
	bench_free(b);
}
