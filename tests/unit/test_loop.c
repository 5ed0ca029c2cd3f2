/* test_loop.c -- common/loop.h. */
#include "common/loop.h"

#include "common/clock.h"
#include "tests/unit/check.h"

static struct {
	struct loop *loop;
	struct loop_fd fd[3];
	int pipe[3][2];
	unsigned reads[3], timers, laters;
	struct timer timer, guard;
	struct loop_later later[3];
} t;

static void stop(void *ctx)
{
	(void)ctx;
	loop_stop(t.loop);
}

static void give_up(void *ctx)
{
	(void)ctx;
	CHECK_FAIL("nothing happened for 5 s");
	loop_stop(t.loop);
}

static void begin(void)
{
	memset(&t, 0, sizeof(t));
	t.loop = loop_new();
	t.guard = (struct timer){ .run = give_up };
	loop_timer_in(t.loop, &t.guard, 5000000);
}

static void end(void)
{
	for (int i = 0; i < 3; i++) {
		if (t.pipe[i][0] == 0)
			continue;
		close(t.pipe[i][0]);
		close(t.pipe[i][1]);
	}
	loop_free(t.loop);
}

static void on_read(void *ctx, uint32_t events)
{
	struct loop_fd *f = ctx;
	char byte;

	CHECK(events & EPOLLIN);
	CHECK_INT(read(f->fd, &byte, 1), 1);
	t.reads[f - t.fd]++;
	loop_stop(t.loop);
}

static void watch(int i, loop_fd_fn run)
{
	CHECK(pipe(t.pipe[i]) == 0);
	t.fd[i] = (struct loop_fd){ .run = run, .ctx = &t.fd[i] };
	CHECK(loop_fd_add(t.loop, &t.fd[i], t.pipe[i][0], EPOLLIN));
}

TEST(a_descriptor_is_called_as_long_as_it_is_readable)
{
	begin();
	watch(0, on_read);
	CHECK_INT(write(t.pipe[0][1], "ab", 2), 2);
	loop_run(t.loop);
	loop_run(t.loop);
	CHECK_INT(t.reads[0], 2);
	CHECK_INT(loop_turns(t.loop), 2);
	loop_fd_change(t.loop, &t.fd[0], 0);
	CHECK_INT(write(t.pipe[0][1], "c", 1), 1);
	t.timer = (struct timer){ .run = stop };
	loop_timer_in(t.loop, &t.timer, 10000);
	loop_run(t.loop);
	CHECK_INT(t.reads[0], 2);
	end();
}

static void remove_all(void *ctx, uint32_t events)
{
	(void)events;
	t.reads[(struct loop_fd *)ctx - t.fd]++;
	for (int i = 0; i < 3; i++)
		loop_fd_remove(t.loop, &t.fd[i]);
	loop_fd_remove(t.loop, &t.fd[0]); /* twice is fine */
	loop_stop(t.loop);
}

TEST(what_was_removed_in_this_turn_is_not_called)
{
	begin();
	for (int i = 0; i < 3; i++) {
		watch(i, remove_all);
		CHECK_INT(write(t.pipe[i][1], "x", 1), 1);
	}
	loop_run(t.loop);
	CHECK_INT(t.reads[0] + t.reads[1] + t.reads[2], 1);
	end();
}

TEST(a_bad_descriptor_is_an_error)
{
	begin();
	t.fd[0].run = on_read;
	CHECK(!loop_fd_add(t.loop, &t.fd[0], -1, EPOLLIN));
	CHECK(!loop_fd_add(t.loop, &t.fd[0], 9999, EPOLLIN));
	end();
}

static void count_timer(void *ctx)
{
	(void)ctx;
	if (++t.timers == 3)
		loop_stop(t.loop);
	else
		loop_timer_in(t.loop, &t.timer, 2000);
}

TEST(a_timer_never_comes_early)
{
	int64_t began = clock_us();

	begin();
	t.timer = (struct timer){ .run = count_timer };
	loop_timer_in(t.loop, &t.timer, 2000);
	loop_run(t.loop);
	CHECK_INT(t.timers, 3);
	CHECK(clock_us() - began >= 6000);
	loop_timer_stop(t.loop, &t.timer);
	end();
}

static void later_again(void *ctx)
{
	struct loop_later *w = ctx;

	if (++t.laters < 5)
		loop_later(t.loop, w);
	else
		loop_stop(t.loop);
}

TEST(work_put_off_by_such_work_waits_a_turn)
{
	begin();
	t.later[0] = (struct loop_later){ .run = later_again, .ctx = &t.later[0] };
	loop_later(t.loop, &t.later[0]);
	loop_later(t.loop, &t.later[0]); /* once, however often */
	loop_run(t.loop);
	CHECK_INT(t.laters, 5);
	CHECK_INT(loop_turns(t.loop), 5);
	end();
}

static void cancel_others(void *ctx)
{
	(void)ctx;
	t.laters++;
	for (int i = 0; i < 3; i++)
		loop_later_cancel(&t.later[i]);
	loop_stop(t.loop);
}

TEST(work_put_off_may_be_cancelled_by_other_such_work)
{
	begin();
	for (int i = 0; i < 3; i++) {
		t.later[i] = (struct loop_later){ .run = cancel_others };
		loop_later(t.loop, &t.later[i]);
	}
	loop_run(t.loop);
	CHECK_INT(t.laters, 1);
	loop_later(t.loop, &t.later[2]);
	loop_run(t.loop);
	CHECK_INT(t.laters, 2);
	end();
}

TEST(the_clock_of_the_turn)
{
	begin();
	t.timer = (struct timer){ .run = stop };
	loop_timer_at(t.loop, &t.timer, 1); /* long past */
	loop_run(t.loop);
	CHECK(loop_now_us(t.loop) <= clock_us());
	CHECK(clock_us() - loop_now_us(t.loop) < 1000000);
	end();
}
