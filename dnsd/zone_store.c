/* zone_store.c -- see zone_store.h.
 *
 *     "onebox zone 1\n", then of each record: type, TTL and length of rdata (2, 4, 2
 *     octets, big-endian), length of owner (1), owner, rdata; last the number of records
 *     (4), behind a type of zero */
#include "dnsd/zone_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dnsd/query.h"
#include "dnsd/rrtype.h"

enum { HEAD = 9 };

static const char magic[] = "onebox zone 1\n";

static bool put_record(FILE *f, const struct record *r)
{
	uint8_t head[HEAD];

	put16(head, r->type);
	put32(head + 2, r->ttl);
	put16(head + 6, r->rdlen);
	head[8] = r->owner_len;
	return fwrite(head, 1, HEAD, f) == HEAD &&
	       fwrite(r->owner, 1, r->owner_len, f) == r->owner_len &&
	       fwrite(r->rdata, 1, r->rdlen, f) == r->rdlen;
}

static bool put_all(FILE *f, const struct records *r)
{
	uint8_t end[HEAD] = { 0 };
	bool ok = fwrite(magic, 1, sizeof(magic) - 1, f) == sizeof(magic) - 1;

	for (size_t i = 0; ok && i < r->count; i++)
		ok = put_record(f, &r->list[i]);
	put32(end + 2, (uint32_t)r->count);
	return ok && fwrite(end, 1, HEAD, f) == HEAD && fflush(f) == 0 &&
	       fsync(fileno(f)) == 0;
}

bool zone_store_write(const char *path, const struct records *r, struct buf *why)
{
	char temporary[4300];
	FILE *f;
	bool ok;

	snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid());
	f = fopen(temporary, "we");
	ok = f != NULL && put_all(f, r);
	if (f != NULL)
		ok = fclose(f) == 0 && ok;
	ok = ok && rename(temporary, path) == 0;
	if (!ok) {
		buf_fmt(why, "%s: cannot be written: %s\n", path, strerror(errno));
		unlink(temporary);
	}
	return ok;
}

/* 1: a record; 0: the end; -1: neither. */
static int take_record(FILE *f, uint8_t *room, struct records *ret)
{
	struct record r = { .owner = room, .rdata = room + NAME_WIRE };
	struct rdata_name names[2];
	uint8_t head[HEAD];
	unsigned count;

	if (fread(head, 1, HEAD, f) != HEAD)
		return -1;
	r.type = get16(head);
	r.ttl = get32(head + 2);
	r.rdlen = get16(head + 6);
	r.owner_len = head[8];
	if (r.type == 0)
		return r.ttl == ret->count ? 0 : -1;
	if (fread(room, 1, r.owner_len, f) != r.owner_len ||
	    fread(room + NAME_WIRE, 1, r.rdlen, f) != r.rdlen ||
	    name_length(room, r.owner_len) != r.owner_len ||
	    !rrtype_names(r.type, r.rdata, r.rdlen, names, &count))
		return -1;
	return records_add(ret, &r) ? 1 : -1;
}

bool zone_store_read(const char *path, struct records *ret, struct buf *why)
{
	FILE *f = fopen(path, "re");
	char head[sizeof(magic)] = "";
	uint8_t *room = malloc(NAME_WIRE + 65536);
	int more = -1;

	if (f != NULL && room != NULL && fread(head, 1, sizeof(magic) - 1, f) > 0 &&
	    strcmp(head, magic) == 0) {
		do {
			more = take_record(f, room, ret);
		} while (more > 0);
	}
	if (more < 0)
		buf_fmt(why,
			"%s: is no zone that dnsd has kept; remove it, and it is fetched "
			"again\n",
			path);
	if (f != NULL)
		fclose(f);
	free(room);
	return more == 0;
}

void zone_store_touch(const char *path)
{
	if (utimensat(AT_FDCWD, path, NULL, 0) != 0) {
		/* then it expires the sooner */
	}
}
