/* fabric_peer.c -- a server on the fabric for tests: a process that can be killed. What
 * it does with a request stands in the request's body:
 *
 *     echo TEXT       the reply is TEXT
 *     wait MS TEXT    the same, MS later
 *     hold            no reply until it is cancelled
 *     refuse SLOT     STATUS_AGAIN, if this is slot SLOT; else the reply is "taken"
 *     fail            STATUS_FAIL
 *     note TEXT       TEXT becomes a line of RUN/ledger; the reply is "noted"
 *     size            the reply says how long the attachment was, and its ends
 *     big N           the reply has an attachment of N bytes
 *     who             the reply is the slot
 *     context         the reply says what travelled beside the body
 *     counts          the reply is "requests peak cancelled"
 *     hang MS         the loop stops for MS; then the reply is "back"
 *
 *     fabric_peer SOCKET SLOT WINDOW     SIGTERM drains it */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <fcntl.h>

#include "common/buf.h"
#include "common/clock.h"
#include "common/fabric_loop.h"

struct job {
	struct list link;
	struct fabric_ticket ticket;
	struct timer timer;
	char text[64];
	bool held;
};

static struct {
	struct loop *loop;
	struct fabric_server *server;
	struct fabric_tie tie;
	struct loop_fd signals;
	struct timer look;
	struct list jobs;
	char ledger[256];
	uint64_t slot, requests, peak, cancelled;
} p;

static void reply(const struct fabric_ticket *t, enum msg_status status, struct str body)
{
	fabric_reply(p.server, t, status, body, NULL);
}

static void reply_text(const struct fabric_ticket *t, const char *text)
{
	reply(t, STATUS_OK, str_of(text));
}

static void job_end(void *ctx)
{
	struct job *j = ctx;

	list_remove(&j->link);
	loop_timer_stop(p.loop, &j->timer);
	reply_text(&j->ticket, j->text);
	free(j);
}

static void job_new(const struct fabric_incoming *in, int64_t ms, struct str text)
{
	struct job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		abort();
	j->ticket = in->ticket;
	j->timer = (struct timer){ .run = job_end, .ctx = j };
	j->held = ms < 0;
	str_copy(j->text, sizeof(j->text), text);
	list_append(&p.jobs, &j->link);
	if (ms >= 0)
		loop_timer_in(p.loop, &j->timer, ms * 1000);
}

static void note(const struct fabric_incoming *in, struct str text)
{
	int fd = open(p.ledger, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	char line[128];
	int n = snprintf(line, sizeof(line), "%.*s\n", STR_ARG(text));

	if (fd < 0 || write(fd, line, (size_t)n) != n)
		abort();
	close(fd);
	reply_text(&in->ticket, "noted");
}

static void size(const struct fabric_incoming *in)
{
	struct str s = in->attachment;
	char text[64];

	snprintf(text, sizeof(text), "%zu %d", s.n, s.n > 0 ? s.p[0] + s.p[s.n - 1] : 0);
	reply_text(&in->ticket, text);
}

static void give_back(void *bytes, void *hint)
{
	(void)hint;
	free(bytes);
}

static void big(const struct fabric_incoming *in, uint64_t n)
{
	struct fabric_attachment a = { .p = malloc(n + 1), .n = n, .free_fn = give_back };

	if (a.p == NULL)
		abort();
	memset(a.p, 'b', n);
	fabric_reply(p.server, &in->ticket, STATUS_OK, STR("big"), &a);
}

static void context(const struct fabric_incoming *in)
{
	char text[200];

	snprintf(text, sizeof(text),
		 "type=%d again=%d attempt=%u trace=%02x key=%02x span=%llx left=%d",
		 in->type, in->again, in->attempt, in->context.trace[15],
		 in->context.key[0], (unsigned long long)in->context.span,
		 (int)((in->deadline_us - clock_us() + 500) / 1000));
	reply_text(&in->ticket, text);
}

static void counts(const struct fabric_incoming *in)
{
	char text[64];

	snprintf(text, sizeof(text), "%llu %llu %llu", (unsigned long long)p.requests,
		 (unsigned long long)p.peak, (unsigned long long)p.cancelled);
	reply_text(&in->ticket, text);
}

static uint64_t number(struct str s)
{
	uint64_t n;

	if (!str_to_u64(s, &n))
		abort();
	return n;
}

static void on_request(void *ctx, const struct fabric_incoming *in)
{
	struct str rest = in->body, verb = str_cut(&rest, ' ');
	char slot[8];

	(void)ctx;
	p.requests++;
	if (fabric_server_inflight(p.server) > p.peak)
		p.peak = fabric_server_inflight(p.server);
	snprintf(slot, sizeof(slot), "%llu", (unsigned long long)p.slot);
	if (str_eq(verb, STR("echo"))) {
		reply(&in->ticket, STATUS_OK, rest);
	} else if (str_eq(verb, STR("wait"))) {
		uint64_t ms = number(str_cut(&rest, ' '));

		job_new(in, (int64_t)ms, rest);
	} else if (str_eq(verb, STR("hold"))) {
		job_new(in, -1, rest);
	} else if (str_eq(verb, STR("refuse"))) {
		bool us = number(rest) == p.slot;

		reply(&in->ticket, us ? STATUS_AGAIN : STATUS_OK, STR("taken"));
	} else if (str_eq(verb, STR("note"))) {
		note(in, rest);
	} else if (str_eq(verb, STR("size"))) {
		size(in);
	} else if (str_eq(verb, STR("big"))) {
		big(in, number(rest));
	} else if (str_eq(verb, STR("who"))) {
		reply_text(&in->ticket, slot);
	} else if (str_eq(verb, STR("context"))) {
		context(in);
	} else if (str_eq(verb, STR("counts"))) {
		counts(in);
	} else if (str_eq(verb, STR("hang"))) {
		usleep((useconds_t)number(rest) * 1000);
		reply_text(&in->ticket, "back");
	} else {
		reply(&in->ticket, STATUS_FAIL, STR("what?"));
	}
}

static void on_cancel(void *ctx, const struct fabric_ticket *t)
{
	(void)ctx;
	LIST_EACH(link, &p.jobs) {
		struct job *j = LIST_OF(link, struct job, link);

		if (j->ticket.client != t->client ||
		    j->ticket.generation != t->generation ||
		    (t->id != 0 && j->ticket.id != t->id))
			continue;
		p.cancelled++;
		job_end(j);
	}
}

static void look_drained(void *ctx)
{
	(void)ctx;
	if (fabric_server_drained(p.server))
		loop_stop(p.loop);
	else
		loop_timer_in(p.loop, &p.look, 5000);
}

static void on_signal(void *ctx, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)ctx;
	(void)events;
	if (read(p.signals.fd, &info, sizeof(info)) != sizeof(info))
		return;
	fabric_server_drain(p.server);
	look_drained(NULL);
}

int main(int argc, char **argv)
{
	struct fabric_server_options options = {
		.request = on_request,
		.cancel = on_cancel,
		.wake = fabric_tie_wake,
		.ctx = &p.tie,
	};
	struct fabric *f;
	sigset_t set;

	if (argc != 4)
		return 64;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	options.path = argv[1];
	p.slot = number(str_of(argv[2]));
	options.window = (unsigned)number(str_of(argv[3]));
	snprintf(p.ledger, sizeof(p.ledger), "%.*s/ledger",
		 (int)(strrchr(argv[1], '/') - argv[1]), argv[1]);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	list_init(&p.jobs);
	f = fabric_new();
	p.loop = loop_new();
	p.look = (struct timer){ .run = look_drained };
	p.signals = (struct loop_fd){ .run = on_signal };
	fabric_tie_init(&p.tie, p.loop);
	p.server = fabric_server_new(f, &options);
	if (p.server == NULL || !fabric_tie_server(&p.tie, p.server) ||
	    !loop_fd_add(p.loop, &p.signals, signalfd(-1, &set, SFD_CLOEXEC), EPOLLIN)) {
		perror(argv[1]);
		return 71;
	}
	loop_run(p.loop);
	LIST_EACH(link, &p.jobs)
		free(LIST_OF(link, struct job, link));
	fabric_tie_fini(&p.tie);
	fabric_server_free(p.server);
	fabric_free(f);
	loop_free(p.loop);
	return 0;
}
