/* resume.c -- see resume.h. */
#include "deploy/supervisor/resume.h"

#include <unistd.h>

#include "common/log.h"
#include "deploy/supervisor/control.h"
#include "deploy/supervisor/instance.h"
#include "deploy/supervisor/say.h"
#include "deploy/supervisor/watchdog.h"

enum { TEXT_MAX = 2 << 20 };

static int64_t number(struct str *rest)
{
	int64_t n;

	return str_to_i64(str_cut(rest, ' '), &n) ? n : 0;
}

/* "@N": the descriptor at that place; -1 if there is none. */
static int descriptor(struct str *rest, const int *fds, size_t count)
{
	struct str word = str_cut(rest, ' ');
	uint64_t n;

	if (word.n < 2 || word.p[0] != '@' ||
	    !str_to_u64((struct str){ word.p + 1, word.n - 1 }, &n) || n == 0 ||
	    n >= count)
		return -1;
	return fds[n];
}

static int kind_of(struct str name)
{
	for (int k = 0; k < SOCKET_KINDS; k++)
		if (str_eq(name, str_of(socket_kinds[k].name)))
			return k;
	return -1;
}

static void take_port(struct super *s, struct str rest)
{
	int kind = kind_of(str_cut(&rest, ' '));

	if (kind >= 0)
		s->sockets.ports[kind] = (int)number(&rest);
}

static void take_socket(struct super *s, const struct hand *h, struct str rest)
{
	int kind = kind_of(str_cut(&rest, ' '));
	int fd = descriptor(&rest, h->fixed, h->fixed_count);

	if (kind >= 0 && fd >= 0 && s->sockets.count < SOCKETS_MAX)
		s->sockets.held[s->sockets.count++] = (struct held_socket){ fd, kind };
}

/* One that is there only until everything is ready. */
static int take_starter(struct super *s, const struct hand *h, struct str rest)
{
	int fd = descriptor(&rest, h->fixed, h->fixed_count);

	s->starters += fd >= 0;
	return fd;
}

static void take_fixed(struct super *s, const struct hand *h, struct str line)
{
	struct str word = str_cut(&line, ' ');

	if (str_eq(word, STR("started")))
		s->started_us = number(&line);
	else if (str_eq(word, STR("port")))
		take_port(s, line);
	else if (str_eq(word, STR("socket")))
		take_socket(s, h, line);
	else if (str_eq(word, STR("lock")))
		s->place.lock_fd = descriptor(&line, h->fixed, h->fixed_count);
	else if (str_eq(word, STR("notify")))
		s->notify_fd = descriptor(&line, h->fixed, h->fixed_count);
	else if (str_eq(word, STR("control")))
		s->control_fd = descriptor(&line, h->fixed, h->fixed_count);
	else if (str_eq(word, STR("terminal")))
		say_to_terminal(take_starter(s, h, line));
	else if (str_eq(word, STR("starter")))
		say_to_starter(take_starter(s, h, line));
}

bool resume_fixed(struct super *s, const struct hand *h)
{
	struct buf text;
	bool ok;

	say_to_terminal(-1);
	buf_init(&text, TEXT_MAX);
	ok = hand_text_read(h->fixed[0], &text);
	for (struct str rest = buf_get(&text); ok && rest.p != NULL;)
		take_fixed(s, h, str_cut(&rest, '\n'));
	buf_fini(&text);
	return ok && s->place.lock_fd > 0 && s->notify_fd > 0 && s->control_fd > 0;
}

static void take_super(struct super *s, struct str rest)
{
	s->started_us = number(&rest);
	s->announced = number(&rest) != 0;
	s->stopping = number(&rest) != 0;
	s->exit_code = (int)number(&rest);
}

static void take_crew(struct super *s, struct str rest)
{
	struct crew *c = super_crew(s, str_cut(&rest, ' '));

	if (c == NULL)
		return;
	c->wanted = (unsigned)number(&rest);
	c->begun = number(&rest) != 0;
	str_copy(c->release, sizeof(c->release), rest);
}

static void take_instance(struct super *s, const struct hand *h, struct str rest)
{
	struct instance_facts f = { .crew = super_crew(s, str_cut(&rest, ' ')) };

	f.slot = (int)number(&rest);
	f.pid = (pid_t)number(&rest);
	f.state = (enum instance_state)number(&rest);
	f.started_us = number(&rest);
	f.ready_us = number(&rest);
	f.restarts = (unsigned)number(&rest);
	f.fails = (unsigned)number(&rest);
	f.installing = number(&rest) != 0;
	f.successor = number(&rest) != 0;
	f.log_fd = descriptor(&rest, h->changing, h->changing_count);
	f.release = rest;
	if (f.crew != NULL && f.pid > 1 && f.log_fd >= 0)
		instance_resume(s, &f);
}

/* It beats as it was told at its start, whatever the configuration says by now. */
static void take_watched(struct super *s, struct str rest)
{
	struct instance *i = instance_by_pid(s, (pid_t)number(&rest));

	if (i == NULL)
		return;
	i->watch_us = number(&rest);
	if (i->state == INSTANCE_READY) {
		loop_timer_stop(s->loop, &i->timer);
		watchdog_fed(i);
	}
}

static void take_said(struct super *s, struct str rest)
{
	struct instance *i = instance_by_pid(s, (pid_t)number(&rest));

	if (i == NULL)
		return;
	i->has_load = true;
	i->inflight = (unsigned)number(&rest);
	i->credit = (unsigned)number(&rest);
	str_copy(i->words, sizeof(i->words), rest);
}

static void take_changing(struct super *s, const struct hand *h, struct str line)
{
	struct str word = str_cut(&line, ' ');

	if (str_eq(word, STR("super")))
		take_super(s, line);
	else if (str_eq(word, STR("crew")))
		take_crew(s, line);
	else if (str_eq(word, STR("instance")))
		take_instance(s, h, line);
	else if (str_eq(word, STR("watched")))
		take_watched(s, line);
	else if (str_eq(word, STR("said")))
		take_said(s, line);
	else if (str_eq(word, STR("visitor")))
		s->renew_visitor = visitor_adopt(
		    s->control, descriptor(&line, h->changing, h->changing_count));
}

bool resume_changing(struct super *s, const struct hand *h)
{
	struct buf text;
	bool ok;

	if (h->changing_count == 0)
		return true; /* the very first */
	buf_init(&text, TEXT_MAX);
	ok = hand_text_read(h->changing[0], &text);
	for (struct str rest = buf_get(&text); ok && rest.p != NULL;)
		take_changing(s, h, str_cut(&rest, '\n'));
	buf_fini(&text);
	close(h->changing[0]);
	return ok;
}
