/* patrol.h -- once a second, every connection of a worker is looked at: is it idle, does
 * it take its answer too slowly, does it hoard memory? libh2o's own clocks are stopped by
 * an open stream and wound up by any frame, so these count requests and acknowledged
 * bytes instead. */
#ifndef WEBD_PATROL_H
#define WEBD_PATROL_H

struct worker;

void patrol_run(struct worker *w);
/* Who hoards, every few milliseconds: memory fills fast. Between callbacks. */
void patrol_memory(struct worker *w);

#endif
