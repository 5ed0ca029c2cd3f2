/* check.h -- all that a unit test needs: named tests, checks that say where they failed,
 * and a main that counts.
 *
 *     TEST(trims_both_ends)
 *     {
 *             CHECK_STR(str_trim(STR(" a ")), STR("a"));
 *     }
 *
 * Included by exactly one file of a program. A failed check is one line "file:line: test:
 * what" and the test goes on; every check gives its truth, so that a test may stop by
 * `if (!CHECK(...)) return;`. Arguments on the command line name the tests to run. A test
 * that takes longer than CHECK_SECONDS is ended by SIGALRM. */
#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/str.h"

#ifndef CHECK_SECONDS
#define CHECK_SECONDS 60
#endif

struct check_test {
	const char *name;
	void (*run)(void);
	struct check_test *next;
};

static struct {
	struct check_test *first, **end;
	const char *now; /* the test that runs */
	unsigned failures;
} check = { .end = &check.first };

static inline void check_register(struct check_test *t)
{
	*check.end = t;
	check.end = &t->next;
}

#define TEST(id)                                                                         \
	static void id(void);                                                            \
	__attribute__((constructor)) static void check_register_##id(void)               \
	{                                                                                \
		static struct check_test this_ = { #id, id, NULL };                      \
		check_register(&this_);                                                  \
	}                                                                                \
	static void id(void)

/* Threads may check too, one line at a time. */
__attribute__((format(printf, 3, 4), noinline, unused)) static bool
check_failed(const char *file, int line, const char *fmt, ...)
{
	char text[2000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	__atomic_add_fetch(&check.failures, 1, __ATOMIC_RELAXED);
	printf("%s:%d: %s: %s\n", file, line, check.now, text);
	fflush(stdout);
	return false;
}

__attribute__((noinline, unused)) static bool
check_int(const char *file, int line, const char *what, int64_t is, int64_t want)
{
	if (is == want)
		return true;
	return check_failed(file, line, "%s is %" PRId64 ", not %" PRId64, what, is,
			    want);
}

__attribute__((noinline, unused)) static bool
check_str(const char *file, int line, const char *what, struct str is, struct str want)
{
	if (str_eq(is, want))
		return true;
	return check_failed(file, line, "%s is '%.*s' (%zu), not '%.*s' (%zu)", what,
			    STR_ARG(is), is.n, STR_ARG(want), want.n);
}

__attribute__((noinline, unused)) static bool
check_has(const char *file, int line, const char *what, struct str is, const char *part)
{
	if (is.p != NULL && memmem(is.p, is.n, part, strlen(part)) != NULL)
		return true;
	return check_failed(file, line, "%s lacks '%s'; it is '%.*s'", what, part,
			    STR_ARG(is));
}

#define CHECK(cond)                                                                      \
	((cond) ? true : check_failed(__FILE__, __LINE__, "not true: %s", #cond))
#define CHECK_INT(is, want)                                                              \
	check_int(__FILE__, __LINE__, #is, (int64_t)(is), (int64_t)(want))
/* struct str */
#define CHECK_STR(is, want)  check_str(__FILE__, __LINE__, #is, is, want)
#define CHECK_TEXT(is, want) check_str(__FILE__, __LINE__, #is, str_of(is), str_of(want))
/* A struct str that contains this NUL-ended text. */
#define CHECK_HAS(is, part) check_has(__FILE__, __LINE__, #is, is, part)
#define CHECK_FAIL(...)     check_failed(__FILE__, __LINE__, __VA_ARGS__)

static inline bool check_wanted(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc == 1;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const struct rlimit no_core = { 0, 0 };
	unsigned passed = 0, failed = 0;

	setrlimit(RLIMIT_CORE, &no_core); /* tests that abort on purpose leave nothing */
	for (struct check_test *it = check.first; it != NULL; it = it->next) {
		if (!check_wanted(argc, argv, it->name))
			continue;
		check.now = it->name;
		check.failures = 0;
		alarm(CHECK_SECONDS);
		it->run();
		if (check.failures > 0)
			printf("FAIL %s\n", it->name), failed++;
		else
			passed++;
		fflush(stdout);
	}
	alarm(0);
	printf("%s: %u passed, %u failed\n", slash != NULL ? slash + 1 : argv[0], passed,
	       failed);
	return failed > 0 || passed == 0;
}

#endif
