/* wire.c -- see wire.h. */
#include "common/wire.h"

static void put_tag_u32(struct buf *b, char tag, uint32_t v)
{
	char bytes[5] = { tag };

	memcpy(bytes + 1, &v, sizeof(v));
	buf_put(b, bytes, sizeof(bytes));
}

static void put_tag_u64(struct buf *b, char tag, const void *v)
{
	char bytes[9] = { tag };

	memcpy(bytes + 1, v, 8);
	buf_put(b, bytes, sizeof(bytes));
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "the wire is little-endian and so are the machines this is built for");

void wire_put_null(struct buf *b)
{
	buf_char(b, 'n');
}

void wire_put_bool(struct buf *b, bool v)
{
	buf_char(b, v ? 't' : 'f');
}

void wire_put_int(struct buf *b, int64_t v)
{
	put_tag_u64(b, 'i', &v);
}

void wire_put_float(struct buf *b, double v)
{
	put_tag_u64(b, 'd', &v);
}

void wire_put_bytes(struct buf *b, struct str s)
{
	if (s.n > UINT32_MAX) {
		b->failed = true;
		return;
	}
	put_tag_u32(b, 's', (uint32_t)s.n);
	buf_str(b, s);
}

char *wire_room_bytes(struct buf *b, uint32_t n)
{
	char *room;

	put_tag_u32(b, 's', n);
	room = buf_room(b, n);
	if (room != NULL)
		buf_took(b, n);
	return room;
}

void wire_put_list(struct buf *b, uint32_t count)
{
	put_tag_u32(b, '[', count);
}

static size_t left(const struct wire *w)
{
	return (size_t)(w->end - w->p);
}

/* Takes the tag and n bytes after it, or turns bad and gives NULL. */
static const char *take(struct wire *w, char tag, size_t n)
{
	const char *p = w->p;

	if (w->bad || left(w) < 1 + n || *p != tag) {
		w->bad = true;
		return NULL;
	}
	w->p += 1 + n;
	return p + 1;
}

char wire_peek(const struct wire *w)
{
	return w->bad || w->p == w->end ? 0 : *w->p;
}

bool wire_null(struct wire *w)
{
	if (wire_peek(w) != 'n')
		return false;
	w->p++;
	return true;
}

bool wire_bool(struct wire *w)
{
	if (wire_peek(w) == 't')
		return take(w, 't', 0) != NULL;
	take(w, 'f', 0);
	return false;
}

int64_t wire_int(struct wire *w)
{
	const char *p = take(w, 'i', 8);
	int64_t v = 0;

	if (p != NULL)
		memcpy(&v, p, sizeof(v));
	return v;
}

double wire_float(struct wire *w)
{
	const char *p = take(w, 'd', 8);
	double v = 0;

	if (p != NULL)
		memcpy(&v, p, sizeof(v));
	return v;
}

struct str wire_bytes(struct wire *w)
{
	const char *p = take(w, 's', 4);
	uint32_t n;

	if (p == NULL)
		return (struct str){ NULL, 0 };
	memcpy(&n, p, sizeof(n));
	if (left(w) < n) {
		w->bad = true;
		return (struct str){ NULL, 0 };
	}
	w->p += n;
	return (struct str){ p + 4, n };
}

uint32_t wire_list(struct wire *w)
{
	const char *p = take(w, '[', 4);
	uint32_t count = 0;

	if (p == NULL)
		return 0;
	memcpy(&count, p, sizeof(count));
	if (count > left(w)) { /* each value has at least its tag */
		w->bad = true;
		return 0;
	}
	return count;
}

static void skip(struct wire *w, int depth)
{
	switch (wire_peek(w)) {
	case 'n':
	case 't':
	case 'f':
		w->p++;
		break;
	case 'i':
	case 'd':
		take(w, *w->p, 8);
		break;
	case 's':
		wire_bytes(w);
		break;
	case '[':
		if (depth == 0) {
			w->bad = true;
			break;
		}
		for (uint32_t n = wire_list(w); n > 0 && !w->bad; n--)
			skip(w, depth - 1);
		break;
	default:
		w->bad = true;
	}
}

void wire_skip(struct wire *w)
{
	skip(w, WIRE_DEPTH);
}

bool wire_end(const struct wire *w)
{
	return !w->bad && w->p == w->end;
}
