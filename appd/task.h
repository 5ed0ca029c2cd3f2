/* task.h -- tasks that read like blocking code, many on one thread.
 *
 * A task runs until it parks; whoever has what it waits for wakes it. All of this belongs
 * to the one thread that runs the loop: start and wake are called from the loop, park and
 * exit inside a task. A task's stack has a guard page below it and goes back to a pool
 * when it ends, so a start costs well under a microsecond and a parked task the few KiB
 * of stack that it has touched. Big locals do not belong here: 128 KiB is all. */
#ifndef APPD_TASK_H
#define APPD_TASK_H

#include <stdbool.h>
#include <stddef.h>

struct task;

/* Runs fn(arg) at once until it parks or ends. ended(arg) runs on the loop's own stack
 * after the task is gone, which may be before this returns. false: out of memory. */
bool task_start(void (*fn)(void *arg), void (*ended)(void *arg), void *arg)
    __attribute__((warn_unused_result));

/* NULL on the loop. */
struct task *task_self(void);
void task_park(void);
void task_wake(struct task *t);
/* Leaves every frame of the task at once: what it holds must belong to its arg. */
_Noreturn void task_exit(void);

size_t task_count(void); /* started and not ended */
/* The most stacks kept for reuse. */
void task_pool_limit(size_t stacks);
/* Frees the pooled stacks. */
void task_pool_free(void);

#endif
