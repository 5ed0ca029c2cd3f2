/* pages.h -- the handlers of pages; the routes that lead to them are in appd/route.c. */
#ifndef APPD_PAGES_PAGES_H
#define APPD_PAGES_PAGES_H

struct request;

void page_home(struct request *q);  /* home.c */
void page_ready(struct request *q); /* ready.c */

#endif
