/* msg.h -- the fabric's tables, from msg.def: kinds, messages, statuses. */
#ifndef COMMON_MSG_H
#define COMMON_MSG_H

enum msg_kind {
#define KIND(name, number, by, meaning) name = number,
#include "common/msg.def"
#undef KIND
};

enum msg_type {
#define MSG(name, number, from, to, meaning) name = number,
#include "common/msg.def"
#undef MSG
};

enum msg_status {
#define STATUS(name, number, word, meaning) name = number,
#include "common/msg.def"
#undef STATUS
};

/* For logs: "MSG_HTTP", "ok"; "?" for a number that is in no table. */
const char *msg_kind_name(unsigned kind);
const char *msg_type_name(unsigned type);
const char *msg_status_word(unsigned status);

#endif
