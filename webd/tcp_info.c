/* tcp_info.c -- see tcp_info.h. A file of its own because <linux/tcp.h>, which knows
 * tcpi_bytes_acked, and <netinet/tcp.h>, which others need, exclude each other. */
#include "webd/tcp_info.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int64_t tcp_acked(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
		return -1;
	return (int64_t)info.tcpi_bytes_acked;
}

int tcp_unacked(int fd)
{
	int n = 0;

	return ioctl(fd, SIOCOUTQ, &n) == 0 ? n : 0;
}

int tcp_unread(int fd)
{
	int n = 0;

	return ioctl(fd, SIOCINQ, &n) == 0 ? n : 0;
}

void tcp_set_backlog(int fd, int bytes)
{
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof(bytes));
}

void tcp_set_user_timeout(int fd, int64_t us)
{
	unsigned ms = (unsigned)(us / 1000);

	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
}

void tcp_set_receive_buffer(int fd, int bytes)
{
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}
