/* patrol.h -- once a second, every connection of a worker is looked at: is it idle, does
 * it take its answer too slowly? libh2o's own clocks are stopped by
 * an open stream and wound up by any frame, so these count requests and acknowledged
 * bytes instead. */
#ifndef WEBD_PATROL_H
#define WEBD_PATROL_H

struct worker;

void patrol_run(struct worker *w);

#endif
