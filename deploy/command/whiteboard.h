/* whiteboard.h -- docs/whiteboard.md, line by line; made by the Makefile. */
#ifndef DEPLOY_COMMAND_WHITEBOARD_H
#define DEPLOY_COMMAND_WHITEBOARD_H

extern const char *const whiteboard[]; /* ends with NULL */

#endif
