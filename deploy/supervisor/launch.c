/* launch.c -- see launch.h. */
#include "deploy/supervisor/launch.h"

#include <errno.h>
#include <unistd.h>

#include "deploy/supervisor/database.h"
#include "deploy/supervisor/leftovers.h"
#include "deploy/supervisor/notify.h"

/* Text for one child; lives until it was started. */
struct papers {
	struct child child;
	int fds[INHERIT_MAX];
	char names[INHERIT_MAX * 16], notify[160], program[PLACE_MAX + 64], slot[16],
	    config[PATH_MAX], mark[PLACE_MAX + 32], watchdog[48];
};

static bool serves(const struct service *service, const char *kind)
{
	for (size_t i = 0; i < SERVICE_SOCKETS_MAX; i++)
		if (service->socket[i] != NULL && strcmp(service->socket[i], kind) == 0)
			return true;
	return false;
}

static void add_sockets(struct papers *p, const struct instance *i)
{
	const struct sockets *s = &i->super->sockets;
	size_t used = (size_t)snprintf(p->names, sizeof(p->names), "LISTEN_FDNAMES=");

	for (size_t k = 0; k < s->count; k++) {
		const char *kind = socket_kinds[s->held[k].kind].name;

		if (!serves(i->crew->service, kind) || p->child.fd_count == INHERIT_MAX)
			continue;
		used += (size_t)snprintf(p->names + used, sizeof(p->names) - used, "%s%s",
					 p->child.fd_count == 0 ? "" : ":", kind);
		p->fds[p->child.fd_count++] = s->held[k].fd;
	}
	p->child.fds = p->fds;
	if (p->child.fd_count > 0)
		child_env(&p->child, p->names);
}

/* A sanitizer's shadow would count as memory. */
static int64_t memory_wall(const struct conf *c)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	(void)c;
	return 0;
#else
	return c->memory_wall;
#endif
}

static void add_daemon(struct papers *p, const struct instance *i)
{
	struct super *s = i->super;
	struct child *c = &p->child;
	const char *name = i->crew->service->name;

	c->memory_wall = memory_wall(s->conf);
	c->descriptors = s->conf->descriptors;
	snprintf(p->program, sizeof(p->program), "%s/bin/%s", i->release, name);
	snprintf(p->slot, sizeof(p->slot), "%d", i->slot);
	child_arg(c, p->program);
	child_arg(c, "--state");
	child_arg(c, s->place.state);
	child_arg(c, "--run");
	child_arg(c, s->place.run);
	child_arg(c, "--slot");
	child_arg(c, p->slot);
	if (s->source.file != NULL) {
		child_arg(c, "--config");
		child_arg(c, place_path(&s->place, "onebox.conf", p->config));
	}
	for (size_t k = 0; k < s->source.set_count; k++) {
		child_arg(c, "--set");
		child_arg(c, s->source.sets[k]);
	}
}

static bool add_program(struct papers *p, struct instance *i)
{
	const struct super *s = i->super;

	if (!i->crew->service->database) {
		add_daemon(p, i);
		return true;
	}
	i->installing = database_missing(s);
	return i->installing ? database_install(s, &p->child)
			     : database_serve(s, &p->child);
}

bool launch(struct instance *i)
{
	struct super *s = i->super;
	struct papers p = { .child = { .account = &s->account,
				       .folder = s->place.state } };
	int pipe_end;

	if (!add_program(&p, i))
		return false;
	add_sockets(&p, i);
	snprintf(p.notify, sizeof(p.notify), "NOTIFY_SOCKET=%s", notify_path(s->notify));
	child_env(&p.child, p.notify);
	if (i->watch_us > 0) {
		snprintf(p.watchdog, sizeof(p.watchdog), "WATCHDOG_USEC=%lld",
			 (long long)i->watch_us);
		child_env(&p.child, p.watchdog);
	}
	snprintf(p.mark, sizeof(p.mark), LEFTOVERS_MARK "%s", s->place.state);
	child_env(&p.child, p.mark);
	pipe_end = logpipe_open(&i->log, s->loop, &i->crew->log);
	if (pipe_end < 0)
		return false;
	p.child.stderr_fd = pipe_end;
	i->pid = child_start(&p.child, &i->pidfd);
	close(pipe_end);
	if (i->pid > 0)
		return true;
	i->pid = 0;
	logpipe_close(&i->log);
	return false;
}

void launch_here(struct instance *i)
{
	const struct super *s = i->super;
	struct papers p = { .child = { .account = &s->account,
				       .folder = s->place.state,
				       .stderr_fd = STDERR_FILENO } };

	if (!add_program(&p, i) || i->installing)
		return;
	add_sockets(&p, i);
	child_become(&p.child);
}

bool launch_installed(struct instance *i)
{
	i->installing = false;
	return database_installed(i->super);
}

/* A daemon that ends in order unlinks its socket itself. */
void launch_clean_after(const struct instance *i)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s.%d.%d.sock", i->super->place.run,
		 i->crew->service->name, i->slot, (int)i->pid);
	unlink(path);
}
