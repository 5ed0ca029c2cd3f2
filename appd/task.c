/* task.c -- see task.h. The annotations tell AddressSanitizer, ThreadSanitizer and
 * valgrind which stack we are on; without one of them they cost nothing. */
#include "appd/task.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "appd/context.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define ASAN 1
#else
#define ASAN 0
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#define TSAN 1
#else
#define TSAN 0
#endif
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(low, high) 0
#define VALGRIND_STACK_DEREGISTER(id)      (void)(id)
#endif

/* Instrumented frames are several times larger. Only pages that were touched count. */
enum { STACK = ASAN || TSAN ? 512 << 10 : 128 << 10, GUARD = 4096 };

struct task {
	struct context context;
	void (*fn)(void *);
	void (*ended)(void *);
	void *arg;
	char *map; /* the guard page, then the stack */
	struct task *next;
	bool done;
	unsigned valgrind_id;
	void *fake_stack, *fiber; /* of the sanitizers */
};

static struct {
	struct context loop;
	struct task *self;
	struct task *idle;
	size_t count, idle_count, idle_max;
	const void *loop_stack; /* as ASan tells us */
	size_t loop_stack_size;
	void *loop_fiber;
} tasks = { .idle_max = 64 };

/* ---- switching ---- */

static void to_task(struct task *t)
{
	void *fake = NULL;

	(void)fake;
#if ASAN
	__sanitizer_start_switch_fiber(&fake, t->map + GUARD, STACK);
#endif
#if TSAN
	if (tasks.loop_fiber == NULL)
		tasks.loop_fiber = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(t->fiber, 0);
#endif
	context_switch(&tasks.loop, &t->context);
#if ASAN
	__sanitizer_finish_switch_fiber(fake, NULL, NULL);
#endif
}

static void to_loop(struct task *t)
{
#if ASAN
	/* a finished task has no fake stack to come back to */
	__sanitizer_start_switch_fiber(t->done ? NULL : &t->fake_stack, tasks.loop_stack,
				       tasks.loop_stack_size);
#endif
#if TSAN
	__tsan_switch_to_fiber(tasks.loop_fiber, 0);
#endif
	context_switch(&t->context, &tasks.loop);
#if ASAN
	__sanitizer_finish_switch_fiber(t->fake_stack, &tasks.loop_stack,
					&tasks.loop_stack_size);
#endif
}

static void entry(void)
{
	struct task *t = tasks.self;

#if ASAN
	__sanitizer_finish_switch_fiber(NULL, &tasks.loop_stack, &tasks.loop_stack_size);
#endif
	t->fn(t->arg);
	task_exit();
}

/* ---- stacks ---- */

static void stack_free(struct task *t)
{
	VALGRIND_STACK_DEREGISTER(t->valgrind_id);
#if TSAN
	__tsan_destroy_fiber(t->fiber);
#endif
	munmap(t->map, GUARD + STACK);
	free(t);
}

static struct task *stack_new(void)
{
	struct task *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->map = mmap(NULL, GUARD + STACK, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	if (t->map == MAP_FAILED) {
		free(t);
		return NULL;
	}
	if (mprotect(t->map, GUARD, PROT_NONE) != 0) {
		munmap(t->map, GUARD + STACK);
		free(t);
		return NULL;
	}
	t->valgrind_id = VALGRIND_STACK_REGISTER(t->map + GUARD, t->map + GUARD + STACK);
#if TSAN
	t->fiber = __tsan_create_fiber(0);
#endif
	return t;
}

static struct task *take(void)
{
	struct task *t = tasks.idle;

	if (t == NULL)
		return stack_new();
	tasks.idle = t->next;
	tasks.idle_count--;
#if ASAN
	/* frames left behind by task_exit keep their red zones */
	ASAN_UNPOISON_MEMORY_REGION(t->map + GUARD, STACK);
#endif
	return t;
}

static void give_back(struct task *t)
{
	if (tasks.idle_count >= tasks.idle_max) {
		stack_free(t);
		return;
	}
	t->next = tasks.idle;
	tasks.idle = t;
	tasks.idle_count++;
}

/* ---- tasks ---- */

bool task_start(void (*fn)(void *), void (*ended)(void *), void *arg)
{
	struct task *t = take();

	if (t == NULL)
		return false;
	t->fn = fn;
	t->ended = ended;
	t->arg = arg;
	t->done = false;
	context_make(&t->context, t->map + GUARD, STACK, entry);
	tasks.count++;
	task_wake(t);
	return true;
}

void task_wake(struct task *t)
{
	void (*ended)(void *) = t->ended;
	void *arg = t->arg;

	assert(tasks.self == NULL);
	tasks.self = t;
	to_task(t);
	tasks.self = NULL;
	if (!t->done)
		return;
	tasks.count--;
	give_back(t);
	ended(arg);
}

void task_park(void)
{
	assert(tasks.self != NULL);
	to_loop(tasks.self);
}

void task_exit(void)
{
	assert(tasks.self != NULL);
	tasks.self->done = true;
	to_loop(tasks.self);
	abort(); /* nobody wakes a task that is done */
}

struct task *task_self(void)
{
	return tasks.self;
}

size_t task_count(void)
{
	return tasks.count;
}

void task_pool_limit(size_t stacks)
{
	tasks.idle_max = stacks;
}

void task_pool_free(void)
{
	while (tasks.idle != NULL) {
		struct task *t = tasks.idle;

		tasks.idle = t->next;
		tasks.idle_count--;
		stack_free(t);
	}
}
