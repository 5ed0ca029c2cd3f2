/* scale.c -- see scale.h. */
#include "deploy/supervisor/scale.h"

#include "deploy/supervisor/instance.h"

/* As many as wanted are ready, and nobody is on the way in or out. */
static bool is_settled(const struct super *s, const struct crew *c)
{
	unsigned ready = 0;

	LIST_EACH(at, &s->instances) {
		const struct instance *i = LIST_OF(at, struct instance, link);

		if (i->crew == c && i->state != INSTANCE_READY)
			return false;
		ready += i->crew == c;
	}
	return ready == c->wanted;
}

static bool has_given_up(const struct super *s, const struct crew *c)
{
	LIST_EACH(at, &s->instances) {
		const struct instance *i = LIST_OF(at, struct instance, link);

		if (i->crew == c && i->state == INSTANCE_GIVEN_UP)
			return true;
	}
	return false;
}

static void end(struct super *s, int code)
{
	struct visitor *v = s->scale_visitor;

	s->scale_visitor = NULL;
	visitor_end(v, code);
}

static void on_limit(void *ctx)
{
	struct super *s = ctx;

	if (s->scale_visitor == NULL)
		return;
	visitor_say(s->scale_visitor, "%s has not settled yet; see onebox status",
		    s->scale_crew->service->name);
	end(s, EXIT_DEPENDENCY);
}

void scale_wait(struct super *s, struct visitor *v, struct crew *c)
{
	if (s->scale_visitor != NULL) {
		visitor_say(v, "asked for; another change is still under way");
		visitor_end(v, EXIT_OK);
		return;
	}
	s->scale_visitor = v;
	s->scale_crew = c;
	s->scale_limit = (struct timer){ .run = on_limit, .ctx = s };
	loop_timer_in(s->loop, &s->scale_limit,
		      c->service->start_us + c->service->drain_us(s->conf));
}

void scale_step(struct super *s)
{
	struct crew *c = s->scale_crew;

	if (s->scale_visitor == NULL)
		return;
	if (is_settled(s, c)) {
		visitor_say(s->scale_visitor, "%s: %u instance%s", c->service->name,
			    c->wanted, c->wanted == 1 ? "" : "s");
		end(s, EXIT_OK);
	} else if (has_given_up(s, c)) {
		visitor_say(s->scale_visitor, "an instance could not be started; see %s",
			    c->log.path);
		end(s, EXIT_DEPENDENCY);
	} else {
		return;
	}
	loop_timer_stop(s->loop, &s->scale_limit);
}

void scale_forget_visitor(struct super *s, const struct visitor *v)
{
	if (s->scale_visitor == v) {
		s->scale_visitor = NULL;
		loop_timer_stop(s->loop, &s->scale_limit);
	}
}
