/* test_appd_password.c -- appd/password.h in a real appd: a flood of sign-ups is bounded
 * and leaves the loop free, and who goes away takes nothing along. */
#include "tests/unit/appd_world.h"

enum { FLOOD = 120, QUEUE = 64 }; /* as password.c has it */

static unsigned counted; /* failed sign-ins, in the database */

static void me_row(struct buf *out)
{
	world_result(out, 7, 7);
	wire_put_int(out, 1);
	wire_put_int(out, 0);
	wire_put_bytes(out, STR("ann"));
	wire_put_bytes(out, STR("ann@example.com"));
	wire_put_null(out);
	wire_put_null(out);
	wire_put_bytes(out, STR("member"));
}

static void rows(struct str name, struct wire *values, uint32_t count, struct buf *out)
{
	(void)values;
	(void)count;
	if (str_eq(name, STR("site_begun"))) {
		world_result(out, 1, 1);
		wire_put_bool(out, true);
	} else if (str_eq(name, STR("article_count_all"))) {
		world_result(out, 1, 1);
		wire_put_int(out, 0);
	} else if (str_eq(name, STR("article_recent"))) {
		world_result(out, 17, 0);
	} else if (str_eq(name, STR("user_by_email"))) {
		me_row(out);
	} else if (str_eq(name, STR("user_password"))) {
		world_result(out, 4, 0);
	} else if (str_eq(name, STR("attempt_address"))) {
		world_result(out, 1, 1);
		wire_put_bytes(out, STR("a"));
	} else if (str_eq(name, STR("attempts"))) {
		world_result(out, 3, 0);
	} else if (str_eq(name, STR("user_add")) ||
		   str_starts(name, STR("invitation_")) ||
		   str_starts(name, STR("attempt_"))) {
		counted += str_eq(name, STR("attempt_add"));
		world_result(out, 0, 0);
	} else if (str_eq(name, STR("site"))) {
		world_result(out, 6, 6);
		for (int i = 0; i < 6; i++)
			wire_put_bytes(out, STR("b"));
	} else if (str_eq(name, STR("article_pinned"))) {
		world_result(out, 17, 0);
	} else {
		world_result(out, 2, 2);
		wire_put_bytes(out, STR("a"));
		wire_put_int(out, 1);
	}
}

static void sign_up(void)
{
	world_send(
	    (struct http_request){
		.method = STR("POST"),
		.target = STR("/api/users"),
		.body = STR("{\"user\":{\"username\":\"ann\",\"email\":"
			    "\"ann@example.com\",\"password\":\"password\"}}"),
	    },
	    60000000);
}

static unsigned with_status(int status)
{
	unsigned n = 0;

	for (unsigned i = 0; i < world.asked; i++)
		n += world.answers[i].arrived && world.answers[i].r.status == status;
	return n;
}

static bool flood_is_over(void)
{
	return world.arrived >= FLOOD;
}

TEST(a_flood_of_sign_ups_is_bounded)
{
	if (!world_start(rows))
		return;
	for (int i = 0; i < FLOOD; i++)
		sign_up();
	CHECK(world_until(flood_is_over));
#ifndef __SANITIZE_THREAD__ /* so slow with it that it is taken for hung, and asked      \
			       again */
	/* some were done before the last came, so that a few more had room */
	CHECK(with_status(201) >= QUEUE && with_status(201) < FLOOD);
#endif
	CHECK_INT(with_status(201) + with_status(503), FLOOD);
	for (unsigned i = 0; i < world.asked; i++)
		if (world.answers[i].r.status == 503)
			CHECK_STR(world_header(&world.answers[i], "retry-after"),
				  STR("1"));
	world_end();
}

static bool two_have_arrived(void)
{
	return world.arrived >= 2;
}

TEST(the_loop_is_free_while_passwords_are_hashed)
{
	struct world_answer *page;

	if (!world_start(rows))
		return;
	for (int i = 0; i < 20; i++)
		sign_up();
	page = world_send((struct http_request){ .target = STR("/nowhere") }, 5000000);
	CHECK(world_until(two_have_arrived));
	CHECK(page->arrived); /* among the first, not behind 20 hashes */
	CHECK_INT(page->r.status, 404);
	world_end(); /* and the others are left in the middle */
}

static bool all_but_cancelled(void)
{
	return world.arrived == 5;
}

TEST(who_goes_away_leaves_the_queue)
{
	uint64_t ids[10];

	if (!world_start(rows))
		return;
	for (int i = 0; i < 10; i++) {
		sign_up();
		ids[i] = world.last_id;
	}
	for (int i = 0; i < 10; i += 2)
		fabric_cancel(world.webd, ids[i]);
	CHECK(world_until(all_but_cancelled));
	CHECK_INT(with_status(201), 5);
	world_end();
}

/* How many counts one wrong sign-in from there makes: of the account, of the network. */
static unsigned counts_from(const char *client)
{
	struct world_answer *w;

	counted = 0;
	w = world_send(
	    (struct http_request){
		.method = STR("POST"),
		.target = STR("/api/users/login"),
		.client = str_of(client),
		.body = STR("{\"user\":{\"email\":\"a@b.c\",\"password\":\"x\"}}"),
	    },
	    20000000);
	CHECK(world_until(world_all_arrived));
	CHECK_INT(w->r.status, 401);
	return counted;
}

TEST(all_networks_but_this_machine_are_counted)
{
	if (!world_start(rows))
		return;
	CHECK_INT(counts_from("127.0.0.1"), 1);
	CHECK_INT(counts_from("127.9.9.9"), 1);
	CHECK_INT(counts_from("::1"), 1);
	CHECK_INT(counts_from("::ffff:127.0.0.1"), 1);
	CHECK_INT(counts_from("203.0.113.7"), 2);
	CHECK_INT(counts_from("::ffff:203.0.113.7"), 2);
	CHECK_INT(counts_from("2001:db8::7"), 2);
	CHECK_INT(counts_from("unix"), 1); /* no address */
	world_end();
}
