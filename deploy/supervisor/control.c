/* control.c -- see control.h. */
#include "deploy/supervisor/control.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "deploy/supervisor/commands.h"

enum {
	VISITORS_MAX = 64,
	LINE_MAX_BYTES = 1024,
	REPLY_MAX = 1 << 20,
	SPEAK_US = 2000000,     /* for a visitor to say its line */
	PATIENCE_US = 10000000, /* for it to read the answer */
};

struct visitor {
	struct control *control;
	struct loop_fd watch;
	struct timer patience;
	char line[LINE_MAX_BYTES];
	size_t used;
	bool asked, ended;
	struct buf reply;
	size_t sent;
	struct list link;
};

struct control {
	struct super *super;
	struct loop_fd watch;
	struct list visitors;
	unsigned count;
};

static void visitor_free(struct visitor *v)
{
	struct super *s = v->control->super;
	int fd = v->watch.fd;

	commands_forget(s, v);
	loop_timer_stop(s->loop, &v->patience);
	loop_fd_remove(s->loop, &v->watch);
	close(fd);
	buf_fini(&v->reply);
	list_remove(&v->link);
	v->control->count--;
	free(v);
}

/* Who has been silent for longest makes room for the next. False: all have asked. */
static bool show_out_a_silent_one(struct control *c)
{
	LIST_EACH(at, &c->visitors) {
		struct visitor *v = LIST_OF(at, struct visitor, link);

		if (!v->asked) {
			visitor_free(v);
			return true;
		}
	}
	return false;
}

static void be_patient(struct visitor *v)
{
	loop_timer_in(v->control->super->loop, &v->patience, PATIENCE_US);
}

/* Writes what can be written. False: the visitor is gone (and freed). */
static bool send_some(struct visitor *v)
{
	while (v->sent < v->reply.n) {
		ssize_t n = send(v->watch.fd, v->reply.p + v->sent, v->reply.n - v->sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN) {
			loop_fd_change(v->control->super->loop, &v->watch, EPOLLOUT);
			be_patient(v);
			return true;
		}
		if (n < 0) {
			visitor_free(v);
			return false;
		}
		v->sent += (size_t)n;
	}
	buf_reset(&v->reply);
	v->sent = 0;
	loop_fd_change(v->control->super->loop, &v->watch, EPOLLIN);
	if (!v->ended)
		return true;
	visitor_free(v);
	return false;
}

void visitor_say(struct visitor *v, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_fmt(&v->reply, "%s\n", text);
	/* sent from the loop, so that nobody finds its visitor freed under its hands */
	loop_fd_change(v->control->super->loop, &v->watch, EPOLLIN | EPOLLOUT);
}

void visitor_end(struct visitor *v, int code)
{
	visitor_say(v, "exit %d", code);
	v->ended = true;
	be_patient(v);
}

static void run_line(struct visitor *v)
{
	char *end = memchr(v->line, '\n', v->used);

	if (end == NULL) {
		if (v->used == LINE_MAX_BYTES)
			visitor_free(v);
		return;
	}
	v->asked = true;
	loop_timer_stop(v->control->super->loop, &v->patience);
	commands_run(v->control->super, v,
		     str_trim((struct str){ v->line, (size_t)(end - v->line) }));
}

static void on_visitor(void *ctx, uint32_t events)
{
	struct visitor *v = ctx;
	ssize_t n;

	if (v->reply.n > 0 && (events & EPOLLOUT)) {
		send_some(v);
		return;
	}
	n = recv(v->watch.fd, v->line + v->used, v->asked ? 0 : LINE_MAX_BYTES - v->used,
		 MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		visitor_free(v);
		return;
	}
	v->used += (size_t)n;
	run_line(v);
}

static void on_impatient(void *ctx)
{
	visitor_free(ctx);
}

static bool is_welcome(int fd)
{
	struct ucred who;
	socklen_t size = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 &&
	       (who.uid == 0 || who.uid == geteuid());
}

static struct visitor *visitor_new(struct control *c, int fd)
{
	struct visitor *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		close(fd);
		return NULL;
	}
	v->control = c;
	v->watch = (struct loop_fd){ .fd = -1, .run = on_visitor, .ctx = v };
	v->patience = (struct timer){ .run = on_impatient, .ctx = v };
	buf_init(&v->reply, REPLY_MAX);
	list_append(&c->visitors, &v->link);
	c->count++;
	if (loop_fd_add(c->super->loop, &v->watch, fd, EPOLLIN))
		return v;
	v->watch.fd = fd;
	visitor_free(v);
	return NULL;
}

struct visitor *visitor_adopt(struct control *c, int fd)
{
	struct visitor *v = fd < 0 ? NULL : visitor_new(c, fd);

	if (v != NULL)
		v->asked = true;
	return v;
}

int visitor_fd(const struct visitor *v)
{
	return v->watch.fd;
}

static void on_knock(void *ctx, uint32_t events)
{
	struct control *c = ctx;
	int fd = accept4(c->watch.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct visitor *v;

	(void)events;
	if (fd < 0)
		return;
	if (!is_welcome(fd) || (c->count >= VISITORS_MAX && !show_out_a_silent_one(c))) {
		close(fd);
		return;
	}
	v = visitor_new(c, fd);
	if (v != NULL)
		loop_timer_in(c->super->loop, &v->patience, SPEAK_US);
}

int control_bind(const struct place *p)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%.90s/control.sock", p->run);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    listen(fd, VISITORS_MAX) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

struct control *control_new(struct super *s)
{
	struct control *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->super = s;
	c->watch = (struct loop_fd){ .fd = -1, .run = on_knock, .ctx = c };
	list_init(&c->visitors);
	if (loop_fd_add(s->loop, &c->watch, s->control_fd, EPOLLIN))
		return c;
	free(c);
	return NULL;
}

void control_end_all(struct control *c, int code)
{
	LIST_EACH(at, &c->visitors) {
		struct visitor *v = LIST_OF(at, struct visitor, link);

		if (v->asked && !v->ended)
			visitor_end(v, code);
		send_some(v);
	}
}

void control_free(struct control *c)
{
	int fd;

	if (c == NULL)
		return;
	LIST_EACH(at, &c->visitors)
		visitor_free(LIST_OF(at, struct visitor, link));
	fd = c->watch.fd;
	loop_fd_remove(c->super->loop, &c->watch);
	close(fd);
	free(c);
}
