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
	bool failed; /* given up: those that stay take their places back */
};

/* Those that answer before those that ask, so that a new question finds who knows it; and
 * those that were relieved stay until the askers are new, so that an old one does too. */
static const char *const order[] = { "dbproxy", "appd", "webd", "dnsd" };

/* By itself, or by way of others. */
static bool asks(struct super *s, const struct crew *asker, const struct crew *c)
{
	const struct crew *needed;

	if (asker->service->needs == NULL)
		return false;
	needed = super_crew(s, str_of(asker->service->needs));
	return needed == c || asks(s, needed, c);
}

bool roll_keeps(struct super *s, const struct instance *old)
{
	const struct roll *r = s->roll;

	for (size_t i = r == NULL ? 0 : r->at; r != NULL && i < r->crew_count; i++)
		if (asks(s, r->crews[i], old->crew))
			return true;
	return false;
}

static bool is_settled(const struct instance *i)
{
	return !i->stays && i->state != INSTANCE_LEAVING;
}

/* Whoever asks it and is on the way out, or may yet be, still needs its answers. */
static bool has_unsettled_asker(struct super *s, const struct instance *of)
{
	LIST_EACH(at, &s->instances) {
		const struct instance *i = LIST_OF(at, struct instance, link);

		if (!is_settled(i) && asks(s, i->crew, of->crew))
			return true;
	}
	return false;
}

/* One that stays and need not any longer: askers before those whom they ask. */
static struct instance *next_to_settle(struct super *s)
{
	LIST_EACH(at, &s->instances) {
		struct instance *i = LIST_OF(at, struct instance, link);

		if (i->stays && (s->roll->failed || !roll_keeps(s, i)) &&
		    !has_unsettled_asker(s, i))
			return i;
	}
	return NULL;
}

/* Those that stayed may go; or, if the roll was given up, they take their places back. */
static void settle(struct super *s)
{
	struct instance *i;

	while ((i = next_to_settle(s)) != NULL) {
		struct instance *leaves = i;

		if (s->roll->failed) {
			leaves = instance_in_slot(s, i->crew, i->slot);
			str_copy(i->crew->release, sizeof(i->crew->release),
				 str_of(i->release));
		}
		i->stays = false;
		if (leaves != NULL)
			instance_leave(leaves);
	}
}

static bool all_settled(struct super *s)
{
	LIST_EACH(at, &s->instances) {
		if (!is_settled(LIST_OF(at, struct instance, link)))
			return false;
	}
	return true;
}

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

	if (s->roll == NULL || s->roll->failed)
		return;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	snprintf(text, sizeof(text), "given up, and the old one serves on: %s", why);
	tell(s->roll, text);
	s->roll->failed = true;
	super_plan(s); /* from there roll_step settles it */
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
	if (r->failed) {
		settle(s);
		if (all_settled(s))
			end(s, EXIT_DEPENDENCY);
		return;
	}
	if (r->next != NULL && r->next->state == INSTANCE_READY) {
		r->next = NULL;
		r->replaced++;
		if (r->old != NULL && r->old->stays)
			r->old = NULL;
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
	settle(s);
	if (r->at == r->crew_count && all_settled(s))
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

/* Why it must not begin just now; NULL: it may. */
static const char *hindrance(const struct super *s)
{
	return s->roll != NULL ? "another roll is under way; wait for it"
	       : s->stopping   ? "everything is being stopped"
	       : !s->announced ? "the first start is not over yet"
			       : NULL;
}

static void refuse_roll(struct visitor *v, int code, const char *why)
{
	visitor_say(v, "%s", why);
	visitor_end(v, code);
}

void roll_start(struct super *s, struct visitor *v, struct str name, const char *release)
{
	const char *why = hindrance(s);
	char missing[PATH_MAX];
	struct roll *r = why == NULL ? calloc(1, sizeof(*r)) : NULL;

	if (r == NULL) {
		refuse_roll(v, EXIT_DEPENDENCY,
			    why != NULL ? why : "there is not enough memory");
		return;
	}
	str_copy(r->release, sizeof(r->release), str_of(release));
	if (!choose_crews(s, r, name)) {
		refuse_roll(v, EXIT_USAGE,
			    "there is no such daemon; it may be dnsd, webd, appd, "
			    "dbproxy or all");
		free(r);
		return;
	}
	if (!has_programs(r, missing)) {
		visitor_say(v, "the new build lacks %s; build it first", missing);
		visitor_end(v, EXIT_DEPENDENCY);
		free(r);
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
