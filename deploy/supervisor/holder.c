/* holder.c -- see holder.h. The kernel lists sockets with port and inode in /proc/net;
 * the process is the one whose /proc/PID/fd has a link to that inode. */
#include "deploy/supervisor/holder.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "common/str.h"

struct found {
	unsigned long inode;
	unsigned uid;
};

static bool find_socket(const char *table, int port, bool udp, struct found *ret)
{
	FILE *f = fopen(table, "re");
	char line[512];
	bool found = false;

	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL) {
		unsigned local, state, uid;
		unsigned long inode;

		/* slot: address:port address:port state queues timer retransmits uid
		 * timeout inode */
		if (sscanf(line, " %*[^:]: %*[0-9A-F]:%x %*s %x %*s %*s %*s %u %*u %lu",
			   &local, &state, &uid, &inode) != 4)
			continue;
		if (local == (unsigned)port && (udp || state == 0x0a)) {
			*ret = (struct found){ inode, uid };
			found = inode != 0;
		}
	}
	fclose(f);
	return found;
}

static bool has_inode(const char *pid, unsigned long inode)
{
	char path[64], wanted[64], link[64];
	bool found = false;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	d = opendir(path);
	if (d == NULL)
		return false;
	for (struct dirent *e; !found && (e = readdir(d)) != NULL;) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);

		if (n > 0) {
			link[n] = '\0';
			found = strcmp(link, wanted) == 0;
		}
	}
	closedir(d);
	return found;
}

static void name_of(const char *pid, char *ret, size_t size)
{
	char path[64];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, ret, size - 1);
		close(fd);
	}
	ret[n > 0 ? n - 1 : 0] = '\0';
}

static bool find_process(unsigned long inode, char *ret, size_t size)
{
	DIR *d = opendir("/proc");
	bool found = false;
	char name[64];

	if (d == NULL)
		return false;
	for (struct dirent *e; !found && (e = readdir(d)) != NULL;) {
		if (!isdigit((unsigned char)e->d_name[0]) || !has_inode(e->d_name, inode))
			continue;
		name_of(e->d_name, name, sizeof(name));
		snprintf(ret, size, "%s (pid %.20s)", name, e->d_name);
		found = true;
	}
	closedir(d);
	return found;
}

void holder_of(int port, bool udp, char *ret, size_t size)
{
	const char *const tables[2][2] = { { "/proc/net/tcp", "/proc/net/tcp6" },
					   { "/proc/net/udp", "/proc/net/udp6" } };
	struct found found = { 0, 0 };
	const struct passwd *p;

	for (int i = 0; i < 2 && found.inode == 0; i++)
		if (!find_socket(tables[udp][i], port, udp, &found))
			found.inode = 0;
	if (found.inode == 0) {
		snprintf(ret, size, "a process that cannot be seen from here");
		return;
	}
	if (find_process(found.inode, ret, size))
		return;
	p = getpwuid(found.uid);
	snprintf(ret, size, "a process of user %s (as root its name could be told)",
		 p != NULL ? p->pw_name : "?");
}
