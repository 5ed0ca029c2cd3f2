/* log.h -- one line per event on stderr, in logfmt, written by a thread of its own.
 *
 *     2026-11-20T23:49:00.123456Z webd.1[4711] info listening sockets=8
 *
 * Callers write only the event and its key=value pairs; time, daemon, slot and level are
 * added here. Under journald ($JOURNAL_STREAM) the time gives way to a <N> priority.
 * A line goes into a bounded ring and costs the caller no system call; when the ring is
 * full the line is dropped and counted, and the next line that fits says how many.
 * No text from outside can forge a line, or a pair in it: see log_text.h. */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/str.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Before log_start, lines go straight to stderr (start-up, tests, small tools).
 * name and slot make the prefix; slot 0 is left out. name is borrowed for ever. */
void log_name(const char *name, int slot);
bool log_start(void);
/* Writes out what is left and ends the thread. */
void log_stop(void);

void log_set_level(enum log_level level);
enum log_level log_get_level(void);
bool log_level_parse(struct str word, enum log_level *ret)
    __attribute__((warn_unused_result));
uint64_t log_dropped(void);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...)                                                                   \
	do {                                                                             \
		if (log_get_level() >= LOG_DEBUG)                                        \
			log_line(LOG_DEBUG, __VA_ARGS__);                                \
	} while (0)

void log_line(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* For what outsiders can provoke at will: true once a second per gate, and then *ret_held
 * is how many were held back since. */
struct log_gate {
	int64_t next_us;
	unsigned held;
};
bool log_gate_open(struct log_gate *gate, unsigned *ret_held);

/* Says why and exits with the code. Only before "ready", and for broken invariants. */
_Noreturn void fatal(int exit_code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
