/* command.h -- what the subcommands of `onebox` share. One file each; the table is in
 * main.c. */
#ifndef DEPLOY_COMMAND_COMMAND_H
#define DEPLOY_COMMAND_COMMAND_H

#include <limits.h>
#include <stdbool.h>

#include "common/err.h"

struct command {
	const char *name, *arguments, *summary;
	/* argv[0] is the subcommand; --state has been taken out. Returns the exit code.
	 */
	int (*run)(const char *state, int argc, char **argv);
};

int command_status(const char *state, int argc, char **argv);
int command_logs(const char *state, int argc, char **argv);
int command_roll(const char *state, int argc, char **argv);
int command_scale(const char *state, int argc, char **argv);
int command_reload(const char *state, int argc, char **argv);
int command_db(const char *state, int argc, char **argv);
int command_stats(const char *state, int argc, char **argv);
int command_loglevel(const char *state, int argc, char **argv);
int command_trace(const char *state, int argc, char **argv);
int command_explain(const char *state, int argc, char **argv);
int command_stop(const char *state, int argc, char **argv);
int command_check(const char *state, int argc, char **argv);
int command_zone(const char *state, int argc, char **argv);
int command_site(const char *state, int argc, char **argv);
int command_differs(const char *state, int argc, char **argv);
int command_release(const char *state, int argc, char **argv);

/* "onebox: sentence" on stderr; returns the code. */
int complain(enum exit_code code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The arguments do not fit: what was given, and how it goes. Returns EXIT_USAGE. */
int misused(int argc, char **argv);
/* 0: the word is one of those. Else says that there is no such `kind`, which is meant
 * perhaps, and which there are. known ends with NULL. */
int refuse_word(const char *kind, const char *word, const char *const *known);
/* Of the known, the one that is nearly so written; NULL: none is. */
const char *nearest_word(const char *word, const char *const *known);
/* The four daemons, and NULL. */
extern const char *const daemon_names[];
/* After ask_each: what went wrong, in words; `failed` when nothing did. */
int explain_asked(const char *state, const char *of, int count, int failed);
/* Folder of the running build: what lies above bin/. false: cannot tell. */
bool own_build(char ret[PATH_MAX]);

#endif
