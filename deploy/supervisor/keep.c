/* keep.c -- see keep.h. */
#include "deploy/supervisor/keep.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "deploy/supervisor/control.h"
#include "deploy/supervisor/instance.h"
#include "deploy/supervisor/notify.h"
#include "deploy/supervisor/say.h"

enum { TEXT_MAX = 2 << 20 };

static size_t add_fixed(struct hand *h, int fd)
{
	h->fixed[h->fixed_count] = fd;
	return h->fixed_count++;
}

bool keep_fixed(const struct super *s, struct hand *ret)
{
	struct buf text;

	*ret = (struct hand){ .fixed_count = 1 }; /* the first is the text */
	buf_init(&text, TEXT_MAX);
	buf_fmt(&text, "started %lld\nlock @%zu\n", (long long)s->started_us,
		add_fixed(ret, s->place.lock_fd));
	buf_fmt(&text, "notify @%zu\n", add_fixed(ret, s->notify_fd));
	buf_fmt(&text, "control @%zu\n", add_fixed(ret, s->control_fd));
	for (int k = 0; k < SOCKET_KINDS; k++)
		buf_fmt(&text, "port %s %d\n", socket_kinds[k].name, s->sockets.ports[k]);
	for (size_t i = 0; i < s->sockets.count; i++)
		buf_fmt(&text, "socket %s @%zu\n",
			socket_kinds[s->sockets.held[i].kind].name,
			add_fixed(ret, s->sockets.held[i].fd));
	buf_fmt(&text, "terminal @%zu\n", add_fixed(ret, say_terminal_fd()));
	if (say_starter_fd() >= 0)
		buf_fmt(&text, "starter @%zu\n", add_fixed(ret, say_starter_fd()));
	ret->fixed[0] = buf_ok(&text) ? hand_text(buf_get(&text)) : -1;
	buf_fini(&text);
	return ret->fixed[0] >= 0;
}

static size_t add_changing(struct hand *h, int fd)
{
	if (h->changing_count == HAND_CHANGING_MAX)
		return 0;
	h->changing[h->changing_count] = fd;
	return h->changing_count++;
}

static void put_instance(struct buf *text, struct hand *h, const struct instance *i)
{
	/* its pipe may have been closed by its end of it; any descriptor will do then */
	int log = i->log.watch.fd >= 0 ? i->log.watch.fd : STDERR_FILENO;

	buf_fmt(text, "instance %s %d %d %d %lld %lld %u %u %d %d @%zu %s\n",
		i->crew->service->name, i->slot, (int)i->pid, (int)i->state,
		(long long)i->started_us, (long long)i->ready_us, i->restarts, i->fails,
		i->installing, i->successor || i->stays, add_changing(h, log),
		i->release);
	buf_fmt(text, "watched %d %lld\n", (int)i->pid, (long long)i->watch_us);
	if (i->has_load)
		buf_fmt(text, "said %d %u %u %s\n", (int)i->pid, i->inflight, i->credit,
			i->words);
}

bool keep_changing(const struct super *s, struct hand *h)
{
	struct buf text;

	h->changing_count = 1;
	buf_init(&text, TEXT_MAX);
	buf_fmt(&text, "super %lld %d %d %d\n", (long long)s->started_us, s->announced,
		s->stopping, s->exit_code);
	for (size_t i = 0; i < s->crew_count; i++)
		buf_fmt(&text, "crew %s %u %d %s\n", s->crews[i].service->name,
			s->crews[i].wanted, s->crews[i].begun, s->crews[i].release);
	LIST_EACH(at, &s->instances) {
		const struct instance *i = LIST_OF(at, struct instance, link);

		if (i->pid > 0)
			put_instance(&text, h, i);
	}
	if (s->renew_visitor != NULL)
		buf_fmt(&text, "visitor @%zu\n",
			add_changing(h, visitor_fd(s->renew_visitor)));
	h->changing[0] = buf_ok(&text) ? hand_text(buf_get(&text)) : -1;
	buf_fini(&text);
	return h->changing[0] >= 0;
}

void keep_say(const struct super *s, enum guard_word word, const char *text)
{
	char message[4000];
	int n = snprintf(message, sizeof(message), "%c%s", word, text);

	if (s->guard_fd >= 0 && send(s->guard_fd, message, (size_t)n, MSG_NOSIGNAL) < 0)
		log_warn("guard_deaf why=\"%s\"", strerror(errno));
}

void keep_send(const struct super *s)
{
	struct hand h = { .changing_count = 0 };
	char word = GUARD_CHANGED;
	union {
		char room[CMSG_SPACE(sizeof(int) * HAND_CHANGING_MAX)];
		struct cmsghdr align;
	} control = { .room = { 0 } };
	struct iovec part = { &word, 1 };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control.room };
	struct cmsghdr *c;

	if (s->guard_fd < 0 || !keep_changing(s, &h))
		return;
	m.msg_controllen = CMSG_SPACE(sizeof(int) * h.changing_count);
	c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * h.changing_count);
	memcpy(CMSG_DATA(c), h.changing, sizeof(int) * h.changing_count);
	if (sendmsg(s->guard_fd, &m, MSG_NOSIGNAL) < 0)
		log_warn("guard_deaf why=\"%s\"", strerror(errno));
	close(h.changing[0]);
}

void keep_become_guard(struct super *s)
{
	struct hand *h = s->handed;

	if (!keep_changing(s, h))
		return;
	hand_exec(h, -1, "/proc/self/exe", guard_argv(s->argv, "--guard", h));
	log_error("guard_lost why=\"%s\"", strerror(errno));
}
