/* secondary.c -- see secondary.h. */
#include "dnsd/secondary.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "dnsd/fetch.h"
#include "dnsd/ixfr.h"
#include "dnsd/zone_store.h"

enum { SECOND = 1000000, RETRY_EMPTY_S = 5, TIMER_MAX_S = 14 * 86400, SETTLE_US = 20000 };
enum { RECORDS_MAX = 50000000 };

/* One zone of which this is a secondary. */
struct secondary {
	struct secondaries *all;
	struct list link;
	uint8_t zone[NAME_WIRE];
	char text[NAME_TEXT];
	struct peer_list primaries; /* keys point into all->keys */
	unsigned next;              /* primary to ask */
	struct timer due, expiry;
	struct fetch *fetch;
	bool has_serial, again, present;
	bool whole; /* its differences were of no use: next time all of it */
	uint32_t serial, refresh_s, retry_s, expire_s;
};

struct secondaries {
	struct secondaries_options o;
	struct list zones;
	struct tsig_keys keys;
	size_t bytes_max; /* of what is fetched */
	struct loop_fd watch;
	struct timer settle;
};

void secondary_path(const char *folder, const char *zone, char *ret, size_t size)
{
	/* names with a '/' in them are escaped by nobody, and are no file of ours */
	snprintf(ret, size, "%s/%s.kept", folder, strchr(zone, '/') != NULL ? "-" : zone);
}

/* ---- expiry ---- */

/* Until the last word of a primary is older than the SOA allows; past that, the zones are
 * read again, which finds it out. */
static void watch_expiry(struct secondary *z)
{
	char path[4300];
	struct stat st;
	int64_t left_s;

	secondary_path(z->all->o.folder, z->text, path, sizeof(path));
	if (!z->has_serial || stat(path, &st) != 0)
		return;
	left_s = st.st_mtim.tv_sec + (int64_t)z->expire_s + 1 - clock_wall_us() / SECOND;
	loop_timer_in(z->all->o.loop, &z->expiry, (left_s > 0 ? left_s : 0) * SECOND);
}

static void on_expiry(void *ctx)
{
	struct secondary *z = ctx;

	z->all->o.changed(z->all->o.ctx);
}

/* ---- fetching ---- */

static void begin(struct secondary *z);

/* NULL: kept; else why not. */
static const char *keep(struct secondary *z, const struct records *r, const char *kind)
{
	static char first[300];
	char path[4300];
	struct complaints c;
	struct zone *built;
	struct buf why;
	bool ok;

	complaints_init(&c);
	buf_init(&why, 4096);
	secondary_path(z->all->o.folder, z->text, path, sizeof(path));
	built = zone_build(r, z->zone, 0, &c);
	if (built == NULL)
		buf_str(&why, buf_get(&c.wrong));
	ok = built != NULL && zone_store_write(path, r, &why);
	if (ok) {
		/* should a NOTIFY have come meanwhile: what is on disk will be served */
		z->has_serial = true;
		z->serial = built->serial;
		log_info("transfer_in zone=%s serial=%u records=%zu kind=%s", z->text,
			 built->serial, r->count, kind);
	} else {
		struct str rest = buf_get(&why);

		snprintf(first, sizeof(first), "%.*s", STR_ARG(str_cut(&rest, '\n')));
	}
	zone_unref(built);
	buf_fini(&why);
	complaints_fini(&c);
	return ok ? NULL : first;
}

/* What the primary's differences make of the version that is on disk. */
static const char *keep_changed(struct secondary *z, const struct records *diffs)
{
	struct records before, after;
	char path[4300];
	const char *why;
	struct buf text;

	secondary_path(z->all->o.folder, z->text, path, sizeof(path));
	records_init(&before, RECORDS_MAX);
	records_init(&after, RECORDS_MAX);
	buf_init(&text, 4096);
	if (!zone_store_read(path, &before, &text))
		why = "the version before cannot be read";
	else if (before.count == 0 || records_serial(&before.list[0]) != z->serial)
		why = "the version before is another by now";
	else
		why = ixfr_apply(&before, diffs, &after);
	if (why == NULL)
		why = keep(z, &after, "ixfr");
	records_fini(&before);
	records_fini(&after);
	buf_fini(&text);
	return why;
}

static const char *take(struct secondary *z, const struct fetched *got)
{
	char path[4300];

	if (got->why != NULL)
		return got->why;
	if (got->records != NULL)
		return got->is_diffs ? keep_changed(z, got->records)
				     : keep(z, got->records, "axfr");
	secondary_path(z->all->o.folder, z->text, path, sizeof(path));
	zone_store_touch(path);
	watch_expiry(z);
	return NULL;
}

static void done(void *ctx, const struct fetched *got)
{
	struct secondary *z = ctx;
	uint32_t wait_s = z->refresh_s;
	const char *why = take(z, got);

	z->fetch = NULL;
	z->whole = why != NULL && got->asked_diffs;
	if (z->whole) {
		log_info("transfer_in_whole zone=%s primary=%u why=\"%s\"", z->text,
			 z->next + 1, why);
		z->again = true;
	} else if (why != NULL) {
		log_warn("transfer_in_failed zone=%s primary=%u why=\"%s\"", z->text,
			 z->next + 1, why);
		z->next = (z->next + 1) % (unsigned)z->primaries.count;
		wait_s = z->retry_s;
	}
	loop_timer_in(z->all->o.loop, &z->due, z->again ? 0 : (int64_t)wait_s * SECOND);
	z->again = false;
}

static void begin(struct secondary *z)
{
	const struct fetch_options o = {
		.loop = z->all->o.loop,
		.zone = z->zone,
		.peer = &z->primaries.items[z->next],
		.has_serial = z->has_serial,
		.serial = z->serial,
		.wants_diffs = !z->whole,
		.bytes_max = z->all->bytes_max,
		.done = done,
		.ctx = z,
	};

	z->fetch = fetch_new(&o);
	if (z->fetch == NULL)
		done(z, &(struct fetched){ .why = strerror(errno) });
}

static void on_due(void *ctx)
{
	struct secondary *z = ctx;

	if (z->fetch == NULL)
		begin(z);
}

void secondaries_notify(struct secondaries *s, const uint8_t *zone)
{
	size_t len = name_length(zone, NAME_WIRE);

	LIST_EACH(link, &s->zones) {
		struct secondary *z = LIST_OF(link, struct secondary, link);

		if (memcmp(z->zone, zone, len) != 0)
			continue;
		log_info("notify_in zone=%s", z->text);
		if (z->fetch != NULL)
			z->again = true;
		else
			loop_timer_in(s->o.loop, &z->due, 0);
	}
}

/* ---- the folder ---- */

static void settled(void *ctx)
{
	struct secondaries *s = ctx;

	s->o.changed(s->o.ctx);
}

static void on_folder(void *ctx, uint32_t events)
{
	struct secondaries *s = ctx;
	char bytes[8192];

	(void)events;
	while (read(s->watch.fd, bytes, sizeof(bytes)) > 0)
		loop_timer_in(s->o.loop, &s->settle, SETTLE_US);
}

/* When there is a first secondary zone, and not before. Without it such zones are
 * not served: there is nowhere to put them. */
static void watch(struct secondaries *s)
{
	int fd;

	if (s->watch.fd >= 0)
		return;
	fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if ((mkdir(s->o.folder, 0750) == 0 || errno == EEXIST) && fd >= 0 &&
	    inotify_add_watch(fd, s->o.folder, IN_MOVED_TO) >= 0 &&
	    loop_fd_add(s->o.loop, &s->watch, fd, EPOLLIN))
		return;
	log_error("no_folder_for_secondaries path=%s why=\"%s\"", s->o.folder,
		  strerror(errno));
	if (fd >= 0)
		close(fd);
	s->watch.fd = -1;
}

/* ---- which there are ---- */

static void forget(struct secondary *z)
{
	fetch_free(z->fetch);
	loop_timer_stop(z->all->o.loop, &z->due);
	loop_timer_stop(z->all->o.loop, &z->expiry);
	list_remove(&z->link);
	free(z);
}

static struct secondary *find(struct secondaries *s, const struct zone *z)
{
	const struct name *apex = &zone_apex(z)->name;
	struct secondary *made;

	LIST_EACH(link, &s->zones) {
		struct secondary *have = LIST_OF(link, struct secondary, link);

		if (memcmp(have->zone, apex->wire, apex->len) == 0)
			return have;
	}
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return NULL;
	made->all = s;
	memcpy(made->zone, apex->wire, apex->len);
	memcpy(made->text, z->text, sizeof(made->text));
	made->due = (struct timer){ .run = on_due, .ctx = made };
	made->expiry = (struct timer){ .run = on_expiry, .ctx = made };
	list_append(&s->zones, &made->link);
	loop_timer_in(s->o.loop, &made->due, 0);
	return made;
}

static uint32_t bounded(uint32_t s)
{
	return s < 1 ? 1 : s > TIMER_MAX_S ? TIMER_MAX_S : s;
}

static void update(struct secondary *z, const struct zone *now,
		   const struct zone_rules *rules)
{
	const uint8_t *soa = rdata_of(now->soa->data) + rdata_len(now->soa->data) - 20;

	z->present = true;
	z->primaries = rules->primaries;
	for (size_t i = 0; i < z->primaries.count; i++)
		if (z->primaries.items[i].key != NULL)
			z->primaries.items[i].key =
			    tsig_find(&z->all->keys, z->primaries.items[i].key->name);
	if (z->next >= z->primaries.count)
		z->next = 0;
	z->has_serial = !now->is_expired;
	z->serial = now->serial;
	z->refresh_s = now->is_expired ? RETRY_EMPTY_S : bounded(get32(soa + 4));
	z->retry_s = now->is_expired ? RETRY_EMPTY_S : bounded(get32(soa + 8));
	z->expire_s = get32(soa + 12);
	watch_expiry(z);
}

void secondaries_update(struct secondaries *s, const struct snapshot *now)
{
	s->bytes_max = now->facts.transfer_max;
	LIST_EACH(at, &s->zones)
		LIST_OF(at, struct secondary, link)->present = false;
	/* a fetch holds a pointer to its key: of a table that changes, none goes on */
	if (memcmp(&s->keys, now->keys, sizeof(s->keys)) != 0) {
		LIST_EACH(at, &s->zones) {
			struct secondary *z = LIST_OF(at, struct secondary, link);

			fetch_free(z->fetch);
			z->fetch = NULL;
			loop_timer_in(s->o.loop, &z->due, 0);
		}
		s->keys = *now->keys;
	}
	for (size_t i = 0; i < now->count; i++) {
		const struct zone_rules *rules = snapshot_rules(now, now->zones[i]);
		struct secondary *z;

		if (rules->primaries.count == 0)
			continue;
		watch(s);
		z = find(s, now->zones[i]);
		if (z != NULL)
			update(z, now->zones[i], rules);
	}
	LIST_EACH(at, &s->zones) {
		struct secondary *z = LIST_OF(at, struct secondary, link);

		if (!z->present)
			forget(z);
	}
}

/* ---- life ---- */

struct secondaries *secondaries_new(const struct secondaries_options *o)
{
	struct secondaries *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->o = *o;
	list_init(&s->zones);
	s->watch = (struct loop_fd){ .fd = -1, .run = on_folder, .ctx = s };
	s->settle = (struct timer){ .run = settled, .ctx = s };
	return s;
}

void secondaries_free(struct secondaries *s)
{
	struct list *link;
	int fd;

	if (s == NULL)
		return;
	while ((link = list_take(&s->zones)) != NULL)
		forget(LIST_OF(link, struct secondary, link));
	fd = s->watch.fd;
	loop_fd_remove(s->o.loop, &s->watch);
	if (fd >= 0)
		close(fd);
	loop_timer_stop(s->o.loop, &s->settle);
	free(s);
}
