/* khash.h -- h2o/http2_internal.h wants this header, which Debian does not ship. These
 * lines are enough to see its structs; nothing here touches a hash table. */
#ifndef WEBD_INCLUDE_KHASH_H
#define WEBD_INCLUDE_KHASH_H
#pragma GCC system_header

#include <stdint.h>

typedef uint32_t khiter_t;
#define khash_t(name)                    struct kh_##name##_s
#define KHASH_MAP_INIT_INT64(name, type) khash_t(name);
#define kh_get(name, table, key)         ((void)(table), (void)(key), 0u)
#define kh_end(table)                    0u
#define kh_val(table, at)                ((void *)0)

#endif
