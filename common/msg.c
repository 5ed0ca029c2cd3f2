/* msg.c -- see msg.h. Switches, not arrays: a number used twice does not compile. */
#include "common/msg.h"

const char *msg_kind_name(unsigned kind)
{
	switch (kind) {
#define KIND(name, number, by, meaning)                                                  \
	case number:                                                                     \
		return #name;
#include "common/msg.def"
#undef KIND
	}
	return "?";
}

const char *msg_type_name(unsigned type)
{
	switch (type) {
#define MSG(name, number, from, to, meaning)                                             \
	case number:                                                                     \
		return #name;
#include "common/msg.def"
#undef MSG
	}
	return "?";
}

const char *msg_status_word(unsigned status)
{
	switch (status) {
#define STATUS(name, number, word, meaning)                                              \
	case number:                                                                     \
		return word;
#include "common/msg.def"
#undef STATUS
	}
	return "?";
}
