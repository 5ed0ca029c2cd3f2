/* crash.h -- last words: on a deadly signal the stacks of all threads go to stderr.
 *
 * The watchdog sends SIGABRT to a daemon that hangs, so that its log says where. Lines
 * with file and number come from addr2line where that is installed. Afterwards the signal
 * does what it always does. */
#ifndef COMMON_CRASH_H
#define COMMON_CRASH_H

/* Once, early, on the main thread. name is borrowed for ever. */
void crash_install(const char *name);

#endif
