/* Last words: a deadly signal writes the stacks of all threads, and still kills. */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "common/crash.h"

static char said[64 << 10];

static void *sleep_in_the_second_thread(void *ctx)
{
	(void)ctx;
	for (;;)
		pause();
	return NULL;
}

__attribute__((noinline)) static void die_in_a_function(int number)
{
	raise(number);
	__asm__ volatile(""); /* no tail call: it is to be seen on the stack */
}

/* The status of a child that dies so; `said` holds what it wrote. */
static int die(int number)
{
	int fds[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t child;

	CHECK(pipe(fds) == 0);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		pthread_t thread;

		dup2(fds[1], STDERR_FILENO);
		crash_install("tester");
		pthread_create(&thread, NULL, sleep_in_the_second_thread, NULL);
		die_in_a_function(number);
		_exit(0);
	}
	close(fds[1]);
	while (n < sizeof(said) - 1 &&
	       (got = read(fds[0], said + n, sizeof(said) - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(fds[0]);
	waitpid(child, &status, 0);
	return status;
}

TEST(an_abort_shows_all_stacks_and_is_still_an_abort)
{
	int status = die(SIGABRT);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	CHECK_HAS(str_of(said), "stack of tester thread ");
	CHECK_HAS(str_of(said), " at signal 6:\n");
	CHECK_HAS(str_of(said), "test_crash(+0x");
	CHECK_HAS(str_of(said), "end of stacks\n");
	if (access("/usr/bin/addr2line", X_OK) == 0) {
		CHECK_HAS(str_of(said), "die_in_a_function");
		CHECK_HAS(str_of(said), "sleep_in_the_second_thread");
	}
}

#ifndef __SANITIZE_ADDRESS__
TEST(a_fault_too)
{
	int status = die(SIGSEGV);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	CHECK_HAS(str_of(said), " at signal 11:\n");
}
#endif
