/* test_appd_task.c -- appd/task.h. */
#include "appd/task.h"

#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/check.h"

enum { MANY = 300 };

struct job {
	int n, step, ended;
	double sum;
	struct task *task;
};

static int depth(struct job *j, int levels)
{
	volatile char room[512];

	room[0] = (char)levels;
	if (room[0] > 100)
		return 0;
	if (levels == 0) {
		j->step = 99;
		task_exit();
	}
	return depth(j, levels - 1) + room[0];
}

static void three_steps(void *arg)
{
	struct job *j = arg;
	double half = j->n / 2.0;

	j->task = task_self();
	for (int i = 0; i < 3; i++) {
		j->step++;
		task_park();
		j->sum += half; /* a floating point register lives across the switch */
	}
}

static void exits_below(void *arg)
{
	struct job *j = arg;

	j->task = task_self();
	task_park();
	depth(j, 20);
}

static void counts_end(void *arg)
{
	((struct job *)arg)->ended++;
}

TEST(tasks_park_and_go_on_in_any_order)
{
	static struct job jobs[MANY];

	for (int i = 0; i < MANY; i++) {
		jobs[i] = (struct job){ .n = i };
		CHECK(task_start(three_steps, counts_end, &jobs[i]));
		CHECK(task_self() == NULL);
	}
	CHECK_INT(task_count(), MANY);
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < MANY; i++)
			task_wake(jobs[(i * 7 + round) % MANY].task);
	CHECK_INT(task_count(), 0);
	for (int i = 0; i < MANY; i++) {
		CHECK_INT(jobs[i].step, 3);
		CHECK_INT(jobs[i].ended, 1);
		CHECK(jobs[i].sum == i * 1.5);
	}
	task_pool_free();
}

TEST(exit_leaves_from_any_depth_and_stacks_are_used_again)
{
	for (int round = 0; round < 200; round++) {
		struct job j = { .n = round };

		CHECK(task_start(exits_below, counts_end, &j));
		task_wake(j.task);
		CHECK_INT(j.step, 99);
		CHECK_INT(j.ended, 1);
	}
	task_pool_free();
}

static void ends_at_once(void *arg)
{
	((struct job *)arg)->step = 1;
}

/* The start of one task from the end of another, as a next request would. */
static void starts_another(void *arg)
{
	struct job *j = arg;

	if (++j->ended < 5)
		CHECK(task_start(ends_at_once, starts_another, j));
}

TEST(an_end_may_start_another)
{
	struct job j = { 0 };

	CHECK(task_start(ends_at_once, starts_another, &j));
	CHECK_INT(j.ended, 5);
	CHECK_INT(task_count(), 0);
	task_pool_free();
}

static void overflows(void *arg)
{
	volatile char room[4096];

	room[0] = 1;
	if (room[0] != 0)
		overflows(arg);
	room[1] = room[0];
}

TEST(an_overflow_meets_the_guard_page)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		fclose(stderr); /* a sanitizer's report is expected */
		signal(SIGSEGV, SIG_DFL);
		if (!task_start(overflows, counts_end, NULL))
			_exit(0);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}
