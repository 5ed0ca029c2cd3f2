/* access_log.h -- one line per request in <state>/log/access.log, written by a thread of
 * its own.
 *
 *     ADDRESS - - [TIME] "REQUEST" STATUS BYTES "REFERER" "AGENT" SECONDS
 *     trace=ID upstream=appd.1
 *
 * (one line): Apache's combined format with what webd knows beside it; `%h %^[%d:%t %^]
 * "%r" %s %b "%R" "%u" %T %^` for GoAccess. */
#ifndef WEBD_ACCESS_LOG_H
#define WEBD_ACCESS_LOG_H

#include <stdbool.h>
#include <stdint.h>

struct access_log;
struct exchange;

struct access_line {
	const struct exchange *e;
	int status;
	int64_t took_us;
};

/* NULL with errno: the file cannot be written, or no thread. */
struct access_log *access_log_open(const char *state_dir);
/* Writes out what is left. */
void access_log_close(struct access_log *log);
/* The file was moved away. */
void access_log_reopen(struct access_log *log);

/* Any thread. Never waits for the disk: with no room left the line is counted instead. */
void access_log_write(struct access_log *log, const struct access_line *line);

#endif
