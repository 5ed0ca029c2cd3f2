/* test_webd_address.c -- addresses and lists of networks. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "tests/unit/check.h"
#include "webd/address.h"

static struct address of(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct address a;

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		address_of((struct sockaddr *)&v4, &a);
	else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		address_of((struct sockaddr *)&v6, &a);
	else
		abort();
	return a;
}

static bool has(const char *list, const char *address)
{
	struct address a = of(address);
	struct address_list l;
	struct str bad;

	return CHECK(address_list_parse(str_of(list), &l, &bad)) &&
	       address_list_has(&l, &a);
}

TEST(a_network_has_its_addresses_and_no_others)
{
	CHECK(has("10.0.0.0/8", "10.255.0.1"));
	CHECK(!has("10.0.0.0/8", "11.0.0.1"));
	CHECK(has("192.0.2.128/25", "192.0.2.128"));
	CHECK(!has("192.0.2.128/25", "192.0.2.127"));
	CHECK(has("2001:db8::/33", "2001:db8:7fff::1"));
	CHECK(!has("2001:db8::/33", "2001:db8:8000::1"));
	CHECK(has("0.0.0.0/0", "203.0.113.9"));
	CHECK(!has("0.0.0.0/0", "2001:db8::1"));
	CHECK(has(" ::1 , 127.0.0.0/8 ", "127.0.0.1"));
	CHECK(!has("", "127.0.0.1"));
}

TEST(bits_beyond_the_prefix_do_not_matter)
{
	CHECK(has("10.1.2.3/8", "10.9.9.9"));
}

TEST(a_mapped_address_is_an_ipv4_address)
{
	CHECK(has("127.0.0.0/8", "::ffff:127.0.0.1"));
}

TEST(wrong_lists_are_refused_with_the_wrong_part)
{
	static const char *const wrong[] = { "10.0.0.0/33", "10.0.0/8", "::1/129",
					     "localhost",   "1.2.3.4/", "1.2.3.4/x" };
	struct address_list l;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[64];
		struct str bad;

		snprintf(text, sizeof(text), "::1, %s", wrong[i]);
		if (CHECK(!address_list_parse(str_of(text), &l, &bad)))
			CHECK_STR(bad, str_of(wrong[i]));
	}
}

TEST(text_is_what_people_write)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address a = of("::ffff:192.0.2.1"), b = of("2001:DB8::0:1");

	CHECK_TEXT(address_text(&a, text), "192.0.2.1");
	CHECK_TEXT(address_text(&b, text), "2001:db8::1");
}

TEST(loopback)
{
	struct address a = of("127.3.2.1"), b = of("::1"), c = of("128.0.0.1");

	CHECK(address_is_loopback(&a) && address_is_loopback(&b));
	CHECK(!address_is_loopback(&c));
}
