/* status.c -- see status.h. */
#include "deploy/supervisor/status.h"

#include <unistd.h>

#include "common/clock.h"
#include "common/version.h"
#include "deploy/supervisor/instance.h"

static double seconds_since(int64_t us)
{
	return (double)(clock_us() - us) / 1e6;
}

static void say_instance(const struct instance *i, struct visitor *v)
{
	char load[32] = "- -";

	if (i->has_load)
		snprintf(load, sizeof(load), "%u %u", i->inflight, i->credit);
	visitor_say(v, "instance %s %d %d %s %.3f %u %s %s %s", i->crew->service->name,
		    i->slot, (int)i->pid, instance_state_word(i),
		    i->pid > 0 ? seconds_since(i->started_us) : 0.0, i->restarts,
		    instance_build(i), load, i->words);
}

void status_say(const struct super *s, struct visitor *v)
{
	visitor_say(v, "ready %s", super_ready(s) ? "yes" : "no");
	visitor_say(v, "supervisor %d %s %.3f", (int)getpid(), ONEBOX_VERSION,
		    seconds_since(s->started_us));
	visitor_say(v, "guard %d", s->guard_fd >= 0 ? (int)getppid() : 0);
	visitor_say(v, "state %s", s->place.state);
	visitor_say(v, "release %s", s->place.release);
	visitor_say(v, "domain %s", s->conf->domain);
	visitor_say(v, "address %s", s->conf->address);
	visitor_say(v, "zones %s", s->conf->dnsd_zones);
	visitor_say(v, "listen %s", s->conf->listen);
	for (int k = 0; k < SOCKET_KINDS; k++)
		visitor_say(v, "port %s %d", socket_kinds[k].name, s->sockets.ports[k]);
	for (size_t c = 0; c < s->crew_count; c++) {
		LIST_EACH(at, &s->instances) {
			const struct instance *i = LIST_OF(at, struct instance, link);

			if (i->crew == &s->crews[c])
				say_instance(i, v);
		}
	}
}
