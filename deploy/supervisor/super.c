/* super.c -- what should run, and the way from what does run to that. */
#include "deploy/supervisor/super.h"

#include "common/log.h"
#include "deploy/supervisor/control.h"
#include "deploy/supervisor/hand.h"
#include "deploy/supervisor/instance.h"
#include "deploy/supervisor/keep.h"
#include "deploy/supervisor/roll.h"
#include "deploy/supervisor/say.h"
#include "deploy/supervisor/scale.h"

struct crew *super_crew(struct super *s, struct str name)
{
	for (size_t i = 0; i < s->crew_count; i++)
		if (str_eq(name, str_of(s->crews[i].service->name)))
			return &s->crews[i];
	return NULL;
}

static unsigned count_in(const struct super *s, const struct crew *c,
			 enum instance_state state)
{
	unsigned n = 0;

	LIST_EACH(at, &s->instances) {
		const struct instance *i = LIST_OF(at, struct instance, link);

		n += i->crew == c && i->state == state;
	}
	return n;
}

static unsigned count_processes(const struct super *s, const struct crew *c)
{
	unsigned n = 0;

	LIST_EACH(at, &s->instances) {
		const struct instance *i = LIST_OF(at, struct instance, link);

		n += i->crew == c && i->pid > 0;
	}
	return n;
}

bool super_ready(const struct super *s)
{
	for (size_t i = 0; i < s->crew_count; i++)
		if (count_in(s, &s->crews[i], INSTANCE_READY) < s->crews[i].wanted)
			return false;
	return !s->stopping;
}

/* ---- towards all running ---- */

static bool may_begin(struct super *s, struct crew *c)
{
	struct crew *need;

	if (c->begun || c->service->needs == NULL)
		return true;
	need = super_crew(s, str_of(c->service->needs));
	return need->wanted == 0 ? may_begin(s, need)
				 : count_in(s, need, INSTANCE_READY) > 0;
}

static void fill(struct super *s, struct crew *c)
{
	if (c->wanted == 0 || !may_begin(s, c))
		return;
	c->begun = true;
	for (unsigned slot = 1; slot <= c->wanted; slot++)
		if (instance_in_slot(s, c, (int)slot) == NULL &&
		    instance_new(s, c, (int)slot) == NULL)
			log_error("no_memory daemon=%s", c->service->name);
}

/* More than wanted: the highest slots leave. */
static void thin_out(struct super *s, const struct crew *c)
{
	LIST_EACH(at, &s->instances) {
		struct instance *i = LIST_OF(at, struct instance, link);

		if (i->crew == c && i->slot > (int)c->wanted)
			instance_leave(i);
	}
}

static void announce(struct super *s)
{
	s->announced = true;
	loop_timer_stop(s->loop, &s->start_limit);
	log_info("all_ready ms=%d", (int)((loop_now_us(s->loop) - s->started_us) / 1000));
	say_done();
	s->handed->fixed_count -= s->starters;
	s->starters = 0;
	keep_say(s, GUARD_READY, "");
}

/* ---- towards all gone ---- */

/* Nobody that needs it is left, so it may go. */
static bool may_leave(const struct super *s, const struct crew *c)
{
	for (size_t i = 0; i < s->crew_count; i++) {
		const struct crew *user = &s->crews[i];

		if (user->service->needs == NULL ||
		    strcmp(user->service->needs, c->service->name) != 0)
			continue;
		if (count_processes(s, user) > 0 || !may_leave(s, user))
			return false;
	}
	return true;
}

static void empty(struct super *s)
{
	LIST_EACH(at, &s->instances) {
		struct instance *i = LIST_OF(at, struct instance, link);

		if (i->pid == 0 || may_leave(s, i->crew))
			instance_leave(i);
	}
	if (list_empty(&s->instances))
		loop_stop(s->loop);
}

static void plan(void *ctx)
{
	struct super *s = ctx;

	if (s->stopping) {
		empty(s);
		keep_send(s);
		return;
	}
	for (size_t i = 0; i < s->crew_count; i++) {
		fill(s, &s->crews[i]);
		thin_out(s, &s->crews[i]);
	}
	roll_step(s);
	scale_step(s);
	if (!s->announced && super_ready(s))
		announce(s);
	keep_send(s);
}

void super_plan(struct super *s)
{
	s->plan.run = plan;
	s->plan.ctx = s;
	loop_later(s->loop, &s->plan);
}

void super_stop(struct super *s, int exit_code)
{
	if (!s->stopping) {
		s->stopping = true;
		s->exit_code = exit_code;
		log_info("stopping");
		roll_fail(s, "everything is being stopped");
	}
	super_plan(s);
}
