/* fetch.c -- see fetch.h. */
#include "dnsd/fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/clock.h"
#include "dnsd/rrtype.h"
#include "dnsd/unpack.h"
#include "dnsd/zone_diff.h"

enum {
	IDLE_US = 15000000,
	WHOLE_US = 600000000,
	RECORDS_MAX = 50000000,
	UNSIGNED_MAX = 100, /* RFC 8945 5.3.1: at least every hundredth is signed */
	IN_MAX = DNS_MAX + 2,
	SOA_ROOM = NAME_WIRE + 10 + 2 + 20, /* an SOA with nothing but its serial */
};

static const char too_large[] = "it is larger than [dnsd] transfer_max";

enum phase { PHASE_SOA, PHASE_IXFR, PHASE_AXFR };

struct fetch {
	struct fetch_options o;
	struct peer peer;
	uint8_t zone[NAME_WIRE];
	size_t zone_len;
	struct loop_fd io;
	struct timer idle, whole;
	enum phase phase;
	uint16_t id;
	uint8_t *in;
	size_t in_n, bytes;
	struct tsig tsig;
	struct tsig_keys *keys; /* the peer's only */
	unsigned unsigned_count;
	struct records records;
	struct unpacked *unpacked;
	bool begun, ended; /* the first and the last SOA were seen */
	uint32_t first_serial;
	/* differences: removed and added by turns, from one serial to the next */
	bool is_diffs, adding;
	uint32_t next_serial;
	size_t kept; /* octets that the records take */
};

void fetch_free(struct fetch *f)
{
	int fd;

	if (f == NULL)
		return;
	fd = f->io.fd;
	loop_fd_remove(f->o.loop, &f->io);
	if (fd >= 0)
		close(fd);
	loop_timer_stop(f->o.loop, &f->idle);
	loop_timer_stop(f->o.loop, &f->whole);
	tsig_fini(&f->tsig);
	records_fini(&f->records);
	free(f->in);
	free(f->keys);
	free(f->unpacked);
	free(f);
}

static void finish(struct fetch *f, const struct records *records, const char *why)
{
	const struct fetched got = {
		.records = records,
		.why = why,
		.is_diffs = f->is_diffs,
		.asked_diffs = f->phase == PHASE_IXFR,
	};

	f->o.done(f->o.ctx, &got);
	fetch_free(f);
}

static void too_long(void *ctx)
{
	finish(ctx, NULL, "it took too long");
}

/* ---- asking ---- */

static uint64_t now_s(void)
{
	return (uint64_t)(clock_wall_us() / 1000000);
}

/* RFC 1995 3: the version that is there, as an SOA in the authority section. */
static size_t put_serial(const struct fetch *f, uint8_t *p)
{
	size_t n = f->zone_len;

	memcpy(p, f->zone, n);
	memset(p + n, 0, SOA_ROOM - NAME_WIRE);
	put16(p + n, RR_SOA);
	put16(p + n + 2, CLASS_IN);
	put16(p + n + 8, 2 + 20);
	put32(p + n + 12, f->o.serial);
	return n + SOA_ROOM - NAME_WIRE;
}

/* NULL, or what went wrong. */
static const char *ask(struct fetch *f, uint16_t type)
{
	uint8_t p[2 + DNS_HEADER + NAME_WIRE + 4 + SOA_ROOM + TSIG_ROOM] = { 0 };
	uint8_t *m = p + 2;
	size_t n = DNS_HEADER;

	if (getrandom(&f->id, sizeof(f->id), 0) < 0)
		return strerror(errno);
	put16(m, f->id);
	put16(m + 4, 1);
	memcpy(m + n, f->zone, f->zone_len);
	n += f->zone_len;
	put16(m + n, type);
	put16(m + n + 2, CLASS_IN);
	n += 4;
	put16(m + 8, type == RR_IXFR);
	if (type == RR_IXFR)
		n += put_serial(f, m + n);
	if (f->peer.key != NULL) {
		tsig_fini(&f->tsig);
		f->tsig = (struct tsig){ .key = f->peer.key };
		n = tsig_sign(&f->tsig, m, n, now_s());
		f->tsig.later = false;
	}
	put16(p, (unsigned)n);
	/* the first octets of a connection always fit */
	if (n == 0 || send(f->io.fd, p, n + 2, MSG_NOSIGNAL) != (ssize_t)n + 2)
		return "the question could not be sent";
	return NULL;
}

/* ---- what comes back ---- */

static const char *check_signature(struct fetch *f, uint8_t *p, size_t *n)
{
	enum tsig_state state;

	if (f->peer.key == NULL)
		return NULL;
	state = tsig_check(f->keys, p, n, now_s(), &f->tsig);
	if (state == TSIG_NONE && f->phase != PHASE_SOA && f->tsig.later &&
	    f->unsigned_count < UNSIGNED_MAX) {
		f->unsigned_count++;
		return tsig_defer(&f->tsig, p, *n) ? NULL : "out of memory";
	}
	if (state != TSIG_GOOD)
		return state == TSIG_NONE ? "an answer is not signed"
					  : "an answer's signature is wrong";
	f->unsigned_count = 0;
	f->tsig.later = true;
	return NULL;
}

static const char *check_head(const struct fetch *f, const uint8_t *p, size_t n)
{
	static const char *const refusals[] = {
		NULL,
		"it says FORMERR",
		"it says SERVFAIL",
		"it says NXDOMAIN",
		"it says NOTIMP",
		"it says REFUSED",
	};
	unsigned rcode = p[3] & 0xf;

	if (n < DNS_HEADER || get16(p) != f->id ||
	    (get16(p + 2) & (FLAG_QR | FLAG_OPCODE)) != FLAG_QR)
		return "an answer is to another question";
	if (rcode != 0)
		return rcode < 6 ? refusals[rcode] : "it says no";
	if ((get16(p + 2) & FLAG_TC) != 0)
		return "an answer is truncated";
	return NULL;
}

static bool is_soa(const struct fetch *f)
{
	const struct record *r = &f->unpacked->record;
	uint8_t lower[NAME_WIRE];

	name_lower(lower, r->owner, r->owner_len);
	return r->type == RR_SOA && r->owner_len == f->zone_len &&
	       memcmp(lower, f->zone, f->zone_len) == 0;
}

static const char *take_soa(struct fetch *f)
{
	if (!is_soa(f))
		return "its answer is not the zone's SOA";
	if (f->o.has_serial &&
	    !serial_is_newer(records_serial(&f->unpacked->record), f->o.serial)) {
		f->ended = true;
		return NULL;
	}
	f->phase = f->o.has_serial && f->o.wants_diffs ? PHASE_IXFR : PHASE_AXFR;
	return ask(f, f->phase == PHASE_IXFR ? RR_IXFR : RR_AXFR);
}

/* The SOA that stands first. Nothing newer, and it is the only one (RFC 1995 4). */
static const char *take_first(struct fetch *f, const struct record *r)
{
	if (!is_soa(f))
		return "the transfer does not begin with the SOA";
	f->begun = true;
	f->first_serial = records_serial(r);
	f->ended = f->o.has_serial && !serial_is_newer(f->first_serial, f->o.serial);
	return NULL;
}

/* An SOA behind the first: the end, or the next step of differences. */
static const char *take_boundary(struct fetch *f, const struct record *r)
{
	uint32_t serial = records_serial(r);

	if (f->phase == PHASE_IXFR && f->records.count == 1 && serial == f->o.serial) {
		f->is_diffs = true;
	} else if (!f->is_diffs) {
		f->ended = true;
		if (serial != f->first_serial)
			return "the zone changed on its way";
	} else if (!f->adding) {
		f->adding = true;
		f->next_serial = serial;
	} else if (serial != f->next_serial) {
		return "its differences do not lead from one version to the next";
	} else {
		f->adding = false;
		f->ended = serial == f->first_serial;
	}
	return NULL;
}

static const char *take_record(struct fetch *f)
{
	const struct record *r = &f->unpacked->record;
	const char *why = NULL;
	uint8_t lower[NAME_WIRE];

	if (f->ended)
		return "records follow the last SOA";
	if (f->unpacked->class != CLASS_IN)
		return "a record is not of class IN";
	name_lower(lower, r->owner, r->owner_len);
	if (!name_is_under(lower, r->owner_len, f->zone, f->zone_len))
		return "a record is outside the zone";
	if (!f->begun)
		why = take_first(f, r);
	else if (is_soa(f))
		why = take_boundary(f, r);
	f->kept += sizeof(*r) + r->owner_len + r->rdlen;
	if (why != NULL || f->ended)
		return why;
	if (f->kept > f->o.bytes_max)
		return too_large;
	return records_add(&f->records, r) ? NULL : "it has too many records";
}

static const char *take_message(struct fetch *f, uint8_t *p, size_t n)
{
	const char *why =
	    n < DNS_HEADER ? "an answer is too short" : check_signature(f, p, &n);
	size_t at = DNS_HEADER;
	enum phase phase = f->phase;

	if (why == NULL)
		why = check_head(f, p, n);
	for (unsigned i = why == NULL ? get16(p + 4) : 0; i > 0; i--) {
		if (!query_skip_name(p, n, &at) || n - at < 4)
			return "an answer's question cannot be read";
		at += 4;
	}
	for (unsigned i = why == NULL ? get16(p + 6) : 0; why == NULL && i > 0; i--) {
		if (!unpack_record(p, n, &at, f->unpacked))
			return "a record cannot be read";
		why = phase == PHASE_SOA ? take_soa(f) : take_record(f);
		if (phase == PHASE_SOA)
			return why; /* the first is all we want */
	}
	if (why == NULL && get16(p + 6) == 0)
		return "an answer is empty";
	return why;
}

/* Complete messages in the buffer. */
static const char *take_messages(struct fetch *f)
{
	size_t at = 0;

	while (f->in_n - at >= 2 && !f->ended) {
		size_t len = get16(f->in + at);
		const char *why;

		if (f->in_n - at - 2 < len)
			break;
		why = take_message(f, f->in + at + 2, len);
		if (why != NULL)
			return why;
		at += 2 + len;
	}
	f->in_n -= at;
	memmove(f->in, f->in + at, f->in_n);
	return NULL;
}

static void on_readable(struct fetch *f)
{
	ssize_t n = recv(f->io.fd, f->in + f->in_n, IN_MAX - f->in_n, MSG_DONTWAIT);
	const char *why;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		finish(f, NULL, n < 0 ? strerror(errno) : "it closed the connection");
		return;
	}
	f->in_n += (size_t)n;
	f->bytes += (size_t)n;
	loop_timer_in(f->o.loop, &f->idle, IDLE_US);
	why = f->bytes > f->o.bytes_max ? too_large : take_messages(f);
	if (why != NULL)
		finish(f, NULL, why);
	else if (f->ended && f->phase != PHASE_SOA && f->unsigned_count > 0)
		finish(f, NULL, "the last message is not signed");
	else if (f->ended)
		/* at the first SOA: nothing is newer after all */
		finish(f, f->records.count > 0 ? &f->records : NULL, NULL);
}

static void on_connected(struct fetch *f)
{
	int failed = 0;
	socklen_t n = sizeof(failed);
	const char *why;

	getsockopt(f->io.fd, SOL_SOCKET, SO_ERROR, &failed, &n);
	why = failed != 0 ? strerror(failed) : ask(f, RR_SOA);
	if (why != NULL)
		finish(f, NULL, why);
	else
		loop_fd_change(f->o.loop, &f->io, EPOLLIN);
}

static void on_event(void *ctx, uint32_t events)
{
	struct fetch *f = ctx;

	if ((events & EPOLLOUT) != 0)
		on_connected(f);
	else
		on_readable(f);
}

/* ---- beginning ---- */

static bool open_connection(struct fetch *f)
{
	const struct peer *p = &f->peer;
	int fd =
	    socket(p->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	if ((connect(fd, (const struct sockaddr *)&p->address, p->address_len) != 0 &&
	     errno != EINPROGRESS) ||
	    !loop_fd_add(f->o.loop, &f->io, fd, EPOLLOUT)) {
		int why = errno;

		close(fd);
		f->io.fd = -1;
		errno = why;
		return false;
	}
	return true;
}

struct fetch *fetch_new(const struct fetch_options *o)
{
	struct fetch *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->o = *o;
	f->peer = *o->peer;
	f->zone_len = name_length(o->zone, NAME_WIRE);
	memcpy(f->zone, o->zone, f->zone_len);
	f->io = (struct loop_fd){ .fd = -1, .run = on_event, .ctx = f };
	f->idle = (struct timer){ .run = too_long, .ctx = f };
	f->whole = (struct timer){ .run = too_long, .ctx = f };
	records_init(&f->records, RECORDS_MAX);
	f->in = malloc(IN_MAX);
	f->unpacked = malloc(sizeof(*f->unpacked));
	f->keys = calloc(1, sizeof(*f->keys));
	if (f->in == NULL || f->unpacked == NULL || f->keys == NULL ||
	    !open_connection(f)) {
		fetch_free(f);
		return NULL;
	}
	if (f->peer.key != NULL)
		f->keys->list[f->keys->count++] = *f->peer.key;
	loop_timer_in(f->o.loop, &f->idle, IDLE_US);
	loop_timer_in(f->o.loop, &f->whole, WHOLE_US);
	return f;
}
