/* tcp_info.h -- what the kernel knows of a TCP connection. */
#ifndef WEBD_TCP_INFO_H
#define WEBD_TCP_INFO_H

#include <stdint.h>

/* Bytes that the peer has acknowledged since the beginning; -1: not known. */
int64_t tcp_acked(int fd);
/* Data that stays unacknowledged for so long ends the connection. */
void tcp_set_user_timeout(int fd, int64_t us);

#endif
