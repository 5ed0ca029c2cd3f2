/* catalog.c -- see catalog.h. */
#include "dnsd/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "dnsd/answer.h"
#include "dnsd/facts.h"
#include "dnsd/zone_diff.h"
#include "dnsd/zone_load.h"

enum { RECORDS_MAX = 100000000 };

struct catalog {
	const struct catalog_source *from;
	struct snapshot *snapshot;
	struct complaints *to;
	char folder[4200];
};

static struct zone *load_zone(struct catalog *c, const char *path, const uint8_t *apex)
{
	struct records r;
	struct zone *z = NULL;

	records_init(&r, RECORDS_MAX);
	if (zone_load(path, apex, &r, &c->to->wrong))
		z = zone_build(&r, apex, c->from->seed, c->to);
	records_fini(&r);
	if (z != NULL && !answer_prepare(z)) {
		buf_fmt(&c->to->wrong, "%s: out of memory\n", path);
		zone_unref(z);
		return NULL;
	}
	return z;
}

/* What it inherits of the version before: the way from there to here. */
static void follow_up(struct catalog *c, struct zone *z)
{
	const struct zone *before =
	    c->from->before == NULL
		? NULL
		: snapshot_zone_of(c->from->before, zone_apex(z)->name.wire);

	if (before == NULL)
		return;
	if (z->serial != before->serial && !serial_is_newer(z->serial, before->serial))
		buf_fmt(&c->to->odd,
			"%s: the serial %u is not newer than %u; secondaries will not "
			"fetch it\n",
			z->text, z->serial, before->serial);
	zone_diff_inherit(z, before);
}

static bool add_zone(struct catalog *c, struct str name, const char *path,
		     const struct zone_rules *rules)
{
	int64_t began_us = clock_us();
	uint8_t apex[NAME_WIRE];
	struct zone *z;
	size_t len;

	if (!zone_name(name, NULL, apex, &len)) {
		buf_fmt(&c->to->wrong, "%s: '%.*s' is no name of a zone\n", path,
			STR_ARG(name));
		return false;
	}
	name_lower(apex, apex, len);
	if (snapshot_zone_of(c->snapshot, apex) != NULL)
		return true; /* [zone NAME] goes before the folder */
	z = load_zone(c, path, apex);
	if (z == NULL)
		return false;
	follow_up(c, z);
	if (!snapshot_add(c->snapshot, z, rules)) {
		buf_fmt(&c->to->wrong, "%s: out of memory\n", path);
		zone_unref(z);
		return false;
	}
	log_info("zone_loaded name=%s serial=%u records=%zu names=%u signed=%s ms=%lld",
		 z->text, z->serial, z->record_count, z->node_count,
		 z->is_signed ? "yes" : "no", (long long)(clock_us() - began_us) / 1000);
	return true;
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
	struct buf why;

	buf_init(&why, 4096);
	if (*transfer == '\0')
		ret->transfer = c->snapshot->rules_default->transfer;
	else if (!access_read(str_of(transfer), c->snapshot->keys, &ret->transfer, &why))
		return complain_option(c, "zone", "transfer", &why);
	if (!peers_read(str_of(conf_named_text(s, "notify")), c->snapshot->keys,
			&ret->notify, &why))
		return complain_option(c, "zone", "notify", &why);
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
	return c.snapshot;
}
