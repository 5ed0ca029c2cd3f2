/* dnsd.c -- how dnsd starts, takes over new zones, and ends; see dnsd.h.
 *
 *     start: zones -> snapshot -> answering threads -> asks itself -> ready
 *     reload: zones -> snapshot beside the one in force -> swapped, or refused with why
 *     drain: sockets emptied and left, TCP clients finished */
#include "dnsd/dnsd.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/stat.h"
#include "common/wire.h"
#include "dnsd/answer.h"
#include "dnsd/catalog.h"
#include "dnsd/doh.h"
#include "dnsd/health.h"
#include "dnsd/notify.h"
#include "dnsd/rrtype.h"
#include "dnsd/secondary.h"
#include "dnsd/service.h"
#include "dnsd/zone_load.h"
#include "dnsd/zone_print.h"

enum { TIDY_US = 20000, WINDOW = 256, ZONE_TEXT_MAX = 15 << 20 };

struct dnsd {
	struct daemon *daemon;
	struct service *service;
	struct notifier *notifier;
	struct secondaries *secondaries;
	struct health *health;
	struct loop_fd notices;
	char kept[4200]; /* folder of the zones that come from primaries */
	struct timer tidy;
	uint64_t seed;
	struct scratch scratch; /* for what this thread answers itself */
	uint8_t out[DNS_MAX];
};

static void log_lines(struct buf *text, enum log_level level, const char *event)
{
	for (struct str rest = buf_get(text); rest.n > 0;) {
		struct str line = str_cut(&rest, '\n');

		log_line(level, "%s why=\"%.*s\"", event, STR_ARG(line));
	}
}

static struct snapshot *load(struct dnsd *self, const struct conf *conf,
			     struct complaints *c)
{
	const struct catalog_source from = {
		.conf = conf,
		.state_dir = self->daemon->state_dir,
		.kept = self->kept,
		.seed = self->seed,
		.before = self->service != NULL ? service_snapshot(self->service) : NULL,
	};
	struct snapshot *s = catalog_load(&from, c);
	size_t records = 0;

	malloc_trim(0);
	log_lines(&c->odd, LOG_WARN, "zone_odd");
	for (size_t i = 0; s != NULL && i < s->count; i++)
		records += s->zones[i]->record_count;
	if (s != NULL) {
		stat_set(STAT_DNSD_ZONES, (int64_t)s->count);
		stat_set(STAT_DNSD_RECORDS, (int64_t)records);
	}
	return s;
}

static void tidy(void *ctx)
{
	struct dnsd *self = ctx;

	if (!service_tidy(self->service))
		loop_timer_in(self->daemon->loop, &self->tidy, TIDY_US);
}

/* Every zone must answer for its own SOA before anybody is told that we are here. */
static bool answers_itself(struct dnsd *self, const struct snapshot *s)
{
	const struct client client = { .transport = TRANSPORT_TCP };
	const struct asked asked = { s, &self->scratch, &client };

	for (size_t i = 0; i < s->count; i++) {
		const struct name *apex = &zone_apex(s->zones[i])->name;
		uint8_t question[DNS_HEADER + NAME_WIRE + 4] = { [5] = 1 };
		size_t n = DNS_HEADER;

		memcpy(question + n, apex->wire, apex->len);
		n += apex->len;
		put16(question + n, RR_SOA);
		put16(question + n + 2, CLASS_IN);
		n = answer(&asked, question, n + 4, self->out);
		if (s->zones[i]->is_expired)
			continue;
		if (n == 0 || (get16(self->out + 2) & (FLAG_AA | 0xf)) != FLAG_AA ||
		    get16(self->out + 6) == 0) {
			log_error("zone %s does not answer for its own SOA",
				  s->zones[i]->text);
			return false;
		}
	}
	return true;
}

static unsigned thread_count(const struct conf *c)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (c->dnsd_threads > 0)
		return (unsigned)c->dnsd_threads;
	return cores < 1 ? 1 : cores > 64 ? 64 : (unsigned)cores;
}

static bool has_socket(const struct daemon *d, const char *name)
{
	for (size_t i = 0; i < d->sockets.count; i++)
		if (strcmp(d->sockets.sockets[i].name, name) == 0)
			return true;
	return false;
}

static int start_service(struct dnsd *self, struct snapshot *first)
{
	struct daemon *d = self->daemon;
	const struct worker_options options = {
		.tcp_clients = (unsigned)d->conf->dnsd_tcp_clients,
		.tcp_per_address = (unsigned)d->conf->dnsd_tcp_per_address,
		.tcp_idle_us = d->conf->dnsd_tcp_idle_us,
	};

	if (!has_socket(d, "dns-udp") || !has_socket(d, "dns-tcp")) {
		log_error("no_sockets why=\"none is named dns-udp and dns-tcp in "
			  "LISTEN_FDNAMES; dnsd is started by deploy/up or systemd\"");
		snapshot_free(first);
		return EXIT_SYSTEM;
	}
	self->service = service_new(first, thread_count(d->conf), &options, &d->sockets);
	return self->service == NULL ? EXIT_SYSTEM : 0;
}

/* A snapshot that is right goes to the answering threads. */
static void publish(struct dnsd *self, struct snapshot *s)
{
	const struct snapshot *before = service_snapshot(self->service);

	health_update(self->health, s);
	service_publish(self->service, s);
	/* not earlier: whoever is told comes at once */
	notifier_tell(self->notifier, s, before);
	secondaries_update(self->secondaries, s);
	tidy(self);
}

static bool reload(struct daemon *d, const struct conf *next, struct buf *why)
{
	struct dnsd *self = d->self;
	struct complaints c;
	struct snapshot *s;
	bool ok;

	complaints_init(&c);
	s = load(self, next, &c);
	ok = s != NULL && answers_itself(self, s);
	if (ok) {
		publish(self, s);
	} else {
		log_lines(&c.wrong, LOG_ERROR, "zone_refused");
		buf_str(why, buf_get(&c.wrong));
		snapshot_free(s);
	}
	complaints_fini(&c);
	return ok;
}

/* A zone came from a primary, or has expired. */
static void on_kept(void *ctx)
{
	struct dnsd *self = ctx;
	struct buf why;

	buf_init(&why, 64 << 10);
	if (!reload(self->daemon, self->daemon->conf, &why))
		log_error("zones_not_taken_over");
	buf_fini(&why);
}

static void on_notices(void *ctx, uint32_t events)
{
	struct dnsd *self = ctx;
	uint8_t zone[NAME_WIRE];

	(void)events;
	while (notices_take(service_notices(self->service), zone))
		secondaries_notify(self->secondaries, zone);
}

static bool watch_kept(struct dnsd *self)
{
	const struct secondaries_options o = {
		.loop = self->daemon->loop,
		.folder = self->kept,
		.changed = on_kept,
		.ctx = self,
	};

	snprintf(self->kept, sizeof(self->kept), "%s/secondary", self->daemon->state_dir);
	self->secondaries = secondaries_new(&o);
	return self->secondaries != NULL;
}

static int start(struct daemon *d)
{
	struct dnsd *self = calloc(1, sizeof(*self));
	struct complaints c;
	struct snapshot *first;
	int failed = EXIT_DATA;

	if (self == NULL) {
		log_error("out_of_memory");
		return EXIT_SYSTEM;
	}
	if (getrandom(&self->seed, sizeof(self->seed), 0) < 0)
		fatal(EXIT_SYSTEM, "cannot_start why=\"%s\"", strerror(errno));
	d->self = self;
	self->daemon = d;
	self->tidy = (struct timer){ .run = tidy, .ctx = self };
	self->notifier = notifier_new(d->loop);
	if (self->notifier == NULL)
		fatal(EXIT_SYSTEM, "out_of_memory");
	self->health = health_new(d->loop, d->fabric, d->run_dir);
	if (self->health == NULL || !watch_kept(self))
		fatal(EXIT_SYSTEM, "out_of_memory");
	complaints_init(&c);
	first = load(self, d->conf, &c);
	log_lines(&c.wrong, LOG_ERROR, "zone_refused");
	complaints_fini(&c);
	if (first != NULL && answers_itself(self, first))
		failed = start_service(self, first);
	else
		snapshot_free(first);
	if (failed != 0)
		return failed;
	self->notices = (struct loop_fd){ .fd = -1, .run = on_notices, .ctx = self };
	if (!loop_fd_add(d->loop, &self->notices,
			 notices_fd(service_notices(self->service)), EPOLLIN))
		return EXIT_SYSTEM;
	secondaries_update(self->secondaries, first);
	health_update(self->health, first);
	if (daemon_ready(d))
		notifier_tell(self->notifier, first, NULL);
	return 0;
}

/* dnsd -t: are the zones right? What is odd is said, too. */
static int check(const struct daemon *d)
{
	struct conf conf = *d->conf;
	char kept[4200];
	const struct catalog_source from = {
		.conf = &conf,
		.state_dir = d->state_dir != NULL ? d->state_dir : ".",
		.kept = kept,
	};
	struct complaints c;
	struct snapshot *s;

	/* the zones in force lie in the state directory, if one is named */
	if (d->state_dir == NULL && conf.dnsd_zones[0] == '\0' &&
	    conf_named(&conf, "zone", 0) == NULL)
		return EXIT_OK;
	snprintf(kept, sizeof(kept), "%s/secondary", from.state_dir);
	log_set_level(LOG_WARN);
	conf.dnsd_cookies = false; /* whose secret would be made */
	complaints_init(&c);
	s = catalog_load(&from, &c);
	fprintf(stderr, "%.*s%.*s", STR_ARG(buf_get(&c.wrong)), STR_ARG(buf_get(&c.odd)));
	if (s != NULL)
		printf("dnsd: %zu %s right\n", s->count,
		       s->count == 1 ? "zone is" : "zones are");
	complaints_fini(&c);
	snapshot_free(s);
	return s != NULL ? EXIT_OK : EXIT_DATA;
}

static void on_dns(struct daemon *d, const struct fabric_incoming *in)
{
	struct dnsd *self = d->self;
	const struct client client = {
		.now_s = (uint32_t)(clock_wall_us() / 1000000),
		.since_us = clock_us(),
	};
	const struct asked asked = { service_snapshot(self->service), &self->scratch,
				     &client };
	struct buf reply;

	stat_one(STAT_DNSD_HTTPS);
	buf_init(&reply, DNS_MAX + 64);
	if (doh_answer(&asked, in->body, self->out, &reply))
		daemon_reply(d, in, STATUS_OK, buf_get(&reply));
	else
		daemon_reply(d, in, STATUS_FAIL, STR(""));
	buf_fini(&reply);
}

/* The zone of that name as it is served. */
static void on_zone(struct daemon *d, const struct fabric_incoming *in)
{
	const struct dnsd *self = d->self;
	struct wire w = wire_of(in->body);
	struct str name = wire_bytes(&w);
	const struct zone *z = NULL;
	uint8_t apex[NAME_WIRE];
	struct buf text, reply;
	size_t len;

	buf_init(&text, ZONE_TEXT_MAX);
	buf_init(&reply, ZONE_TEXT_MAX + 64);
	if (wire_end(&w) && zone_name(name, NULL, apex, &len)) {
		name_lower(apex, apex, len);
		z = snapshot_zone_of(service_snapshot(self->service), apex);
	}
	if (z != NULL)
		zone_print(z, &text);
	if (z == NULL || z->is_expired || !buf_ok(&text))
		wire_put_bytes(&reply, z == NULL || z->is_expired
					   ? STR("no such zone is served")
					   : STR("the zone is too large to be sent"));
	else
		wire_put_bytes(&reply, buf_get(&text));
	daemon_reply(
	    d, in, z == NULL || z->is_expired || !buf_ok(&text) ? STATUS_FAIL : STATUS_OK,
	    buf_get(&reply));
	buf_fini(&text);
	buf_fini(&reply);
}

static unsigned window(const struct conf *c)
{
	(void)c;
	return WINDOW;
}

static int64_t drain_us(const struct conf *c)
{
	return c->dnsd_drain_us;
}

static void drain(struct daemon *d)
{
	struct dnsd *self = d->self;

	service_drain(self->service);
}

static bool drained(struct daemon *d)
{
	struct dnsd *self = d->self;

	return service_drained(self->service);
}

static void stop(struct daemon *d)
{
	struct dnsd *self = d->self;

	if (self == NULL)
		return;
	health_free(self->health);
	secondaries_free(self->secondaries);
	notifier_free(self->notifier);
	service_free(self->service);
	free(self);
}

static void stats(struct daemon *d, struct buf *b)
{
	const struct dnsd *self = d->self;

	health_stats(self->health, b);
}

static const struct daemon_handler handlers[] = {
	{ MSG_DNS, on_dns },
	{ MSG_ZONE, on_zone },
	{ 0, NULL },
};

/* What is made once, at the start. */
static const char *const settled[] = { "dnsd.threads", "dnsd.tcp_clients",
				       "dnsd.tcp_per_address", "dnsd.tcp_idle", NULL };

const struct daemon_manifest dnsd_manifest = {
	.name = "dnsd",
	.summary = "the authoritative name server",
	.handlers = handlers,
	.window = window,
	.drain_us = drain_us,
	.settled = settled,
	.check = check,
	.start = start,
	.reload = reload,
	.drain = drain,
	.drained = drained,
	.stop = stop,
	.stats = stats,
};
