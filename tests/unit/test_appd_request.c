/* test_appd_request.c -- appd as a whole, between stand-ins: what it answers, what it
 * asks of the database, and how it bears with a database that is slow, away or wrong. */
#include "tests/unit/appd_world.h"

static unsigned article_count;
static size_t title_size;

static void put_article(struct buf *out, unsigned i)
{
	char slug[32];
	struct str title = { calloc(1, title_size + 1), title_size };

	snprintf(slug, sizeof(slug), "slug-%u", i);
	memset((char *)title.p, 't', title_size);
	wire_put_int(out, i);
	wire_put_bytes(out, str_of(slug));
	wire_put_bytes(out, title);
	wire_put_bytes(out, STR("about <this> & that"));
	wire_put_bytes(out, STR("one\ntwo"));
	wire_put_int(out, 1780000000000000);
	wire_put_int(out, 1780000000000000);
	wire_put_int(out, 3); /* favourites */
	wire_put_int(out, 4); /* comments */
	wire_put_int(out, 7);
	wire_put_bytes(out, STR("ann/o'nym"));
	for (int n = 0; n < 2; n++) /* bio, image */
		wire_put_null(out);
	for (int n = 0; n < 2; n++) /* following, favorited */
		wire_put_bool(out, false);
	for (int n = 0; n < 2; n++) /* body, html */
		wire_put_null(out);
	free((char *)title.p);
}

static void site_rows(struct str name, struct wire *values, uint32_t count,
		      struct buf *out)
{
	(void)values;
	(void)count;
	if (str_eq(name, STR("site"))) {
		world_result(out, 6, 6);
		wire_put_bytes(out, STR("The <Site>"));
		wire_put_bytes(out, STR("From the database."));
		wire_put_bytes(out, STR("en"));
		wire_put_bytes(out, STR("open"));
		wire_put_bytes(out, STR("keeper"));
		wire_put_null(out);
	} else if (str_eq(name, STR("article_pinned"))) {
		world_result(out, 17, 0);
	} else if (str_eq(name, STR("site_begun"))) {
		world_result(out, 1, 1);
		wire_put_bool(out, true);
	} else if (str_eq(name, STR("article_recent"))) {
		world_result(out, 17, 17 * article_count);
		for (unsigned i = 0; i < article_count; i++)
			put_article(out, i);
	} else if (str_eq(name, STR("article_count_all"))) {
		world_result(out, 1, 1);
		wire_put_int(out, article_count);
	} else {
		world_result(out, 2, 2);
		wire_put_bytes(out, STR("c++"));
		wire_put_int(out, 3);
	}
}

static bool start(unsigned articles, size_t title)
{
	article_count = articles;
	title_size = title;
	return world_start(site_rows);
}

TEST(the_home_page_is_made_of_rows)
{
	struct world_answer *w;

	if (!start(2, 5))
		return;
	world.messages = 0;
	w = world_ask("GET", "/");
	CHECK_INT(w->r.status, 200);
	CHECK_STR(world_header(w, "content-type"), STR("text/html; charset=utf-8"));
	CHECK_HAS(w->body, "The &lt;Site&gt;");
	CHECK_HAS(w->body, "From the database.");
	CHECK_HAS(w->body, "about &lt;this&gt; &amp; that");
	CHECK_HAS(w->body, "href=\"/profile/ann%2Fo%27nym\"><bdi>ann/o&#39;nym<");
	CHECK_HAS(w->body, "href=\"/tag/c%2B%2B\"");
	CHECK_INT(world.messages, 1); /* one page, one message */
	CHECK(world.last_again);
	CHECK(memcmp(world.last_key, (uint8_t[FABRIC_KEY_SIZE]){ 0 }, FABRIC_KEY_SIZE) !=
	      0);
	world_end();
}

TEST(a_long_page_comes_as_an_attachment)
{
	struct world_answer *w;

	if (!start(10, 5000))
		return;
	w = world_ask("GET", "/");
	CHECK_INT(w->r.status, 200);
	CHECK(w->body.n > 50000);
	CHECK(str_ends(w->body, STR("</html>\n")));
	world_end();
}

TEST(methods_and_addresses_that_are_not_there)
{
	struct world_answer *w;

	if (!start(0, 1))
		return;
	w = world_ask("HEAD", "/");
	CHECK_INT(w->r.status, 200);
	CHECK_INT(w->body.n, 0);
	CHECK(world_header(w, "content-length").n >= 3);
	w = world_ask("OPTIONS", "/");
	CHECK_INT(w->r.status, 204);
	CHECK_HAS(world_header(w, "allow"), "GET, HEAD");
	w = world_ask("DELETE", "/");
	CHECK_INT(w->r.status, 405);
	CHECK_HAS(world_header(w, "allow"), "GET, HEAD");
	w = world_ask("BREW", "/");
	CHECK_INT(w->r.status, 405);
	w = world_ask("GET", "/nowhere");
	CHECK_INT(w->r.status, 404);
	CHECK_STR(world_header(w, "content-type"), STR("text/html; charset=utf-8"));
	CHECK_HAS(w->body, "error-messages");
	w = world_ask("GET", "/api/nowhere");
	CHECK_INT(w->r.status, 404);
	CHECK_STR(world_header(w, "content-type"),
		  STR("application/json; charset=utf-8"));
	CHECK_STR(w->body, STR("{\"errors\":{\"page\":[\"There is nothing at this "
			       "address.\"]}}"));
	w = world_ask("GET", "/%ff");
	CHECK_INT(w->r.status, 400);
	w = world_ask("GET", "/?x=%");
	CHECK_INT(w->r.status, 400);
	w = world_ask("GET", "//");
	CHECK_INT(w->r.status, 404);
	world_end();
}

static struct world_answer *ask_with_position(const char *position)
{
	struct http_request r = { .target = STR("/") };
	struct world_answer *w;

	http_header_add(&r.headers, STR("x-position"), str_of(position));
	w = world_send(r, 5000000);
	CHECK(world_until(world_all_arrived));
	return w;
}

TEST(a_client_reads_what_it_wrote)
{
	struct world_answer *w;

	if (!start(0, 1))
		return;
	w = world_ask("GET", "/");
	CHECK_TEXT(world.seen, "null"); /* a visitor may read anywhere */
	CHECK(world_header(w, "x-position").p == NULL);
	world.position = "0-1-43";
	w = ask_with_position("0-1-42,1-1-7");
	CHECK_TEXT(world.seen, "0-1-42,1-1-7");
	CHECK_STR(world_header(w, "x-position"), STR("0-1-43"));
	ask_with_position("'; DROP TABLE");
	CHECK_TEXT(world.seen, "null");
	world_end();
}

TEST(a_wrong_message_is_refused)
{
	struct fabric_request f = { .type = MSG_HTTP,
				    .budget_us = 5000000,
				    .done = world_answer,
				    .body = STR("?"),
				    .ctx = &world.answers[0] };

	if (!start(0, 1))
		return;
	world.asked++;
	CHECK(fabric_call(world.webd, &f) != 0);
	CHECK(world_until(world_all_arrived));
	CHECK_INT(world.answers[0].fabric, STATUS_FAIL);
	CHECK_INT(world_ask("GET", "/")->r.status, 200);
	world_end();
}

TEST(classes_of_the_database_become_statuses)
{
	static const struct {
		const char *class;
		int status;
	} cases[] = {
		{ "late", 504 },      { "unavailable", 503 }, { "lost", 503 },
		{ "duplicate", 409 }, { "too_long", 422 },    { "statement", 500 },
		{ "", 500 },
	};

	if (!start(0, 1))
		return;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world.class = cases[i].class;
		CHECK_INT(world_ask("GET", "/")->r.status, cases[i].status);
	}
	world.class = "ok";
	CHECK_INT(world_ask("GET", "/")->r.status, 200);
	world_end();
}

static void wrong_columns(struct str name, struct wire *values, uint32_t count,
			  struct buf *out)
{
	(void)name;
	(void)values;
	(void)count;
	world_result(out, 1, 1);
	wire_put_int(out, 1);
}

TEST(an_answer_that_does_not_fit_is_our_fault)
{
	if (!start(0, 1))
		return;
	world.rows = wrong_columns;
	CHECK_INT(world_ask("GET", "/")->r.status, 500);
	world.rows = site_rows;
	CHECK_INT(world_ask("GET", "/")->r.status, 200);
	world_end();
}

static bool two_are_held(void)
{
	return world.held_count == 2;
}

static bool one_was_cancelled(void)
{
	return world.cancels >= 1;
}

TEST(a_cancelled_request_takes_its_statement_along)
{
	struct world_answer *w;

	if (!start(0, 1))
		return;
	world.hold = true;
	world_send((struct http_request){ .target = STR("/") }, 5000000);
	w = world_send((struct http_request){ .target = STR("/") }, 5000000);
	CHECK(world_until(two_are_held));
	fabric_cancel(world.webd, world.last_id);
	world.asked -= 1;
	CHECK(world_until(one_was_cancelled));
	CHECK(!w->arrived);
	CHECK_INT(world.held_count, 1);
	world_end(); /* while the other one is still waiting */
}

/* The database has less time than the whole, so that some is left to say 504. That it is
 * said in time cannot be asked of a machine that stands still just then: another try. */
TEST(a_late_database_is_504_before_the_deadline)
{
	enum { BUDGET = 300000, TRIES = 20 };
	struct world_answer *w;

	if (!start(0, 1))
		return;
	world.hold = true;
	w = world_send((struct http_request){ .target = STR("/api/") }, 5000000);
	CHECK(world_until(world_all_arrived));
	CHECK_INT(w->r.status, 404); /* needs no database */
	for (int i = 0; i < TRIES; i++) {
		w = world_send((struct http_request){ .target = STR("/") }, BUDGET);
		CHECK(world_until(world_all_arrived));
		CHECK(world.last_budget_us <= BUDGET - 20000);
		if (w->fabric == STATUS_OK)
			break;
		CHECK_INT(w->fabric, STATUS_LATE);
	}
	CHECK_INT(w->fabric, STATUS_OK);
	CHECK_INT(w->r.status, 504);
	world_end();
}

TEST(no_database_is_503_and_it_may_come_back)
{
	struct world_answer *w;

	if (!start(0, 1))
		return;
	world_no_database();
	w = world_send((struct http_request){ .target = STR("/") }, 400000);
	CHECK(world_until(world_all_arrived));
	CHECK_INT(w->r.status, 503);
	CHECK_STR(world_header(w, "retry-after"), STR("1"));
	w = world_send((struct http_request){ .target = STR("/") }, 5000000);
	world_database();
	CHECK(world_until(world_all_arrived));
	CHECK_INT(w->r.status, 200);
	world_end();
}

static bool half_a_second(void)
{
	static int64_t since;

	if (since == 0)
		since = clock_us();
	return clock_us() - since > 500000;
}

TEST(it_waits_for_a_database_before_it_is_ready)
{
	world_start_without_database();
	world.rows = wrong_columns;
	CHECK(world_until(half_a_second));
	CHECK(!world_has_appd());
	world_database(); /* one that cannot answer the self-check */
	while (world.messages < 2)
		CHECK(world_until(half_a_second));
	CHECK(!world_has_appd());
	world.rows = site_rows;
	CHECK(world_until(world_has_appd));
	world_end();
}

static long resident_kib(pid_t pid)
{
	char path[64], line[200];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Pss: %ld kB", &kib) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return kib;
}

#ifdef __SANITIZE_THREAD__
enum { MANY = 50 }; /* its fibres are made slowly, of a megabyte each */
#else
enum { MANY = 1000 };
#endif

static bool many_are_held(void)
{
	return world.held_count == MANY;
}

TEST(a_thousand_waiting_requests_cost_under_ten_mebibytes)
{
	long before;
	struct world_answer *w;

	if (!start(0, 1))
		return;
	CHECK_INT(world_ask("GET", "/")->r.status, 200);
	before = resident_kib(world.appd);
	world.hold = true;
	for (int i = 0; i < MANY; i++)
		world_send((struct http_request){ .target = STR("/") }, 30000000);
	CHECK(world_until(many_are_held));
	printf("1000 waiting requests: %ld KiB more\n",
	       resident_kib(world.appd) - before);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	CHECK(resident_kib(world.appd) - before < 10 << 10);
#endif
	/* and whoever needs no database is served */
	world.arrived = world.asked;
	w = world_send((struct http_request){ .target = STR("/nowhere") }, 5000000);
	CHECK(world_until(world_all_arrived));
	CHECK_INT(w->r.status, 404);
	world_end();
}
