/* test_log.c -- common/log.h: the lines, what outsiders may put into them, and what
 * happens when nobody reads. */
#include "common/log.h"

#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>

#include "common/clock.h"
#include "common/log_text.h"
#include "tests/unit/check.h"

/* stderr becomes a pipe while a test runs; gives the reading end. */
static int saved = -1;

static int take_stderr(void)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	saved = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	return ends[0];
}

static char text_read[4 << 20];

static void *read_all(void *ctx)
{
	size_t used = 0;
	ssize_t n;

	while ((n = read(*(int *)ctx, text_read + used, sizeof(text_read) - 1 - used)) >
	       0)
		used += (size_t)n;
	text_read[used] = '\0';
	return NULL;
}

/* All that was written; closes. */
static char *give_stderr_back(int fd)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
	read_all(&fd);
	close(fd);
	return text_read;
}

static unsigned count_lines(const char *text)
{
	unsigned n = 0;

	while ((text = strchr(text, '\n')) != NULL)
		n++, text++;
	return n;
}

TEST(a_line_has_its_prefix)
{
	int fd = take_stderr();
	char *text, want[64];

	log_name("webd", 2);
	log_info("listening sockets=%d", 8);
	text = give_stderr_back(fd);
	snprintf(want, sizeof(want), "Z webd.2[%d] info listening sockets=8\n",
		 (int)getpid());
	CHECK_HAS(str_of(text), want);
	CHECK_INT(strlen(text), 26 + strlen(want));
	CHECK(text[4] == '-' && text[10] == 'T' && text[19] == '.');
}

TEST(no_outside_text_forges_a_line)
{
	int fd = take_stderr();
	char *text;

	log_info("path=%s", "/a\nb\r\x1b[31m\x7f\t\x01 fake");
	text = give_stderr_back(fd);
	CHECK_INT(count_lines(text), 1);
	CHECK_HAS(str_of(text), "path=/a?b??[31m???_fake\n");
}

TEST(a_long_line_is_cut_and_ended)
{
	int fd = take_stderr();
	static char wide[10000];
	char *text;

	memset(wide, 'x', sizeof(wide) - 1);
	log_info("%s", wide);
	log_info("after");
	text = give_stderr_back(fd);
	CHECK_INT(count_lines(text), 2);
	CHECK_INT(strchr(text, '\n') - text, 4095 - 1);
	CHECK_HAS(str_of(text), "info after\n");
}

TEST(levels_are_kept)
{
	int fd = take_stderr();
	enum log_level level = LOG_DEBUG;
	char *text;

	log_debug("hidden");
	log_set_level(LOG_ERROR);
	log_warn("hidden too");
	log_error("shown");
	log_set_level(LOG_DEBUG);
	log_debug("shown again");
	log_set_level(LOG_INFO);
	text = give_stderr_back(fd);
	CHECK_INT(count_lines(text), 2);
	CHECK_HAS(str_of(text), "error shown\n");
	CHECK_HAS(str_of(text), "debug shown again\n");
	CHECK(log_level_parse(STR("warn"), &level) && level == LOG_WARN);
	CHECK(!log_level_parse(STR("Warn"), &level) && level == LOG_WARN);
	CHECK(!log_level_parse(STR(""), &level));
}

TEST(journald_gets_a_priority_and_no_time)
{
	int fd = take_stderr();
	char *text;

	setenv("JOURNAL_STREAM", "8:1", 1);
	log_name("webd", 0);
	unsetenv("JOURNAL_STREAM");
	log_warn("x");
	log_error("y");
	log_name("webd", 1);
	text = give_stderr_back(fd);
	CHECK_TEXT(text, "<4>webd warn x\n<3>webd error y\n");
}

TEST(the_thread_writes_everything_in_order)
{
	int fd = take_stderr();
	char *text, want[32];

	CHECK(log_start());
	for (int i = 0; i < 500; i++)
		log_info("line n=%d", i);
	log_stop();
	log_info("after n=500");
	text = give_stderr_back(fd);
	CHECK_INT(count_lines(text), 501);
	for (int i = 0; i < 500; i++) {
		snprintf(want, sizeof(want), " line n=%d\n", i);
		text = strstr(text, want);
		if (!CHECK(text != NULL))
			break;
	}
	CHECK_INT(log_dropped(), 0);
}

TEST(nobody_reads_and_nobody_waits)
{
	int fd = take_stderr();
	int64_t began = clock_us();
	uint64_t dropped;
	pthread_t reader;

	CHECK(log_start());
	for (int i = 0; i < 20000; i++)
		log_info("a line of some length, so that the ring is full soon n=%d", i);
	CHECK(clock_us() - began < 5000000);
	dropped = log_dropped();
	CHECK(dropped > 1000);
	pthread_create(&reader, NULL, read_all, &fd); /* from here on somebody reads */
	do {
		dropped = log_dropped();
		usleep(10000);
		log_info("is there room again");
	} while (log_dropped() != dropped && clock_us() - began < 20000000);
	log_stop();
	dup2(saved, STDERR_FILENO);
	close(saved);
	pthread_join(reader, NULL);
	close(fd);
	CHECK_HAS(str_of(text_read), "warn log_dropped lines=");
	CHECK_HAS(str_of(text_read), "info is there room again\n");
}

static void *chatter(void *ctx)
{
	(void)ctx;
	for (int i = 0; i < 150; i++)
		log_info("thread n=%d", i);
	return NULL;
}

TEST(threads_may_log_while_it_stops)
{
	int fd = take_stderr();
	pthread_t threads[4];
	char *text;

	CHECK(log_start());
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, chatter, NULL);
	log_stop();
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	text = give_stderr_back(fd);
	CHECK_INT(count_lines(text), 600);
}

TEST(a_gate_opens_once_a_second)
{
	struct log_gate gate = { 0 };
	unsigned held = 99;

	CHECK(log_gate_open(&gate, &held) && held == 0);
	for (int i = 0; i < 50; i++)
		CHECK(!log_gate_open(&gate, &held));
	gate.next_us = clock_us(); /* a second later */
	CHECK(log_gate_open(&gate, &held) && held == 50);
	CHECK(!log_gate_open(&gate, &held));
}

TEST(fatal_says_why_and_exits_with_the_code)
{
	int fd = take_stderr(), status = 0;
	pid_t pid = fork();
	char *text;

	if (pid == 0) {
		if (!log_start())
			_exit(1);
		fatal(71, "no_room why=\"%s\"", "x");
	}
	waitpid(pid, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 71);
	text = give_stderr_back(fd);
	CHECK_HAS(str_of(text), "error no_room why=\"x\"\n");
	CHECK_INT(count_lines(text), 1);
}

/* ---- log_text.c ---- */

static struct str text_of(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static struct str text_of(const char *fmt, ...)
{
	static char line[256];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = log_text(line, sizeof(line), fmt, ap);
	va_end(ap);
	return (struct str){ line, n };
}

TEST(an_argument_is_one_value)
{
	CHECK_STR(text_of("a why=\"%s\" b=1", "x\" forged=\"1"),
		  STR("a why=\"x' forged='1\" b=1"));
	CHECK_STR(text_of("a name=%s b=%d", "x forged=\"1", 2),
		  STR("a name=x_forged='1 b=2"));
	CHECK_STR(text_of("a at=%s:%d", "x y", 2), STR("a at=x_y:2"));
	CHECK_STR(text_of("a at=%s%s", "x y", " z"), STR("a at=x_y_z"));
	CHECK_STR(text_of("a pid=%d%s", 1, " more=\"own words\""),
		  STR("a pid=1 more=\"own words\""));
	CHECK_STR(text_of("a why=\"%d %s\" c=%s", 7, "two words", "y z"),
		  STR("a why=\"7 two words\" c=y_z"));
	CHECK_STR(text_of("%s v=%.*s", "event", 3, "abcd"), STR("event v=abc"));
	CHECK_STR(text_of("why=\"%s\"", "a\nb\033c"), STR("why=\"a?b?c\""));
}

TEST(numbers_are_printfs)
{
	CHECK_STR(text_of("%d %u %5d|%-5d|%05d %+d", -1, 2u, 3, 4, 5, 6),
		  STR("-1 2     3|4    |00005 +6"));
	CHECK_STR(text_of("%lld %llu %ld %zu %jd %hhu", -1ll, 2ull, 3l, (size_t)4,
			  (intmax_t)5, (unsigned char)6),
		  STR("-1 2 3 4 5 6"));
	CHECK_STR(text_of("%lld %lld %llu %d", LLONG_MIN, LLONG_MAX, ULLONG_MAX, 0),
		  STR("-9223372036854775808 9223372036854775807 18446744073709551615 0"));
	CHECK_STR(text_of("%x %04x %016llx %#x %02x", 255u, 10u, 11ull, 12u, 1u),
		  STR("ff 000a 000000000000000b 0xc 01"));
	CHECK_STR(text_of("%.3f %.6g %g %.1f %c %%", 1.5, 2.25, 0.1, 2.0, 'x'),
		  STR("1.500 2.25 0.1 2.0 x %"));
	CHECK_STR(text_of("%.2s|%.0s|%.*s|", "abc", "abc", -1, "abc"), STR("ab||abc|"));
	CHECK_STR(text_of("%*d|", 4, 7), STR("   7|"));
}

TEST(a_long_line_is_cut)
{
	static char long_text[1000];

	memset(long_text, 'x', sizeof(long_text) - 1);
	CHECK_INT(text_of("a=%s", long_text).n, 256);
	CHECK_INT(text_of("%s", "").n, 0);
}

TEST(links_that_open_something_are_not_told)
{
	CHECK_STR(log_target(STR("/reset/abc123")), STR("/reset/"));
	CHECK_STR(log_target(STR("/confirm/abc?x=y")), STR("/confirm/"));
	CHECK_STR(log_target(STR("/register?invitation=abc&next=/")),
		  STR("/register?invitation="));
	CHECK_STR(log_target(STR("https://www.foobar.com/reset/abc")),
		  STR("https://www.foobar.com/reset/"));
	CHECK_STR(log_target(STR("/article/what-a-reset-is?page=2")),
		  STR("/article/what-a-reset-is?page=2"));
	CHECK_STR(log_target(STR("/")), STR("/"));
	CHECK_INT(log_target((struct str){ NULL, 0 }).n, 0);
}
