/* catalog.c -- see catalog.h. */
#include "dnsd/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/log.h"
#include "dnsd/answer.h"
#include "dnsd/facts.h"
#include "dnsd/rrtype.h"
#include "dnsd/secondary.h"
#include "dnsd/steer.h"
#include "dnsd/zone_diff.h"
#include "dnsd/zone_load.h"
#include "dnsd/zone_store.h"

enum { RECORDS_MAX = 100000000, DNS_PORT = 53 };

struct catalog {
	const struct catalog_source *from;
	struct snapshot *snapshot;
	struct complaints *to;
	char folder[4200];
};

static struct zone_stamp stamp_of(const char *path, bool with_time)
{
	struct zone_stamp ret = { 0 };
	struct stat st;

	if (stat(path, &st) != 0)
		return ret;
	ret.device = st.st_dev;
	ret.inode = st.st_ino;
	ret.size = (uint64_t)st.st_size;
	if (with_time)
		ret.changed_ns =
		    (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	return ret;
}

/* The one in force, if it was read from that very file; a reference to it. */
static struct zone *unchanged(struct catalog *c, const uint8_t *apex,
			      const struct zone_stamp *stamp)
{
	struct zone *before;

	if (c->from->before == NULL || stamp->inode == 0)
		return NULL;
	before = snapshot_zone_of(c->from->before, apex);
	if (before == NULL || memcmp(&before->stamp, stamp, sizeof(*stamp)) != 0)
		return NULL;
	zone_ref(before);
	return before;
}

static struct zone *build_zone(struct catalog *c, const struct records *r,
			       const uint8_t *apex)
{
	struct zone *z = zone_build(r, apex, c->from->seed, c->to);

	if (z != NULL && !answer_prepare(z)) {
		buf_text(&c->to->wrong, "out of memory\n");
		zone_unref(z);
		return NULL;
	}
	return z;
}

static bool has_includes(const struct records *r)
{
	for (size_t i = 1; i < r->count; i++)
		if (r->list[i].file != r->list[0].file)
			return true;
	return false;
}

static struct zone *load_zone(struct catalog *c, const char *path, const uint8_t *apex)
{
	struct zone_stamp stamp = stamp_of(path, true);
	struct zone *z = unchanged(c, apex, &stamp);
	struct records r;

	if (z != NULL)
		return z;
	records_init(&r, RECORDS_MAX);
	if (zone_load(path, apex, &r, &c->to->wrong))
		z = build_zone(c, &r, apex);
	/* of the included files we would not see a change */
	if (z != NULL && !has_includes(&r))
		z->stamp = stamp;
	records_fini(&r);
	return z;
}

/* What it inherits of the version before: the way from there to here. */
static void follow_up(struct catalog *c, struct zone *z)
{
	const struct zone *before =
	    c->from->before == NULL
		? NULL
		: snapshot_zone_of(c->from->before, zone_apex(z)->name.wire);

	if (before == NULL || before == z || before->is_expired || z->is_expired)
		return;
	if (z->serial != before->serial && !serial_is_newer(z->serial, before->serial))
		buf_fmt(&c->to->odd,
			"%s: the serial %u is not newer than %u; secondaries will not "
			"fetch it\n",
			z->text, z->serial, before->serial);
	zone_diff_inherit(z, before);
}

/* Takes the reference; NULL: it could not be read, and that was said. */
static bool take_zone(struct catalog *c, struct zone *z, const struct zone_rules *rules,
		      int64_t began_us)
{
	bool again;

	if (z == NULL)
		return false;
	again = c->from->before != NULL &&
		snapshot_zone_of(c->from->before, zone_apex(z)->name.wire) == z;
	follow_up(c, z);
	if (!snapshot_add(c->snapshot, z, rules)) {
		buf_fmt(&c->to->wrong, "%s: out of memory\n", z->text);
		zone_unref(z);
		return false;
	}
	if (!again && !z->is_expired)
		log_info("zone_loaded name=%s serial=%u records=%zu names=%u signed=%s "
			 "ms=%lld",
			 z->text, z->serial, z->record_count, z->node_count,
			 z->is_signed ? "yes" : "no",
			 (long long)(clock_us() - began_us) / 1000);
	return true;
}

static bool read_apex(struct catalog *c, struct str name, const char *where,
		      uint8_t ret[NAME_WIRE])
{
	size_t len;

	if (!zone_name(name, NULL, ret, &len)) {
		buf_fmt(&c->to->wrong, "%s: '%.*s' is no name of a zone\n", where,
			STR_ARG(name));
		return false;
	}
	name_lower(ret, ret, len);
	return true;
}

static bool add_zone(struct catalog *c, struct str name, const char *path,
		     const struct zone_rules *rules)
{
	int64_t began_us = clock_us();
	uint8_t apex[NAME_WIRE];

	if (!read_apex(c, name, path, apex))
		return false;
	if (snapshot_zone_of(c->snapshot, apex) != NULL)
		return true; /* [zone NAME] goes before the folder */
	return take_zone(c, load_zone(c, path, apex), rules, began_us);
}

/* ---- zones that come from primaries ---- */

/* A zone of nothing but its name, for which all questions fail. */
static struct zone *stand_in(struct catalog *c, const uint8_t *apex)
{
	static const uint8_t soa[22] = { 0 };
	struct record r = {
		.owner = apex,
		.owner_len = (uint8_t)name_length(apex, NAME_WIRE),
		.type = RR_SOA,
		.rdata = soa,
		.rdlen = sizeof(soa),
	};
	struct zone *z = NULL;
	struct records list;

	records_init(&list, 2);
	if (records_add(&list, &r)) {
		r.type = RR_NS;
		r.rdlen = 1;
		if (records_add(&list, &r))
			z = build_zone(c, &list, apex);
	}
	records_fini(&list);
	if (z != NULL)
		z->is_expired = true;
	return z;
}

/* RFC 1035 3.3.13: after so long without a word from a primary it is no authority. */
static bool has_expired(const char *path, const struct zone *z)
{
	const uint8_t *soa = rdata_of(z->soa->data) + rdata_len(z->soa->data) - 20;
	struct stat st;

	return stat(path, &st) != 0 ||
	       clock_wall_us() / 1000000 - st.st_mtim.tv_sec > (int64_t)get32(soa + 12);
}

static struct zone *load_kept(struct catalog *c, const char *path, const uint8_t *apex)
{
	struct zone_stamp stamp = stamp_of(path, false);
	struct zone *z = unchanged(c, apex, &stamp);
	struct records r;
	struct buf why;

	if (z == NULL && stamp.inode != 0) {
		records_init(&r, RECORDS_MAX);
		buf_init(&why, 4096);
		if (zone_store_read(path, &r, &why))
			z = build_zone(c, &r, apex);
		else
			log_warn("kept_zone_lost why=\"%.*s\"",
				 STR_ARG(str_trim(buf_get(&why))));
		buf_fini(&why);
		records_fini(&r);
		if (z != NULL)
			z->stamp = stamp;
	}
	if (z == NULL || !has_expired(path, z))
		return z != NULL ? z : stand_in(c, apex);
	log_warn("zone_expired name=%s", z->text);
	zone_unref(z);
	return stand_in(c, apex);
}

static bool add_secondary(struct catalog *c, struct str name,
			  const struct zone_rules *rules)
{
	int64_t began_us = clock_us();
	char path[4300], text[NAME_TEXT];
	uint8_t apex[NAME_WIRE];

	if (!read_apex(c, name, "[zone]", apex))
		return false;
	secondary_path(c->from->kept, name_text(apex, text), path, sizeof(path));
	return take_zone(c, load_kept(c, path, apex), rules, began_us);
}

static bool complain_option(struct catalog *c, const char *section, const char *key,
			    struct buf *why)
{
	buf_fmt(&c->to->wrong, "[%s] %s: %.*s", section, key, STR_ARG(buf_get(why)));
	buf_fini(why);
	return false;
}

static bool read_rules(struct catalog *c, const struct conf_named *s,
		       struct zone_rules *ret)
{
	const char *transfer = conf_named_text(s, "transfer");
	const struct tsig_keys *keys = c->snapshot->keys;
	const struct peers_text notify = { str_of(conf_named_text(s, "notify")), keys,
					   DNS_PORT },
				primaries = { str_of(conf_named_text(s, "primaries")),
					      keys, DNS_PORT };
	struct buf why;

	buf_init(&why, 4096);
	if (*transfer == '\0')
		ret->transfer = c->snapshot->rules_default->transfer;
	else if (!access_read(str_of(transfer), keys, &ret->transfer, &why))
		return complain_option(c, "zone", "transfer", &why);
	if (!peers_read(&notify, &ret->notify, &why))
		return complain_option(c, "zone", "notify", &why);
	if (!peers_read(&primaries, &ret->primaries, &why))
		return complain_option(c, "zone", "primaries", &why);
	return true;
}

static bool add_section(struct catalog *c, const struct conf_named *s)
{
	struct zone_rules *rules = ARENA_NEW(&c->snapshot->arena, struct zone_rules);
	const char *name = conf_named_name(s), *file = conf_named_text(s, "file");
	char *path = NULL;
	bool ok;

	if (rules == NULL || !read_rules(c, s, rules))
		return false;
	if (rules->primaries.count > 0)
		return add_secondary(c, str_of(name), rules);
	if (*file != '\0')
		return add_zone(c, str_of(name), file, rules);
	ok = asprintf(&path, "%s/%s.zone", c->folder, name) > 0 &&
	     add_zone(c, str_of(name), path, rules);
	free(path);
	return ok;
}

static bool add_sections(struct catalog *c)
{
	bool ok = true;

	for (size_t i = 0;; i++) {
		const struct conf_named *s = conf_named(c->from->conf, "zone", i);

		if (s == NULL)
			return ok;
		ok = add_section(c, s) && ok;
	}
}

static int is_zone_file(const struct dirent *e)
{
	struct str name = str_of(e->d_name);

	return name.n > 5 && name.p[0] != '.' && str_ends(name, STR(".zone"));
}

/* [dnsd] zones may also name one file. */
static bool add_file(struct catalog *c, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct str name = str_of(slash != NULL ? slash + 1 : path);

	if (!str_ends(name, STR(".zone"))) {
		buf_fmt(
		    &c->to->wrong,
		    "%s: a zone file is named after its zone, with .zone at the end\n",
		    path);
		return false;
	}
	name.n -= sizeof(".zone") - 1;
	return add_zone(c, name, path, NULL);
}

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool add_folder(struct catalog *c, const char *folder)
{
	struct dirent **list;
	int n = scandir(folder, &list, is_zone_file, alphasort);
	bool ok = true;

	if (n < 0) {
		if (errno == ENOENT && c->snapshot->count > 0)
			return true;
		buf_fmt(&c->to->wrong,
			"%s: cannot be read: %s; [dnsd] zones names the folder of zone "
			"files\n",
			folder, strerror(errno));
		return false;
	}
	for (int i = 0; i < n; i++) {
		struct str name = str_of(list[i]->d_name);
		char *path = NULL;

		name.n -= sizeof(".zone") - 1;
		ok = asprintf(&path, "%s/%s", folder, list[i]->d_name) > 0 &&
		     add_zone(c, name, path, NULL) && ok;
		free(path);
		free(list[i]);
	}
	free(list);
	return ok;
}

static bool read_keys(struct catalog *c)
{
	struct snapshot *s = c->snapshot;
	struct buf why;

	buf_init(&why, 4096);
	if (!tsig_read_keys(c->from->conf, (struct tsig_keys *)s->keys, &c->to->wrong))
		return false;
	if (!access_read(str_of(c->from->conf->dnsd_transfer), s->keys,
			 (struct access_list *)&s->rules_default->transfer, &why))
		return complain_option(c, "dnsd", "transfer", &why);
	return true;
}

static bool add_all(struct catalog *c)
{
	const char *given = c->from->conf->dnsd_zones;
	bool ok;

	if (given[0] != '\0')
		snprintf(c->folder, sizeof(c->folder), "%s", given);
	else
		snprintf(c->folder, sizeof(c->folder), "%s/zones", c->from->state_dir);
	if (!read_keys(c))
		return false;
	ok = add_sections(c);
	if (is_file(c->folder))
		ok = add_file(c, c->folder) && ok;
	else
		ok = add_folder(c, c->folder) && ok;
	if (ok && c->snapshot->count == 0) {
		buf_fmt(&c->to->wrong,
			"%s: no zone; put a zone file there, named after its zone with "
			".zone at the end\n",
			c->folder);
		return false;
	}
	return ok;
}

struct snapshot *catalog_load(const struct catalog_source *from, struct complaints *to)
{
	struct catalog c = { .from = from, .to = to };
	struct server_facts facts;

	if (!facts_read(from->conf, from->state_dir, &facts, &to->wrong))
		return NULL;
	c.snapshot = snapshot_new(from->seed, &facts);
	if (c.snapshot == NULL) {
		buf_text(&to->wrong, "out of memory\n");
		return NULL;
	}
	if (!add_all(&c)) {
		snapshot_free(c.snapshot);
		return NULL;
	}
	steer_check(c.snapshot, &to->odd);
	return c.snapshot;
}
