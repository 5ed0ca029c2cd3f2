/* test_webd_limits.c -- connections and requests of one address. */
#include "tests/unit/check.h"
#include "webd/limits.h"

static struct address ipv4(uint8_t last)
{
	return (struct address){ { [10] = 0xff, [11] = 0xff, 192, 0, 2, last } };
}

static struct address ipv6(uint8_t network, uint8_t host)
{
	return (struct address){ { 0x20, 0x01, [7] = network, [15] = host } };
}

TEST(each_address_has_its_own_connections)
{
	struct limits *l = limits_new();
	struct address a = ipv4(1), b = ipv4(2);

	CHECK(limits_connect(l, &a, 2) && limits_connect(l, &a, 2));
	CHECK(!limits_connect(l, &a, 2));
	CHECK(limits_connect(l, &b, 2));
	limits_disconnect(l, &a);
	CHECK(limits_connect(l, &a, 2));
	limits_disconnect(l, &a), limits_disconnect(l, &a), limits_disconnect(l, &b);
	CHECK(limits_connect(l, &a, 1));
	limits_free(l); /* with one left */
}

TEST(an_ipv6_network_counts_as_one)
{
	struct limits *l = limits_new();
	struct address a = ipv6(1, 1), b = ipv6(1, 2), c = ipv6(2, 1);

	CHECK(limits_connect(l, &a, 1));
	CHECK(!limits_connect(l, &b, 1));
	CHECK(limits_connect(l, &c, 1));
	limits_free(l);
}

TEST(a_bucket_empties_and_says_when_to_come_again)
{
	const struct limits_rate rate = { .per_second = 1, .burst = 3 };
	struct limits *l = limits_new();
	struct address a = ipv4(1), b = ipv4(2);
	unsigned wait_s = 0;

	for (int i = 0; i < 3; i++)
		CHECK(limits_request(l, &a, &rate, &wait_s));
	CHECK(!limits_request(l, &a, &rate, &wait_s));
	CHECK_INT(wait_s, 1);
	CHECK(limits_request(l, &b, &rate, &wait_s));
	CHECK(limits_request_by_key(l, STR("k"), &rate, &wait_s));
	limits_free(l);
}

TEST(a_bucket_fills_again)
{
	const struct limits_rate rate = { .per_second = 1000, .burst = 1 };
	struct limits *l = limits_new();
	struct address a = ipv4(1);
	unsigned wait_s, passed = 0;

	/* the rate is the bound, however often it is asked */
	for (int i = 0; i < 100000 && passed < 5; i++)
		passed += limits_request(l, &a, &rate, &wait_s) ? 1 : 0;
	CHECK_INT(passed, 5);
	limits_free(l);
}

TEST(no_rate_is_no_limit)
{
	const struct limits_rate none = { .per_second = 0, .burst = 1 };
	struct limits *l = limits_new();
	struct address a = ipv4(1);
	unsigned wait_s;

	for (int i = 0; i < 100; i++)
		CHECK(limits_request(l, &a, &none, &wait_s));
	limits_free(l);
}

TEST(a_million_addresses_fit)
{
	const struct limits_rate rate = { .per_second = 1, .burst = 1 };
	struct limits *l = limits_new();
	unsigned wait_s, refused = 0;

	for (uint32_t i = 0; i < 1000000; i++) {
		struct address a = ipv4(1);

		memcpy(a.bytes + 12, &i, 4);
		refused += !limits_request(l, &a, &rate, &wait_s);
	}
	CHECK_INT(refused, 0);
	limits_free(l);
}
