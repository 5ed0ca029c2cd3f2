/* The held sockets: groups, ports that are taken, and the one that holds them. */
#include "check.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "common/err.h"
#include "deploy/supervisor/holder.h"
#include "deploy/supervisor/logpipe.h"
#include "deploy/supervisor/sockets.h"

static int bound(int type, int *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, type, 0);

	CHECK(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	CHECK(type != SOCK_STREAM || listen(fd, 1) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&a, &n) == 0);
	*ret_port = ntohs(a.sin_port);
	return fd;
}

TEST(the_holder_of_a_port_is_named_with_its_pid)
{
	char who[200], want[64];

	for (int udp = 0; udp < 2; udp++) {
		int port, fd = bound(udp ? SOCK_DGRAM : SOCK_STREAM, &port);

		holder_of(port, udp, who, sizeof(who));
		snprintf(want, sizeof(want), "(pid %d)", (int)getpid());
		CHECK_HAS(str_of(who), want);
		CHECK_HAS(str_of(who), "test_deploy_soc");
		close(fd);
	}
}

/* Runs sockets_bind in a child, because it ends the program when it must refuse. */
static int bind_in_child(int dns_port, int http_port, char *said, size_t size)
{
	static const char *const keys[] = { "dns_port", "http_port", "https_port" };
	const int ports[] = { dns_port, http_port, dns_port };
	char sets[4][64] = { "onebox.listen=127.0.0.1" };
	const char *list[] = { sets[0], sets[1], sets[2], sets[3] };
	struct conf_source source = { .sets = list, .set_count = 4 };
	int fds[2], status;
	ssize_t n;
	pid_t child;

	for (int i = 0; i < 3; i++)
		snprintf(sets[i + 1], sizeof(sets[0]), "onebox.%s=%d", keys[i],
			 ports[i] + (i == 2));
	CHECK(pipe(fds) == 0);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		static struct sockets s;
		struct buf errors;
		struct conf *c;

		dup2(fds[1], STDERR_FILENO);
		buf_init(&errors, 4096);
		c = conf_load(&source, &errors);
		sockets_bind(&s, c);
		conf_free(c);
		_exit(s.count % 4 == 0 && s.count > 0 ? 0 : 1);
	}
	close(fds[1]);
	n = read(fds[0], said, size - 1);
	said[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

TEST(every_kind_gets_a_socket_for_each_core)
{
	char said[400];
	int dns, http;
	int a = bound(SOCK_STREAM, &dns), b = bound(SOCK_STREAM, &http);

	close(a);
	close(b);
	CHECK_INT(bind_in_child(dns, http, said, sizeof(said)), 0);
	CHECK_TEXT(said, "");
}

TEST(a_taken_port_is_refused_and_its_holder_named)
{
	char said[400], want[64];
	int dns, http;
	int a = bound(SOCK_STREAM, &dns), b = bound(SOCK_STREAM, &http), on = 1;

	close(a);
	/* even one that would share: two stacks must not split a port's traffic */
	setsockopt(b, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	CHECK_INT(bind_in_child(dns, http, said, sizeof(said)), EXIT_SYSTEM);
	snprintf(want, sizeof(want),
		 "port %d (TCP) at 127.0.0.1 is taken by test_deploy_soc", http);
	CHECK_HAS(str_of(said), want);
	CHECK_HAS(str_of(said), "--http PORT");
	close(b);
}

TEST(lines_arrive_whole_and_the_last_is_remembered)
{
	struct loop *loop = loop_new();
	static struct logpipe p;
	struct logfile l;
	char text[64] = "";
	int fd, end;

	CHECK(logfile_open(&l, "/tmp", "onebox-logpipe", NULL));
	CHECK(ftruncate(l.fd, 0) == 0);
	end = logpipe_open(&p, loop, &l);
	CHECK(write(end, "one\ntw", 6) == 6);
	CHECK(write(end, "o\nthr", 5) == 5);
	close(end);
	logpipe_close(&p);
	fd = open("/tmp/onebox-logpipe.log", O_RDONLY);
	CHECK_INT(read(fd, text, sizeof(text) - 1), 12);
	CHECK_TEXT(text, "one\ntwo\nthr\n");
	CHECK_TEXT(p.last, "thr");
	close(fd);
	logfile_close(&l);
	unlink("/tmp/onebox-logpipe.log");
	loop_free(loop);
}
