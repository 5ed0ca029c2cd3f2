/* diff.h -- what changed from one text to another: line by line, and within changed lines
 * word by word. Pure; everything is from the arena or lies in the texts. Time, memory and
 * what comes out are bounded: texts that have little in common are told apart roughly. */
#ifndef APPD_DIFF_H
#define APPD_DIFF_H

#include "common/arena.h"

enum {
	DIFF_EDITS_MAX = 300,  /* more between two texts, and they are just two texts */
	DIFF_LINES_MAX = 3000, /* shown */
	DIFF_CONTEXT = 3,      /* lines shown around a change */
};

enum diff_kind {
	DIFF_SAME,
	DIFF_GONE,
	DIFF_NEW,
	DIFF_SKIPPED, /* so many lines that are the same */
};

struct diff_span {
	struct str text;
	bool changed; /* within its line */
};

struct diff_line {
	enum diff_kind kind;
	const struct diff_span *spans;
	size_t count; /* of spans; of SKIPPED: of lines */
};

struct diff {
	const struct diff_line *lines;
	size_t count;
	bool changed; /* at all */
	bool cut;     /* there is more than is shown */
};

struct diff diff_texts(struct arena *a, struct str before, struct str after);

#endif
