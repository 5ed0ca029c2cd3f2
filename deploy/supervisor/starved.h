/* starved.h -- whether a process that says nothing had a chance to say something.
 *
 * Two looks at its threads in /proc, some time apart. One that hardly ran in between
 * although it wanted to (it waited for a processor, or for a disk) is starved: ending it
 * helps nobody, its successor would fare no better. One that slept, that was stopped, or
 * that ran and said nothing all the same, is not. */
#ifndef DEPLOY_SUPERVISOR_STARVED_H
#define DEPLOY_SUPERVISOR_STARVED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { STARVED_THREADS = 80 };

struct starved_thread {
	int id;
	char state; /* as in /proc: R, S, D, T, ... */
	uint64_t ran_ns, waited_ns;
};

struct starved_look {
	int64_t at_us;
	unsigned count;
	struct starved_thread threads[STARVED_THREADS];
};

void starved_look(pid_t pid, struct starved_look *ret);
/* What it ran from one look to the other, all its threads together. */
int64_t starved_ran_us(const struct starved_look *before, const struct starved_look *now);
bool starved_between(const struct starved_look *before, const struct starved_look *now);

#endif
