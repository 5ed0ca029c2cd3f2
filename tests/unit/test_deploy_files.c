/* The supervisor's and the command's work on files: zones, logs, releases. */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "deploy/command/json.h"
#include "deploy/command/logset.h"
#include "deploy/command/tree.h"
#include "deploy/supervisor/files.h"
#include "deploy/supervisor/logfile.h"
#include "deploy/supervisor/zones.h"

static char folder[] = "/tmp/onebox-files-XXXXXX";

__attribute__((constructor)) static void make_folder(void)
{
	if (mkdtemp(folder) == NULL)
		abort();
}

__attribute__((destructor)) static void remove_folder(void)
{
	tree_remove(folder);
}

static const char *path_of(const char *name)
{
	static char paths[4][200];
	static unsigned at;

	snprintf(paths[++at % 4], sizeof(paths[0]), "%s/%s", folder, name);
	return paths[at % 4];
}

static void write_text(const char *name, const char *text)
{
	CHECK(files_write(path_of(name), str_of(text), 0644, (gid_t)-1));
}

static struct str read_text(const char *name)
{
	static struct buf b;

	buf_fini(&b);
	buf_init(&b, 1 << 20);
	return files_read(path_of(name), &b) ? buf_get(&b) : STR("(no file)");
}

static void check_zone(const char *address, const char *want)
{
	struct buf b;

	buf_init(&b, 4096);
	CHECK(zones_fill_in(STR("; foobar.com\n@\tNS\tns1\nwww\tA\t8.8.8.8\n"),
			    "example.org", address, &b));
	CHECK_STR(buf_get(&b), str_of(want));
	buf_fini(&b);
}

TEST(the_zone_gets_our_domain_and_address)
{
	check_zone("192.0.2.1", "; example.org\n@\tNS\tns1\nwww\tA\t192.0.2.1\n");
}

TEST(an_ipv6_address_makes_it_an_aaaa_record)
{
	check_zone("2001:db8::1", "; example.org\n@\tNS\tns1\nwww\tAAAA 2001:db8::1\n");
}

TEST(a_file_is_replaced_as_a_whole_and_takes_its_mode)
{
	struct stat st;

	write_text("whole", "one");
	CHECK(files_write(path_of("whole"), STR("two"), 0600, (gid_t)-1));
	CHECK_STR(read_text("whole"), STR("two"));
	CHECK(stat(path_of("whole"), &st) == 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK(access(path_of("whole.new"), F_OK) < 0);
}

TEST(a_log_is_rotated_by_size_and_a_number_kept)
{
	struct logfile l;

	CHECK(logfile_open(&l, folder, "rotated", NULL));
	for (int i = 0; i < 4; i++) {
		char line[8] = { 'l', 'i', 'n', 'e', (char)('0' + i), '\n', 0 };

		logfile_write(&l, str_of(line));
		CHECK(logfile_rotate(&l, 6, 2, NULL));
		CHECK(!logfile_rotate(&l, 6, 2, NULL));
	}
	logfile_close(&l);
	CHECK_STR(read_text("rotated.log"), STR(""));
	CHECK_STR(read_text("rotated.log.1"), STR("line3\n"));
	CHECK_STR(read_text("rotated.log.2"), STR("line2\n"));
	CHECK(access(path_of("rotated.log.3"), F_OK) < 0);
}

TEST(a_log_that_was_moved_away_is_made_anew)
{
	struct logfile l;

	CHECK(logfile_open(&l, folder, "moved", NULL));
	CHECK(rename(path_of("moved.log"), path_of("elsewhere")) == 0);
	CHECK(logfile_rotate(&l, 1000, 2, NULL));
	logfile_write(&l, STR("here\n"));
	logfile_close(&l);
	CHECK_STR(read_text("moved.log"), STR("here\n"));
	CHECK_STR(read_text("elsewhere"), STR(""));
}

TEST(what_a_full_disk_swallows_is_counted_and_said)
{
	struct rlimit before, tiny = { 20, 20 };
	struct logfile l;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	tiny.rlim_max = before.rlim_max;
	CHECK(logfile_open(&l, folder, "full", NULL));
	setrlimit(RLIMIT_FSIZE, &tiny);
	logfile_write(&l, STR("this fits\n"));
	logfile_write(&l, STR("1234567890"));
	logfile_write(&l, STR("lost for ever\n"));
	CHECK_INT(l.dropped, 14);
	setrlimit(RLIMIT_FSIZE, &before);
	logfile_write(&l, STR("back\n"));
	logfile_close(&l);
	CHECK_HAS(read_text("full.log"), "log_lost bytes=14\n");
	CHECK_HAS(read_text("full.log"), "\nback\n");
}

static int64_t stamp_of(const char *line)
{
	int64_t us = -1;

	return logset_stamp(line, &us) ? us : -1;
}

TEST(every_kind_of_log_line_says_when_it_was)
{
	CHECK_INT(stamp_of("2026-11-21T00:40:45.102608Z dbproxy.1[30562] info ready"),
		  1795221645102608);
	CHECK_INT(stamp_of("2026-11-21  0:40:45 0 [Note] InnoDB: ready"),
		  1795221645000000);
	CHECK_INT(
	    stamp_of("127.0.0.1 - - [21/Nov/2026:01:40:45 +0100] \"GET / HTTP/1.1\""),
	    1795221645999999);
	CHECK_INT(stamp_of("::1 - - [21/Nov/2026:00:40:45 +0000] \"GET / HTTP/1.1\""),
		  1795221645999999);
	CHECK_INT(stamp_of("Version: '10.11'"), -1);
	CHECK_INT(stamp_of(""), -1);
}

static const char *next(struct logset *s)
{
	const char *line = logset_next(s);

	return line == NULL ? "(none)" : line;
}

TEST(logs_are_read_as_one_by_time)
{
	static struct logset s;
	const char *logs = path_of("logs");

	CHECK(tree_make_folder(logs));
	write_text("logs/appd.log",
		   "2026-01-01T00:00:01.000000Z appd one\n"
		   "2026-01-01T00:00:03.000000Z appd three\n more of it\n");
	write_text("logs/webd.log", "2026-01-01T00:00:02.000000Z webd two\n"
				    "2026-01-01T00:00:04.000000Z unfinished");
	write_text("logs/mariadb.log", "2026-01-01  0:00:05 0 [Note] five\n");
	CHECK(logset_open(&s, logs, NULL, false));
	CHECK_TEXT(next(&s), "2026-01-01T00:00:01.000000Z appd one");
	CHECK_TEXT(next(&s), "2026-01-01T00:00:02.000000Z webd two");
	CHECK_TEXT(next(&s), "2026-01-01T00:00:03.000000Z appd three");
	CHECK_TEXT(next(&s), " more of it");
	CHECK_TEXT(next(&s), "mariadb: 2026-01-01  0:00:05 0 [Note] five");
	CHECK_TEXT(next(&s), "(none)");
	logset_close(&s);
	CHECK(logset_open(&s, logs, "webd", false));
	CHECK_TEXT(next(&s), "2026-01-01T00:00:02.000000Z webd two");
	CHECK_TEXT(next(&s), "(none)");
	logset_close(&s);
	CHECK(!logset_open(&s, logs, "nobody", false));
}

TEST(a_followed_log_goes_on_after_rotation)
{
	static struct logset s;
	const char *logs = path_of("turning");

	CHECK(tree_make_folder(logs));
	write_text("turning/appd.log", "2026-01-01T00:00:01.000000Z one\n");
	CHECK(logset_open(&s, logs, NULL, false));
	CHECK_TEXT(next(&s), "2026-01-01T00:00:01.000000Z one");
	CHECK_TEXT(next(&s), "(none)");
	CHECK(rename(path_of("turning/appd.log"), path_of("turning/appd.log.1")) == 0);
	write_text("turning/appd.log", "2026-01-01T00:00:02.000000Z two\n");
	logset_refresh(&s, NULL);
	CHECK_TEXT(next(&s), "2026-01-01T00:00:02.000000Z two");
	CHECK_TEXT(next(&s), "(none)");
	logset_close(&s);
}

static uint64_t hash_of(const char *name)
{
	uint64_t h = TREE_HASH_START;

	CHECK(tree_hash(path_of(name), &h));
	return h;
}

TEST(a_copied_build_has_the_same_hash_until_a_byte_changes)
{
	struct stat st;

	CHECK(tree_make_folder(path_of("build/bin")));
	write_text("build/bin/program", "#!/bin/sh\necho a program of some length\n");
	write_text("build/page", "text");
	CHECK(chmod(path_of("build/bin/program"), 0700) == 0);
	CHECK(tree_copy(path_of("build"), path_of("copy")));
	CHECK(hash_of("build") == hash_of("copy"));
	CHECK(stat(path_of("copy/bin/program"), &st) == 0);
	CHECK_INT(st.st_mode & 0777, 0755);
	write_text("copy/page", "texT");
	CHECK(hash_of("build") != hash_of("copy"));
	write_text("copy/page", "text");
	CHECK(hash_of("build") == hash_of("copy"));
	CHECK(rename(path_of("copy/page"), path_of("copy/pagf")) == 0);
	CHECK(hash_of("build") != hash_of("copy"));
	tree_remove(path_of("copy"));
	CHECK(access(path_of("copy"), F_OK) < 0);
}

TEST(json_is_escaped_and_separated)
{
	struct json j;

	json_init(&j);
	json_open(&j, NULL, '{');
	json_text(&j, "a", "x\"\\\n");
	json_open(&j, "list", '[');
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_open(&j, NULL, '{');
	json_int(&j, "n", -1);
	json_close(&j, '}');
	json_close(&j, ']');
	json_int_or_null(&j, "none", 0, false);
	json_close(&j, '}');
	CHECK_STR(buf_get(&j.text), STR("{\"a\": \"x\\\"\\\\\\u000a\", \"list\": [{}, "
					"{\"n\": -1}], \"none\": null}"));
	buf_fini(&j.text);
}
