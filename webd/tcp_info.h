/* tcp_info.h -- what the kernel knows of a TCP connection. */
#ifndef WEBD_TCP_INFO_H
#define WEBD_TCP_INFO_H

#include <stdint.h>

/* Bytes that the peer has acknowledged since the beginning; -1: not known. */
int64_t tcp_acked(int fd);
/* Bytes given to the kernel that the peer has not acknowledged. */
int tcp_unacked(int fd);
/* Bytes that came and were not read. */
int tcp_unread(int fd);
/* The kernel takes no more than this beyond what it can send: an answer stays ours while
 * it is not read, and its memory is not the kernel's. */
void tcp_set_backlog(int fd, int bytes);
/* Data that stays unacknowledged for so long ends the connection. */
void tcp_set_user_timeout(int fd, int64_t us);
/* What the peer may send ahead of our reading; no more grows with its speed. */
void tcp_set_receive_buffer(int fd, int bytes);

#endif
