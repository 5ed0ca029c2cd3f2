/* Who is starved, and who is hung: told from two looks at a process. */
#include "check.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "deploy/supervisor/starved.h"

enum { SPAN_US = 1000000 };

/* One thread, SPAN_US later. */
static bool judged(char state, int64_t ran_us, int64_t waited_us)
{
	struct starved_look before = { .at_us = 5, .count = 1 }, now;

	before.threads[0] = (struct starved_thread){ 7, 'S', 123456789, 987654321 };
	now = before;
	now.at_us += SPAN_US;
	now.threads[0].state = state;
	now.threads[0].ran_ns += (uint64_t)ran_us * 1000;
	now.threads[0].waited_ns += (uint64_t)waited_us * 1000;
	return starved_between(&before, &now);
}

TEST(who_hardly_ran_and_wanted_to_is_starved)
{
	CHECK(judged('R', 0, 0)); /* waits since before the first look */
	CHECK(judged('R', SPAN_US / 50, SPAN_US / 2));
	CHECK(judged('S', SPAN_US / 50, SPAN_US * 9 / 10)); /* it slept just now */
	CHECK(judged('D', 0, 0));                           /* waits for a disk */
}

TEST(who_ran_slept_or_was_stopped_is_not)
{
	CHECK(!judged('R', SPAN_US, 0));
	CHECK(!judged('R', SPAN_US / 5, SPAN_US * 4 / 5)); /* turns in circles */
	CHECK(!judged('S', 0, 0));
	CHECK(!judged('S', SPAN_US / 50, SPAN_US / 50));
	CHECK(!judged('T', 0, 0));
	CHECK(!judged('T', 0, SPAN_US * 9 / 10));
	CHECK(!judged('t', 0, SPAN_US * 9 / 10));
	CHECK(!judged('Z', 0, 0));
}

TEST(all_threads_count)
{
	struct starved_look before = { .at_us = 0, .count = 2 },
			    now = { .at_us = SPAN_US, .count = 3 };

	before.threads[0] = (struct starved_thread){ 1, 'S', 0, 0 };
	before.threads[1] = (struct starved_thread){ 2, 'S', 50, 50 };
	now.threads[0] = (struct starved_thread){ 2, 'R', 50, 50 };
	now.threads[1] = (struct starved_thread){ 1, 'S', 0, 0 };
	now.threads[2] = (struct starved_thread){ 3, 'S', 7000000, 0 };
	CHECK(starved_between(&before, &now));
	CHECK_INT(starved_ran_us(&before, &now), 7000);
	now.threads[2].ran_ns = 900000000; /* a new one ran all the time */
	CHECK(!starved_between(&before, &now));
	now.threads[2] = (struct starved_thread){ 3, 'T', 0, 0 };
	CHECK(!starved_between(&before, &now));
	now.count = before.count = 0; /* it is gone */
	CHECK(!starved_between(&before, &now));
}

static pid_t begin(void (*work)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		work();
		_exit(0);
	}
	CHECK(pid > 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void spin(void)
{
	for (;;)
		__asm__ volatile("");
}

static void sleep_on(void)
{
	for (;;)
		pause();
}

/* However little of the machine there is: it is looked at until it ran for so long. */
TEST(a_look_sees_what_a_process_runs)
{
	static struct starved_look before, now;
	pid_t pid = begin(spin);

	starved_look(pid, &before);
	CHECK_INT(before.count, 1);
	CHECK_INT(before.threads[0].id, pid);
	do {
		usleep(1000);
		starved_look(pid, &now);
	} while (starved_ran_us(&before, &now) < 20000);
	CHECK(now.at_us - before.at_us >= 20000);
	end(pid);
	starved_look(pid, &now);
	CHECK_INT(now.count, 0);
}

TEST(a_look_sees_who_sleeps_and_who_is_stopped)
{
	static struct starved_look look;
	pid_t pid = begin(sleep_on);

	do
		starved_look(pid, &look);
	while (look.threads[0].state != 'S');
	kill(pid, SIGSTOP);
	do
		starved_look(pid, &look);
	while (look.threads[0].state != 'T');
	end(pid);
}
