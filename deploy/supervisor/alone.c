/* alone.c -- see alone.h. */
#include "deploy/supervisor/alone.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deploy/supervisor/child.h"
#include "deploy/supervisor/database.h"
#include "deploy/supervisor/instance.h"
#include "deploy/supervisor/launch.h"
#include "deploy/supervisor/prepare.h"
#include "deploy/supervisor/say.h"

static void install_database(struct super *s)
{
	struct child c = { .account = &s->account,
			   .folder = s->place.state,
			   .stderr_fd = STDERR_FILENO };
	int pidfd, status = -1;
	pid_t pid = database_install(s, &c) ? child_start(&c, &pidfd) : -1;

	if (pid > 0)
		waitpid(pid, &status, 0);
	if (pid < 0 || status != 0 || !database_installed(s))
		refuse(EXIT_DEPENDENCY, "the database could not be made in %s/mysql",
		       s->place.state);
}

int alone_setup(struct super *s, const char *state)
{
	struct child c = { .account = &s->account };

	prepare_files(s, state);
	if (super_crew(s, STR("mariadb"))->wanted == 0)
		return EXIT_OK;
	if (database_missing(s))
		install_database(s);
	if (!database_serve(s, &c)) /* writes its settings; they start it themselves */
		refuse(EXIT_WRITE, "cannot write %s/my.cnf: %s", s->place.state,
		       strerror(errno));
	return EXIT_OK;
}

void alone_exec(struct super *s, const char *state, const char *daemon, const char *slot)
{
	struct instance i = { .super = s };
	uint64_t number = 0;

	prepare_again(s, state);
	i.crew = super_crew(s, str_of(daemon));
	if (str_to_u64(str_of(slot), &number) && number <= 9999)
		i.slot = (int)number;
	if (i.crew != NULL && i.slot > 0) {
		str_copy(i.release, sizeof(i.release), str_of(s->place.release));
		sockets_bind_some(&s->sockets, s->conf, i.crew->service->socket,
				  SERVICE_SOCKETS_MAX);
		launch_here(&i);
		refuse(EXIT_DEPENDENCY, "cannot start %s; was --setup run?", daemon);
	}
	refuse(EXIT_USAGE,
	       "--exec takes dnsd, webd, appd, dbproxy or mariadb, and --slot a "
	       "number from 1");
}
