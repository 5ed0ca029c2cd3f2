/* test_dbproxy_job.c -- a message becomes a job, or is refused; the answer is written. */
#include "dbproxy/job.h"
#include "tests/unit/check.h"

static struct buf message;

static const struct statement *named(const char *name)
{
	for (size_t i = 0; i < statement_count; i++)
		if (strcmp(statements[i].name, name) == 0)
			return &statements[i];
	abort();
}

static void begin(uint32_t count)
{
	static bool ready;

	if (!ready)
		statements_init();
	ready = true;
	buf_fini(&message);
	buf_init(&message, 1 << 20);
	sql_request_head_put(&message, (struct str){ NULL, 0 }, count);
}

static void put(const char *name, uint32_t values)
{
	sql_statement_head_put(&message, str_of(name), named(name)->signature, values);
}

static enum sql_class read_message(struct job **ret, struct str *detail)
{
	const struct fabric_incoming in = { .type = MSG_SQL, .body = buf_get(&message) };

	return job_new(&in, ret, detail);
}

static enum sql_class refused(void)
{
	struct job *j = NULL;
	struct str detail;
	enum sql_class c = read_message(&j, &detail);

	CHECK(c != CLASS_OK);
	job_free(j);
	return c;
}

TEST(statements_and_values_are_read)
{
	struct job *j = NULL;
	struct str detail;
	struct db_value v[DB_BINDS_MAX];

	begin(2);
	put("tag_popular", 1);
	wire_put_int(&message, 20);
	put("tag_link", 2);
	wire_put_bytes(&message, STR("a name"));
	wire_put_bytes(&message, STR(""));
	if (!CHECK(read_message(&j, &detail) == CLASS_OK))
		return;
	CHECK_INT(j->count, 2);
	CHECK(j->writes && !j->keyed);
	CHECK_INT(job_values(j, 0, v), 1);
	CHECK_INT(v[0].i, 20);
	CHECK_INT(job_values(j, 1, v), 2);
	CHECK_STR(v[0].s, STR("")); /* as the SQL has its ?: tags first */
	CHECK_STR(v[1].s, STR("a name"));
	job_free(j);
}

TEST(a_message_cut_anywhere_is_refused)
{
	size_t whole;

	begin(1);
	put("tag_link", 2);
	wire_put_bytes(&message, STR("a name"));
	wire_put_bytes(&message, STR("words"));
	whole = message.n;
	for (message.n = 0; message.n < whole; message.n++)
		if (!CHECK(refused() != CLASS_OK))
			return;
	message.n = whole;
	buf_char(&message, 'n'); /* and one with something left over */
	CHECK(refused() == CLASS_BAD_REQUEST);
}

TEST(wrong_names_signatures_and_values_are_told_apart)
{
	begin(1);
	sql_statement_head_put(&message, STR("no_such"), 1, 0);
	CHECK(refused() == CLASS_NO_STATEMENT);
	begin(1);
	sql_statement_head_put(&message, STR("site"), 1, 0);
	CHECK(refused() == CLASS_SIGNATURE);
	begin(1);
	put("tag_popular", 0);
	CHECK(refused() == CLASS_BAD_VALUE);
	begin(1);
	put("tag_popular", 1);
	wire_put_bytes(&message, STR("ten"));
	CHECK(refused() == CLASS_BAD_VALUE);
	begin(1);
	put("tag_popular", 1);
	wire_put_null(&message);
	CHECK(refused() == CLASS_BAD_VALUE);
	begin(0);
	CHECK(refused() == CLASS_BAD_REQUEST);
}

TEST(a_value_that_is_too_long_is_named)
{
	struct job *j = NULL;
	struct str detail;
	char name[64];

	begin(2);
	put("tag_popular", 1);
	wire_put_int(&message, 20);
	put("tag_link", 2);
	wire_put_bytes(&message, STR("1234"));
	wire_put_bytes(&message, STR("12345"));
	if (!CHECK(read_message(&j, &detail) == CLASS_OK))
		return;
	CHECK(!job_too_long(j, 5, name, sizeof(name)));
	CHECK(job_too_long(j, 4, name, sizeof(name)));
	CHECK_STR(str_of(name), STR("tag_link.tags"));
	CHECK(job_too_long(j, 3, name, sizeof(name)));
	CHECK_STR(str_of(name), STR("tag_link.slug"));
	CHECK(job_too_long(j, 3, name, 4)); /* cut, not beyond */
	CHECK_STR(str_of(name), STR("tag"));
	job_free(j);
}

TEST(a_result_is_begun_before_its_size_is_known)
{
	struct job *j = NULL;
	struct str detail;
	struct sql_result_head head = { 0 }, read;
	struct sql_reply_head reply;
	struct buf b;
	struct wire w;
	size_t begun;

	begin(1);
	put("site", 0);
	if (!CHECK(read_message(&j, &detail) == CLASS_OK))
		return;
	begun = job_result_begin(j, &head);
	wire_put_int(&j->results, 7);
	head = (struct sql_result_head){ .columns = 1, .cells = 1, .affected = -1 };
	job_result_end(j, begun, &head);
	buf_init(&b, 1 << 20);
	job_answer(j, CLASS_OK, STR(""), (struct str){ NULL, 0 }, &b);
	w = wire_of(buf_get(&b));
	reply = sql_reply_head_get(&w);
	CHECK_STR(reply.class, STR("ok"));
	CHECK_INT(reply.results, 1);
	read = sql_result_head_get(&w);
	CHECK_INT(read.columns, 1);
	CHECK_INT(read.affected, -1);
	CHECK_INT(wire_int(&w), 7);
	CHECK(wire_end(&w));
	buf_fini(&b);
	job_free(j);
}

TEST(names_are_cut_when_there_is_no_room)
{
	struct job *j = NULL;
	struct str detail;
	char names[20];

	begin(3);
	for (int i = 0; i < 3; i++) {
		put("tag_popular", 1);
		wire_put_int(&message, 1);
	}
	if (!CHECK(read_message(&j, &detail) == CLASS_OK))
		return;
	CHECK_TEXT(job_names(j, names, sizeof(names)), "tag_popular...");
	job_free(j);
}
