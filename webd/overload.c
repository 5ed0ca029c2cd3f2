/* overload.c -- see overload.h. */
#include "webd/overload.h"

enum {
	WINDOW_US = 100000,
	FLOOR = 8, /* always let in, to see whether things are better */
};

void overload_init(struct overload *o, unsigned max, int64_t target_us)
{
	*o = (struct overload){
		.limit = max,
		.max = max,
		.target_us = target_us,
		.excess_us = INT64_MAX,
	};
}

void overload_set_target(struct overload *o, int64_t target_us)
{
	o->target_us = target_us;
	if (target_us == 0)
		o->limit = o->max;
}

/* Below what was under way. Where nothing new was let in, the backlog drains already. */
static void fall(struct overload *o)
{
	unsigned used = o->most < o->limit ? o->most : o->limit;

	if (o->most > 0)
		o->limit = used * 3 / 4 > FLOOR ? used * 3 / 4 : FLOOR;
}

static void rise(struct overload *o)
{
	o->limit += o->limit / 8 + 1;
	if (o->limit > o->max)
		o->limit = o->max;
}

/* A whole window is over: what does it say? One without answers says nothing. */
static void look_back(struct overload *o, int64_t now_us)
{
	if (now_us - o->window_us < WINDOW_US)
		return;
	if (o->excess_us != INT64_MAX) {
		o->pressed = o->excess_us > o->target_us;
		if (o->pressed)
			fall(o);
		else
			rise(o);
	}
	o->window_us = now_us;
	o->excess_us = INT64_MAX;
	o->most = 0;
}

bool overload_admits(struct overload *o, unsigned underway, int64_t now_us)
{
	if (o->target_us == 0)
		return true;
	look_back(o, now_us);
	if (underway >= o->limit)
		return false;
	if (underway + 1 > o->most)
		o->most = underway + 1;
	return true;
}

/* The least creeps up, so that a kind that became slower is believed: within minutes, so
 * that a queue of some seconds is not; within seconds when the limit is at its lowest and
 * there can be no queue of ours. */
static void creep(struct overload *o, struct overload_kind *k, int64_t took_us,
		  int64_t now_us)
{
	if (now_us - k->crept_us < WINDOW_US)
		return;
	k->crept_us = now_us;
	k->least_us += (took_us - k->least_us) / (o->limit == FLOOR ? 50 : 1200);
}

static int64_t excess_of(struct overload *o, unsigned kind, int64_t took_us,
			 int64_t now_us)
{
	struct overload_kind *k = &o->kinds[kind % OVERLOAD_KINDS];

	if (k->least_us == 0 || took_us < k->least_us)
		k->least_us = took_us > 0 ? took_us : 1;
	else
		creep(o, k, took_us, now_us);
	return took_us - k->least_us;
}

void overload_took(struct overload *o, unsigned kind, int64_t took_us, int64_t now_us)
{
	int64_t excess = excess_of(o, kind, took_us, now_us);

	if (excess < o->excess_us)
		o->excess_us = excess;
	look_back(o, now_us);
}
