/* memory.h -- what the connections of a worker hold, and who has to wait or go when that
 * becomes too much.
 *
 * An upload goes on only when all that it may still bring has room: the others are not
 * read from meanwhile, and lose nothing but time. While half of the room is taken, new
 * HTTP/2 requests wait where others of their connection are under way (guard_brake.c).
 * What is held by those who read no answers grows all the same: above the limit whoever
 * holds most is cut off. */
#ifndef WEBD_MEMORY_H
#define WEBD_MEMORY_H

struct worker;

/* Every few milliseconds, or at once when much was taken; between libh2o's callbacks. */
void memory_look(struct worker *w);

#endif
