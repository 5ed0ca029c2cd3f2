/* records.c -- see records.h. Bytes are packed into pieces without alignment, because
 * there are millions of them and most have four octets. */
#include "dnsd/records.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 64 << 10 };

void records_init(struct records *r, size_t limit)
{
	*r = (struct records){ .limit = limit };
	arena_init(&r->bytes, SIZE_MAX);
}

void records_fini(struct records *r)
{
	free(r->list);
	arena_fini(&r->bytes);
	*r = (struct records){ .limit = r->limit };
}

uint8_t *records_keep(struct records *r, const void *bytes, size_t n)
{
	char *p;

	if (r->room_left < n) {
		size_t piece = n > PIECE ? n : PIECE;

		r->room = arena_take(&r->bytes, piece);
		r->room_left = r->room == NULL ? 0 : piece;
		if (r->room == NULL)
			return NULL;
	}
	p = r->room;
	r->room += n;
	r->room_left -= n;
	if (n > 0)
		memcpy(p, bytes, n);
	return (uint8_t *)p;
}

static bool grow(struct records *r)
{
	size_t cap = r->cap == 0 ? 64 : r->cap * 2;
	struct record *list;

	if (r->count < r->cap)
		return true;
	if (r->count >= r->limit)
		return false;
	list = realloc(r->list, cap * sizeof(*list));
	if (list == NULL)
		return false;
	r->list = list;
	r->cap = cap;
	return true;
}

bool records_add(struct records *r, const struct record *record)
{
	struct record copy = *record;

	if (!grow(r))
		return false;
	copy.owner = records_keep(r, record->owner, record->owner_len);
	copy.rdata = records_keep(r, record->rdata, record->rdlen);
	if (copy.owner == NULL || copy.rdata == NULL)
		return false;
	r->list[r->count++] = copy;
	return true;
}
