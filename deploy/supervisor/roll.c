/* roll.c -- see roll.h. */
#include "deploy/supervisor/roll.h"

#include <stdarg.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"

struct roll {
	struct visitor *visitor; /* NULL: hung up */
	struct crew *crews[SERVICES_MAX];
	size_t crew_count, at; /* at: which crew's turn it is */
	unsigned slot, replaced;
	const struct instance *old, *next; /* under way; NULL: gone, or settled */
	int64_t began_us;
	char release[PLACE_MAX];
};

/* Those that answer before those that ask, so that a new question finds who knows it. */
static const char *const order[] = { "dbproxy", "appd", "webd", "dnsd" };

static void tell(struct roll *r, const char *text)
{
	if (r->visitor != NULL)
		visitor_say(r->visitor, "%s", text);
	log_info("roll %s", text);
}

static void end(struct super *s, int code)
{
	struct roll *r = s->roll;

	s->roll = NULL;
	if (r->visitor != NULL)
		visitor_end(r->visitor, code);
	free(r);
}

void roll_fail(struct super *s, const char *fmt, ...)
{
	char why[700], text[900];
	va_list ap;

	if (s->roll == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	snprintf(text, sizeof(text), "given up, and the old one serves on: %s", why);
	tell(s->roll, text);
	end(s, EXIT_DEPENDENCY);
}

static void finish_crew(struct roll *r)
{
	struct crew *c = r->crews[r->at++];
	char text[200];

	/* proven: from now on restarts run it too */
	str_copy(c->release, sizeof(c->release), str_of(r->release));
	snprintf(text, sizeof(text), "%s: %u replaced in %.1f s", c->service->name,
		 r->replaced, (double)(clock_us() - r->began_us) / 1e6);
	tell(r, text);
	r->slot = 0;
	r->replaced = 0;
	r->began_us = clock_us();
}

void roll_step(struct super *s)
{
	struct roll *r = s->roll;

	if (r == NULL)
		return;
	if (r->next != NULL && r->next->state == INSTANCE_READY) {
		r->next = NULL;
		r->replaced++;
	}
	while (r->next == NULL && r->old == NULL && r->at < r->crew_count) {
		struct crew *c = r->crews[r->at];
		struct instance *old;

		if (++r->slot > c->wanted) {
			finish_crew(r);
			continue;
		}
		old = instance_in_slot(s, c, (int)r->slot);
		if (old == NULL)
			continue;
		r->old = old;
		r->next = instance_new_successor(old, r->release);
		if (r->next == NULL) {
			roll_fail(s, "there is not enough memory");
			return;
		}
	}
	if (r->at == r->crew_count)
		end(s, EXIT_OK);
}

static bool choose_crews(struct super *s, struct roll *r, struct str name)
{
	bool all = str_eq(name, STR("all"));

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		struct crew *c = super_crew(s, str_of(order[i]));

		if ((all && c->wanted > 0) || str_eq(name, str_of(order[i])))
			r->crews[r->crew_count++] = c;
	}
	return r->crew_count > 0;
}

static bool has_programs(const struct roll *r, char missing[PATH_MAX])
{
	for (size_t i = 0; i < r->crew_count; i++) {
		snprintf(missing, PATH_MAX, "%s/bin/%s", r->release,
			 r->crews[i]->service->name);
		if (access(missing, X_OK) < 0)
			return false;
	}
	return true;
}

/* NULL, with the reason, when it must not begin. */
static struct roll *prepare_roll(struct super *s, struct str name, const char *release,
				 const char **why)
{
	char missing[PATH_MAX];
	struct roll *r;

	*why = s->roll != NULL ? "another roll is under way; wait for it"
	       : s->stopping   ? "everything is being stopped"
	       : !s->announced ? "the first start is not over yet"
			       : "there is not enough memory";
	r = s->roll != NULL || s->stopping || !s->announced ? NULL
							    : calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	str_copy(r->release, sizeof(r->release), str_of(release));
	if (choose_crews(s, r, name) && has_programs(r, missing))
		return r;
	*why = r->crew_count == 0
		   ? "there is no such daemon; it may be dnsd, webd, appd, dbproxy or all"
		   : "the new build lacks a program; build it first";
	free(r);
	return NULL;
}

void roll_start(struct super *s, struct visitor *v, struct str name, const char *release)
{
	const char *why;
	struct roll *r = prepare_roll(s, name, release, &why);

	if (r == NULL) {
		visitor_say(v, "%s", why);
		visitor_end(v, EXIT_USAGE);
		return;
	}
	r->visitor = v;
	r->began_us = clock_us();
	s->roll = r;
	log_info("roll what=%.*s release=%s", STR_ARG(name), release);
	roll_step(s);
}

void roll_forget_visitor(struct super *s, const struct visitor *v)
{
	if (s->roll != NULL && s->roll->visitor == v)
		s->roll->visitor = NULL;
}

/* Called from deep inside; the next step is taken when the list is at rest. */
void roll_forget(struct super *s, const struct instance *i)
{
	if (s->roll == NULL)
		return;
	if (s->roll->old == i)
		s->roll->old = NULL;
	if (s->roll->next == i)
		s->roll->next = NULL;
	super_plan(s);
}
