/* timers.c -- see timers.h. */
#include "common/timers.h"

#include <stdlib.h>

void timers_fini(struct timers *s)
{
	free(s->heap);
	*s = (struct timers){ 0 };
}

static void place(struct timers *s, size_t at, struct timer *t)
{
	s->heap[at] = t;
	t->place = at;
}

static void sift(struct timers *s, struct timer *t)
{
	size_t at = t->place;

	while (at > 1 && s->heap[at / 2]->due_us > t->due_us) {
		place(s, at, s->heap[at / 2]);
		at /= 2;
	}
	for (size_t child; (child = 2 * at) <= s->count; at = child) {
		if (child < s->count &&
		    s->heap[child + 1]->due_us < s->heap[child]->due_us)
			child++;
		if (s->heap[child]->due_us >= t->due_us)
			break;
		place(s, at, s->heap[child]);
	}
	place(s, at, t);
}

void timers_set(struct timers *s, struct timer *t, int64_t due_us)
{
	if (s->running_us > 0 && due_us <= s->running_us)
		due_us = s->running_us + 1;
	t->due_us = due_us;
	if (t->place == 0) {
		if (s->count + 2 > s->cap) {
			size_t cap = s->cap == 0 ? 64 : 2 * s->cap;
			struct timer **heap = realloc(s->heap, cap * sizeof(*heap));

			if (heap == NULL)
				abort(); /* a lost deadline would be worse */
			s->heap = heap;
			s->cap = cap;
		}
		place(s, ++s->count, t);
	}
	sift(s, t);
}

void timers_stop(struct timers *s, struct timer *t)
{
	struct timer *last;
	size_t at = t->place;

	if (at == 0)
		return;
	last = s->heap[s->count--];
	t->place = 0;
	if (last != t) {
		place(s, at, last);
		sift(s, last);
	}
}

int64_t timers_next(const struct timers *s)
{
	return s->count == 0 ? INT64_MAX : s->heap[1]->due_us;
}

void timers_run(struct timers *s, int64_t now_us)
{
	s->running_us = now_us;
	while (s->count > 0 && s->heap[1]->due_us <= now_us) {
		struct timer *t = s->heap[1];

		timers_stop(s, t);
		t->run(t->ctx);
	}
	s->running_us = 0;
}
