/* overload.h -- how many requests may be at appd at once, so that those let in are
 * answered soon and the others are refused at once instead of late.
 *
 * A request's excess is the time it took beyond the least that its kind takes. When even
 * the smallest excess of a tenth of a second is above the target, there is a standing
 * queue somewhere, and the limit falls below what was under way; otherwise it rises. A
 * burst passes (some of it is always fast), and a kind that is slow by nature does not
 * look like overload (it is measured against itself). */
#ifndef WEBD_OVERLOAD_H
#define WEBD_OVERLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OVERLOAD_KINDS = 256 };

struct overload {
	unsigned limit, max;
	int64_t target_us; /* 0: no limit but max */

	int64_t window_us; /* when this tenth of a second began */
	int64_t excess_us; /* the smallest in it; INT64_MAX: nothing was answered */
	unsigned most;     /* under way in it at once */
	bool pressed;      /* the one before said so */
	struct overload_kind {
		int64_t least_us; /* that it takes; 0: not known */
		int64_t crept_us; /* when that was last raised */
	} kinds[OVERLOAD_KINDS];
};

void overload_init(struct overload *o, unsigned max, int64_t target_us);
/* Another target from now on. */
void overload_set_target(struct overload *o, int64_t target_us);
/* `underway` without this one. */
bool overload_admits(struct overload *o, unsigned underway, int64_t now_us);
void overload_took(struct overload *o, unsigned kind, int64_t took_us, int64_t now_us);

#endif
