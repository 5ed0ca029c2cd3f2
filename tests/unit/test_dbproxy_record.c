/* test_dbproxy_record.c -- the record of who is the primary, and the election. */
#include "dbproxy/record.h"

#include "tests/unit/check.h"

static char *new_folder(void)
{
	static char folder[32];

	snprintf(folder, sizeof(folder), "/tmp/onebox-record-XXXXXX");
	return mkdtemp(folder);
}

static void remove_folder(const char *folder)
{
	static const char *const names[] = { "database.primary", "database.lock" };
	char path[80];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	CHECK(rmdir(folder) == 0);
}

TEST(what_is_written_is_read)
{
	const struct record one = { "one", true }, two = { "two", false };
	char *folder = new_folder();
	struct record r;

	CHECK_TEXT(record_read(folder).primary, "");
	CHECK(record_write(folder, &one));
	r = record_read(folder);
	CHECK_TEXT(r.primary, "one");
	CHECK(r.is_protected);
	CHECK(record_write(folder, &two));
	record_settle(folder);
	r = record_read(folder);
	CHECK_TEXT(r.primary, "two");
	CHECK(!r.is_protected);
	CHECK(!record_write("/nonexistent", &one));
	remove_folder(folder);
}

TEST(one_is_elected_until_it_ends)
{
	char *folder = new_folder();
	int first = record_lock(folder), second;

	CHECK(first >= 0);
	CHECK_INT(record_lock(folder), -1);
	close(first);
	second = record_lock(folder);
	CHECK(second >= 0);
	close(second);
	remove_folder(folder);
}
