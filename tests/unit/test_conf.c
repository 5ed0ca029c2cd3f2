/* test_conf.c -- common/conf.h: every complaint with its line, defaults, units, --set,
 * and that what is printed can be read. */
#include "common/conf.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/check.h"

static char path[64], said[64 << 10];

static void write_file(const char *text, size_t n)
{
	int fd;

	snprintf(path, sizeof(path), "/tmp/onebox-conf-%d", (int)getpid());
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, text, n) == (ssize_t)n);
	close(fd);
}

static struct conf *load_with(const char *file, const char *const *sets, size_t count)
{
	struct conf_source from = { .file = file, .sets = sets, .set_count = count };
	struct buf errors;
	struct conf *c;

	buf_init(&errors, sizeof(said) - 1);
	c = conf_load(&from, &errors);
	str_copy(said, sizeof(said), buf_get(&errors));
	CHECK_INT(c == NULL, errors.n > 0);
	buf_fini(&errors);
	return c;
}

static struct conf *load(const char *text)
{
	struct conf *c;

	write_file(text, strlen(text));
	c = load_with(path, NULL, 0);
	unlink(path);
	return c;
}

/* Refused with this sentence at this line, and only that one. */
static void check_refused(const char *text, unsigned line, const char *sentence)
{
	struct conf *c = load(text);
	char want[700];

	if (!CHECK(c == NULL)) {
		CHECK_FAIL("taken: %s", text);
		conf_free(c);
		return;
	}
	snprintf(want, sizeof(want), "%s:%u: %s\n", path, line, sentence);
	CHECK_TEXT(said, want);
}

static void check_set_refused(const char *set, const char *sentence)
{
	struct conf *c = load_with(NULL, &set, 1);
	char want[700];

	CHECK(c == NULL);
	snprintf(want, sizeof(want), "--set: %s\n", sentence);
	CHECK_TEXT(said, want);
	conf_free(c);
}

TEST(defaults_need_no_file)
{
	struct conf *c = load_with(NULL, NULL, 0);

	if (!CHECK(c != NULL))
		return;
	CHECK_TEXT(c->domain, "foobar.com");
	CHECK_TEXT(c->address, "8.8.8.8");
	CHECK_INT(c->webd_deadline_us, 5000000);
	CHECK_INT(c->webd_max_body, 1 << 20);
	CHECK(!c->webd_echo);
	CHECK(conf_named(c, "zone", 0) == NULL);
	conf_free(c);
	conf_free(NULL);
}

TEST(a_file_is_taken_over)
{
	struct conf *c = load("# a comment\n"
			      "\n"
			      "  [webd]  \n"
			      "deadline=30s\r\n"
			      "\tmax_body = 64k\n"
			      "echo = yes\n"
			      "csp = a=b # not a comment\n"
			      "[onebox]\n"
			      "dns_port = 0\n"
			      "[zone b.example]\n"
			      "file = b.zone\n"
			      "[zone a.example]\n"
			      "file = a.zone"); /* without a last newline */

	if (!CHECK(c != NULL))
		return;
	CHECK_INT(c->webd_deadline_us, 30000000);
	CHECK_INT(c->webd_max_body, 65536);
	CHECK(c->webd_echo);
	CHECK_TEXT(c->webd_csp, "a=b # not a comment");
	CHECK_TEXT(conf_named_name(conf_named(c, "zone", 0)), "b.example");
	CHECK_TEXT(conf_named_text(conf_named(c, "zone", 1), "file"), "a.zone");
	CHECK(conf_named(c, "zone", 2) == NULL);
	conf_free(c);
}

TEST(units)
{
	static const struct {
		const char *text;
		int64_t us;
	} times[] = { { "10000us", 10000 },
		      { "500ms", 500000 },
		      { "2s", 2000000 },
		      { "1min", 60000000 },
		      { "10min", 600000000 } };
	static const struct {
		const char *text;
		int64_t bytes;
	} sizes[] = { { "0", 0 }, { "17", 17 }, { "3k", 3072 }, { "2m", 2 << 20 } };
	char line[100];

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct conf *c;

		snprintf(line, sizeof(line), "[webd]\ndeadline = %s\n", times[i].text);
		c = load(line);
		if (CHECK(c != NULL))
			CHECK_INT(c->webd_deadline_us, times[i].us);
		conf_free(c);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct conf *c;

		snprintf(line, sizeof(line), "[webd]\nmax_body = %s\n", sizes[i].text);
		c = load(line);
		if (CHECK(c != NULL))
			CHECK_INT(c->webd_max_body, sizes[i].bytes);
		conf_free(c);
	}
}

TEST(an_unknown_name_is_refused_with_a_guess)
{
	check_refused("[webd]\nmax_bdy = 1m\n", 2,
		      "unknown key 'max_bdy' in [webd]; did you mean 'max_body'?");
	check_refused("\n[wepd]\n", 2, "unknown section [wepd]; did you mean [webd]?");
	check_refused("[mailserver]\n", 1, "unknown section [mailserver]");
	check_refused("[webd]\nzzzzzzzz = 1\n", 2, "unknown key 'zzzzzzzz' in [webd]");
	check_refused("[webd]\nconnections = 3\n", 2,
		      "unknown key 'connections' in [webd]; it belongs into [dbproxy]");
}

TEST(a_wrong_value_is_refused_with_what_it_may_be)
{
	check_refused(
	    "[webd]\ndeadline = 5\n", 2,
	    "deadline takes a time with its unit, such as 500ms, 30s, 5min or 1h, "
	    "not '5'");
	check_refused("[webd]\ndeadline = 2h\n", 2,
		      "deadline = 2h is out of range; it may be 10ms to 10min");
	check_refused(
	    "[webd]\ndeadline = 99999999999999d\n", 2,
	    "deadline takes a time with its unit, such as 500ms, 30s, 5min or 1h, "
	    "not '99999999999999d'");
	check_refused("[webd]\nmax_body = 3 m\n", 2,
		      "max_body takes a size such as 64k, 10m or 1g, not '3 m'");
	check_refused("[webd]\nmax_body = -1\n", 2,
		      "max_body takes a size such as 64k, 10m or 1g, not '-1'");
	check_refused("[webd]\necho = true\n", 2, "echo takes yes or no, not 'true'");
	check_refused("[onebox]\ndns_port = 65536\n", 2,
		      "dns_port = 65536 is out of range; it may be 0 to 65535");
	check_refused("[onebox]\ndns_port = 5x\n", 2,
		      "dns_port takes a whole number, not '5x'");
	check_refused("[onebox]\ndns_port =\n", 2,
		      "dns_port takes a whole number, not ''");
	check_refused("[onebox]\ndomain =\n", 2,
		      "domain takes 1 to 253 characters, not 0");
}

TEST(texts_have_a_grammar)
{
	static const char *const right[] = {
		"onebox.domain=foobar.com",     "onebox.domain=xn--bro-hoa.example",
		"onebox.domain=localhost",      "onebox.address=2001:db8::1",
		"onebox.listen=127.0.0.1, ::1", "webd.trusted=",
		"webd.trusted=10.0.0.0/8,::1",  "dbproxy.database=my_box-2",
	};
	static const char *const wrong[] = {
		"onebox.domain=../../x",
		"onebox.domain=foobar.com.",
		"onebox.domain=foo..com",
		"onebox.domain=-foo.com",
		"onebox.domain=foo bar.com",
		"onebox.domain=b\xc3\xbcro.de",
		"onebox.domain="
		"12345678901234567890123456789012345678901234567890123456789012"
		"34.com",
		"onebox.address=8.8.8",
		"onebox.address=example.com",
		"onebox.listen=127.0.0.1,,::1",
		"onebox.listen=everywhere",
		"webd.trusted=10.0.0.0/33",
		"webd.trusted=10.0.0.0/8;::1",
		"dbproxy.database=a`b",
		"webd.csp=a\nb",
	};

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		struct conf *c = load_with(NULL, &right[i], 1);

		CHECK(c != NULL);
		conf_free(c);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct conf *c = load_with(NULL, &wrong[i], 1);

		if (!CHECK(c == NULL))
			CHECK_FAIL("taken: %s", wrong[i]);
		conf_free(c);
	}
	check_set_refused("onebox.address=8.8.8",
			  "address takes an IPv4 or IPv6 address, not '8.8.8'");
	check_refused("[zone ../../x]\nfile = a\n", 1,
		      "[zone NAME]: '../../x' cannot be its name");
	conf_free(
	    load("[zone 0/25.2.0.192.in-addr.arpa.]\n[zone .]\n[key k.x]\nsecret=a\n"));
	CHECK_TEXT(said, "");
}

TEST(what_is_no_file_is_refused_at_once)
{
	struct conf *c;

	snprintf(path, sizeof(path), "/tmp/onebox-conf-%d", (int)getpid());
	CHECK_INT(mkfifo(path, 0600), 0);
	c = load_with(path, NULL, 0);
	unlink(path);
	CHECK(c == NULL);
	CHECK_HAS(str_of(said), "it is not an ordinary file");
}

TEST(lines_that_are_none_are_refused)
{
	check_refused("[webd]\nwhat is this\n", 2,
		      "expected 'key = value' or '[section]', found 'what is this'");
	check_refused("max_body = 1m\n", 1,
		      "'max_body' stands before the first [section]");
	check_refused("[webd\n", 1,
		      "a section is [name] or [kind name], with nothing after it");
	check_refused("[", 1,
		      "a section is [name] or [kind name], with nothing after it");
	check_refused("[webd] # mine\n", 1,
		      "a section is [name] or [kind name], with nothing after it");
	check_refused("[webd front]\n", 1, "[webd] takes no name");
	check_refused("[zone]\n", 1, "[zone NAME] needs a name");
}

TEST(twice_is_refused)
{
	char want[100];

	check_refused("[zone a]\nfile = x\n[zone a]\nfile = y\n", 3,
		      "[zone a] is there twice");
	snprintf(want, sizeof(want), "echo is given twice; first at %s:2", path);
	check_refused("[webd]\necho = yes\n[webd]\necho = no\n", 4, want);
}

TEST(what_has_no_default_must_be_given)
{
	check_refused("[webd]\n[key transfer]\n\n[dnsd]\n", 2,
		      "[key transfer] needs 'secret'");
}

TEST(all_complaints_come_at_once_and_have_a_bound)
{
	char text[4000] = "[webd]\n";
	size_t n = strlen(text);

	CHECK(load("[webd]\necho = x\nmax_body = y\n") == NULL);
	CHECK_HAS(str_of(said), ":2: echo takes");
	CHECK_HAS(str_of(said), ":3: max_body takes");
	for (int i = 0; i < 50; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "qqqqqqqq%d = 1\n", i);
	CHECK(load(text) == NULL);
	CHECK_HAS(str_of(said), ":21: unknown key");
	CHECK(strstr(said, ":22: ") == NULL);
	CHECK(str_ends(str_of(said), STR("\nand 30 more\n")));
}

TEST(files_that_cannot_be_a_configuration)
{
	static char big[2 << 20];
	char want[200];

	CHECK(load_with("/nonexistent/x.conf", NULL, 0) == NULL);
	CHECK_TEXT(said,
		   "/nonexistent/x.conf: cannot be read: No such file or directory\n");
	CHECK(load_with("/tmp", NULL, 0) == NULL);
	CHECK_TEXT(said, "/tmp: cannot be read: Is a directory\n");
	CHECK(load_with("/dev/zero", NULL, 0) == NULL); /* without end */
	CHECK_HAS(str_of(said), "it is not an ordinary file");

	memset(big, '\n', sizeof(big));
	write_file(big, sizeof(big));
	CHECK(load_with(path, NULL, 0) == NULL);
	snprintf(want, sizeof(want),
		 "%s: is larger than 1048576 bytes; that is no configuration\n", path);
	CHECK_TEXT(said, want);
	write_file("[webd]\nec\0ho = yes\n", 19);
	CHECK(load_with(path, NULL, 0) == NULL);
	CHECK_HAS(str_of(said), "holds a zero byte");

	/* a small file that wants much memory */
	for (size_t i = 0; i < 60000; i++)
		snprintf(big + 17 * i, 18, "[zone %09zu]\n", i);
	write_file(big, (size_t)17 * 60000);
	CHECK(load_with(path, NULL, 0) == NULL);
	CHECK_HAS(str_of(said), "that is no configuration");
	unlink(path);
}

TEST(set_comes_last_and_wins)
{
	static const char *const sets[] = { "webd.echo=no", "onebox.domain = example.org",
					    "webd.echo=yes" };
	struct conf *c;

	write_file("[onebox]\ndomain = file.example\n", 31);
	c = load_with(path, sets, 3);
	unlink(path);
	if (!CHECK(c != NULL))
		return;
	CHECK_TEXT(c->domain, "example.org");
	CHECK(c->webd_echo);
	conf_free(c);
}

TEST(a_wrong_set_is_refused)
{
	check_set_refused("echo=yes", "expected section.key=value, found 'echo=yes'");
	check_set_refused("webd.echo", "expected section.key=value, found 'webd.echo'");
	check_set_refused("", "expected section.key=value, found ''");
	check_set_refused("webb.echo=yes",
			  "unknown section [webb]; did you mean [webd]?");
	check_set_refused("webd.ecko=yes",
			  "unknown key 'ecko' in [webd]; did you mean 'echo'?");
	check_set_refused("webd.echo=1", "echo takes yes or no, not '1'");
	check_set_refused("onebox.dns_port=70000",
			  "dns_port = 70000 is out of range; it may be 0 to 65535");
}

static char *print(const struct conf *c)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	conf_print(c, f);
	fclose(f);
	return text;
}

TEST(what_is_in_force_says_where_it_comes_from)
{
	static const char *const sets[] = { "webd.max_body=3m" };
	char *text, want[200];
	struct conf *c;

	write_file("[webd]\ndeadline = 90s\n[zone a]\nfile = f\n", 40);
	c = load_with(path, sets, 1);
	if (!CHECK(c != NULL))
		return;
	text = print(c);
	snprintf(want, sizeof(want), "deadline = 90s\n    # from %s:2\n", path);
	CHECK_HAS(str_of(text), want);
	CHECK_HAS(str_of(text), "max_body = 3m\n    # from --set\n");
	CHECK_HAS(str_of(text), "echo = no\n    # from default\n");
	snprintf(want, sizeof(want), "[zone a]\nfile = f\n    # from %s:4\n", path);
	CHECK_HAS(str_of(text), want);
	conf_free(c);
	c = load(text); /* it is a configuration itself */
	if (CHECK(c != NULL))
		CHECK_INT(c->webd_deadline_us, 90000000);
	conf_free(c);
	free(text);
}

TEST(the_sample_with_its_comments_taken_off_loads)
{
	char *text = NULL, *to;
	struct conf *c;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	conf_print_sample(f);
	fclose(f);
	to = text;
	for (char *at = text; *at != '\0';
	     at++) { /* "#key = value" stands at a line's start */
		bool option =
		    *at == '#' && (at == text || at[-1] == '\n') && at[1] != ' ';
		bool named = option && at[1] == '[';

		if (named)
			break; /* sections that need a name */
		if (!option)
			*to++ = *at;
	}
	*to = '\0';
	c = load(text);
	if (!CHECK(c != NULL))
		printf("%s", said);
	conf_free(c);
	free(text);
}
