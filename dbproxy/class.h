/* class.h -- error numbers into classes, and what each class asks for; from class.def. */
#ifndef DBPROXY_CLASS_H
#define DBPROXY_CLASS_H

#include "common/msg.h"
#include "common/str.h"

enum class_action {
	ACTION_ANSWER,  /* asking again changes nothing */
	ACTION_WAIT,    /* not done: again when a server can, until the deadline */
	ACTION_AGAIN,   /* rolled back: again soon, but not for ever */
	ACTION_UNKNOWN, /* again only what may be done twice */
	ACTION_PREPARE, /* prepare anew, once */
};

enum sql_class {
#define CLASS(name, word, action, status, mark, meaning) name,
#include "dbproxy/class.def"
#undef CLASS
	CLASS_COUNT,
};

enum sql_class class_of(unsigned code); /* 0 is CLASS_OK */
struct str class_word(enum sql_class c);
enum class_action class_action(enum sql_class c);
enum msg_status class_status(enum sql_class c);
/* The connection is of no more use after it. */
bool class_ends_connection(unsigned code);

/* The key, column or constraint that the server's message names, in small letters or as
 * it is written there; the whole message when it names none. Borrows from message. */
struct str class_detail(enum sql_class c, const char *message);

#endif
