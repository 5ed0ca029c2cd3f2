/* account.c -- see account.h. */
#include "deploy/supervisor/account.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/str.h"
#include "deploy/supervisor/say.h"

#define SYSTEM_USER "onebox"

static void make_user(void)
{
	pid_t child = fork();
	int status = 1;

	if (child == 0) {
		execl("/usr/sbin/useradd", "useradd", "--system", "--user-group",
		      "--no-create-home", "--home-dir", "/nonexistent", "--shell",
		      "/usr/sbin/nologin", "--comment", "Onebox daemons", SYSTEM_USER,
		      (char *)NULL);
		_exit(127);
	}
	/* another start may have made it in this very moment */
	if ((child < 0 || waitpid(child, &status, 0) < 0 || status != 0) &&
	    getpwnam(SYSTEM_USER) == NULL)
		refuse(EXIT_SYSTEM,
		       "the system user '%s' is missing and useradd could not make it; "
		       "make it by hand: useradd --system %s",
		       SYSTEM_USER, SYSTEM_USER);
	say("made the system user '%s', whom the daemons run as", SYSTEM_USER);
}

void account_find(struct account *ret)
{
	bool root = geteuid() == 0;
	struct passwd *p = root ? getpwnam(SYSTEM_USER) : getpwuid(geteuid());

	if (root && p == NULL) {
		make_user();
		p = getpwnam(SYSTEM_USER);
	}
	if (p != NULL) {
		ret->uid = p->pw_uid;
		ret->gid = p->pw_gid;
		ret->other = root;
		str_copy(ret->name, sizeof(ret->name), str_of(p->pw_name));
		return;
	}
	refuse(EXIT_SYSTEM, "user %u has no entry in /etc/passwd, which MariaDB needs",
	       (unsigned)geteuid());
}

bool account_become(const struct account *a)
{
	if (!a->other)
		return true;
	return initgroups(a->name, a->gid) == 0 && setgid(a->gid) == 0 &&
	       setuid(a->uid) == 0;
}

bool account_reads(const struct account *a, const char *path)
{
	pid_t child;
	int status = 1;

	if (!a->other)
		return access(path, R_OK) == 0;
	child = fork();
	if (child == 0)
		_exit(account_become(a) && open(path, O_RDONLY | O_CLOEXEC) >= 0 ? 0 : 1);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}
