/* fabric_calls.c -- the calls of a fabric caller: queued, given to the least loaded peer,
 * taken back when it dies, ended when their time is up. Every end goes through call_end
 * or call_forget. */
#include "common/fabric_caller.h"

#include "common/clock.h"

enum { PAUSE_US = 50000, PAUSES_MAX = 4 };

void call_forget(struct call *call)
{
	struct fabric_caller *c = call->caller;

	if (call->peer != NULL)
		call->peer->inflight--;
	else
		c->waiting_count--;
	list_remove(&call->link);
	timers_stop(&c->timers, &call->timer);
	zmq_msg_close(&call->body);
	if (call->has_attachment)
		zmq_msg_close(&call->attachment);
	call->id = 0;
	call->peer = NULL;
	c->underway--;
	list_push(&c->free, &call->link);
}

void call_end(struct call *call, struct answer_frames *a)
{
	void (*done)(void *, const struct fabric_answer *) = call->done;
	void *ctx = call->ctx;

	a->answer.attempts = call->attempts;
	call_forget(call);
	done(ctx, &a->answer);
}

static void call_end_bare(struct call *call, enum msg_status status)
{
	struct answer_frames a = { .answer = {
				       .status = status,
				       .peer = call->peer ? call->peer->label : "",
				   } };

	call_end(call, &a);
}

static void call_wait(struct call *call, bool first)
{
	struct fabric_caller *c = call->caller;

	call->peer = NULL;
	c->waiting_count++;
	if (first)
		list_push(&c->waiting, &call->link);
	else
		list_append(&c->waiting, &call->link);
}

static void call_resend(struct call *call)
{
	fabric_count(COUNT_RESENT);
	list_remove(&call->link);
	call->peer->inflight--;
	call_wait(call, true);
}

static void call_lost(struct call *call)
{
	fabric_count(COUNT_LOST);
	call_end_bare(call, STATUS_LOST);
}

void call_orphaned(struct call *call)
{
	call->maybe_done = true;
	if (!(call->header.flags & FLAG_AGAIN) || call->attempts >= ATTEMPTS_MAX) {
		call_lost(call);
	} else {
		call_resend(call);
	}
}

static bool has_refused(const struct peer *p, const struct call *call)
{
	for (unsigned i = 0; i < call->refusals; i++)
		if (call->refused_by[i] == p->serial)
			return true;
	return false;
}

/* One that is ready and has not refused it, with credit or without. */
static bool somebody_else(const struct call *call)
{
	LIST_EACH(link, &call->caller->peers) {
		const struct peer *p = LIST_OF(link, struct peer, link);

		if (p->ready && !has_refused(p, call))
			return true;
	}
	return false;
}

/* All there are have refused it. That may be over soon, or another one come: until it has
 * waited for three quarters of a second, or its time would be up. */
static bool call_pause(struct call *call)
{
	int64_t now = clock_us();
	int64_t pause = PAUSE_US << call->pauses;

	if (call->pauses == PAUSES_MAX || now + pause >= call->deadline_us)
		return false;
	call->pauses++;
	call->again_us = now + pause;
	return true;
}

void calls_try_again(struct fabric_caller *c, int64_t now_us)
{
	LIST_EACH(link, &c->waiting) {
		struct call *call = LIST_OF(link, struct call, link);

		if (call->again_us == 0 || call->again_us > now_us)
			continue;
		call->again_us = 0;
		call->refusals = 0;
	}
}

void call_refused(struct call *call, struct answer_frames *a)
{
	call->refused_by[call->refusals++] = call->peer->serial;
	if (call->attempts < ATTEMPTS_MAX && (somebody_else(call) || call_pause(call)))
		call_resend(call);
	else if (call->maybe_done)
		call_lost(call);
	else
		call_end(call, a);
}

static bool call_send(struct call *call, struct peer *p)
{
	zmq_msg_t body, attachment;
	int64_t left = call->deadline_us - clock_us();

	call->header.budget_us = left < 1            ? 1
				 : left > UINT32_MAX ? UINT32_MAX
						     : (uint32_t)left;
	call->header.attempt = (uint8_t)call->attempts;
	/* counted references: the originals stay for another attempt */
	zmq_msg_init(&body);
	zmq_msg_copy(&body, &call->body);
	if (call->has_attachment) {
		zmq_msg_init(&attachment);
		zmq_msg_copy(&attachment, &call->attachment);
	}
	return peer_send(p, &call->header, &body,
			 call->has_attachment ? &attachment : NULL);
}

void call_late(void *ctx)
{
	struct call *call = ctx;
	struct fabric_header cancel = { .kind = KIND_CANCEL, .id = call->id };

	if (call->peer != NULL)
		peer_send(call->peer, &cancel, NULL, NULL);
	fabric_count(COUNT_LATE);
	call_end_bare(call, STATUS_LATE);
}

/* ---- giving calls to peers ---- */

static bool less_loaded(const struct peer *a, const struct peer *b)
{
	uint64_t load_a = (uint64_t)a->inflight * b->credit;
	uint64_t load_b = (uint64_t)b->inflight * a->credit;

	return load_a != load_b ? load_a < load_b
				: a->turn < b->turn; /* equals take turns */
}

/* NULL: nobody with credit; *ret_some then says whether anybody has any at all. */
static struct peer *least_loaded(struct fabric_caller *c, const struct call *call,
				 bool *ret_some)
{
	struct peer *best = NULL;

	*ret_some = false;
	LIST_EACH(link, &c->peers) {
		struct peer *p = LIST_OF(link, struct peer, link);

		if (!p->ready || p->inflight >= p->credit)
			continue;
		*ret_some = true;
		if (has_refused(p, call))
			continue;
		if (best == NULL || less_loaded(p, best))
			best = p;
	}
	if (best != NULL)
		best->turn = ++c->turns;
	return best;
}

void calls_pump(struct fabric_caller *c)
{
	int64_t now = list_empty(&c->waiting) ? 0 : clock_us();

	LIST_EACH(link, &c->waiting) {
		struct call *call = LIST_OF(link, struct call, link);
		struct peer *p;
		bool some = true;

		if (call->deadline_us <= now)
			continue; /* its timer ends it; not from here, see fabric.h */
		while ((p = least_loaded(c, call, &some)) != NULL && !call_send(call, p))
			peer_set_ready(p, false);
		if (!some)
			return;
		if (p == NULL)
			continue; /* those with credit have refused it */
		list_remove(&call->link);
		c->waiting_count--;
		list_append(&p->calls, &call->link);
		call->peer = p;
		call->attempts++;
		p->inflight++;
	}
}

uint64_t fabric_call(struct fabric_caller *c, const struct fabric_request *r)
{
	struct list *link = list_first(&c->free);
	/* a frame beyond the maximum would end the peer's connection, and the next's */
	bool full = link == NULL || c->waiting_count >= c->options.queue_max ||
		    r->body.n > FABRIC_MESSAGE_MAX ||
		    r->attachment.n > FABRIC_MESSAGE_MAX;
	struct call *call;

	if (full ||
	    zmq_msg_init_size(&LIST_OF(link, struct call, link)->body, r->body.n) != 0) {
		fabric_count(COUNT_FULL);
		if (r->attachment.p != NULL && r->attachment.free_fn != NULL)
			r->attachment.free_fn(r->attachment.p, r->attachment.hint);
		return 0;
	}
	call = LIST_OF(link, struct call, link);
	if (r->body.n > 0)
		memcpy(zmq_msg_data(&call->body), r->body.p, r->body.n);
	call->has_attachment = r->attachment.p != NULL;
	if (call->has_attachment &&
	    !fabric_attachment_message(&r->attachment, &call->attachment)) {
		zmq_msg_close(&call->body);
		fabric_count(COUNT_FULL);
		return 0;
	}
	list_remove(&call->link);
	if (++c->generation == 0)
		c->generation = 1;
	call->id = (uint64_t)c->generation << 32 | (uint32_t)(call - c->calls);
	call->header = (struct fabric_header){
		.kind = KIND_REQUEST,
		.flags = r->again ? FLAG_AGAIN : 0,
		.id = call->id,
		.span = r->context.span,
		.type = (uint16_t)r->type,
	};
	memcpy(call->header.trace, r->context.trace, FABRIC_TRACE_SIZE);
	memcpy(call->header.key, r->context.key, FABRIC_KEY_SIZE);
	call->attempts = call->refusals = call->pauses = 0;
	call->again_us = 0;
	call->maybe_done = false;
	call->done = r->done;
	call->ctx = r->ctx;
	call->deadline_us = clock_us() + r->budget_us;
	timers_set(&c->timers, &call->timer, call->deadline_us);
	caller_arm(c);
	c->underway++;
	call_wait(call, false);
	calls_pump(c);
	return call->id;
}

struct call *call_find(struct fabric_caller *c, uint64_t id)
{
	uint32_t at = (uint32_t)id;

	if (id == 0 || at >= c->options.calls_max || c->calls[at].id != id)
		return NULL;
	return &c->calls[at];
}

void fabric_cancel(struct fabric_caller *c, uint64_t id)
{
	struct call *call = call_find(c, id);
	struct fabric_header h = { .kind = KIND_CANCEL, .id = id };

	if (call == NULL)
		return;
	if (call->peer != NULL)
		peer_send(call->peer, &h, NULL, NULL);
	call_forget(call);
}
