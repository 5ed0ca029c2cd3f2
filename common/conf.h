/* conf.h -- the configuration in force: defaults, then one file, then --set.
 *
 * The file:   # comment
 *             [section]            or   [section name]
 *             key = value
 * No includes, no conditions. An unknown section or key, a wrong unit, a value out of
 * range, a key given twice: each is one line "file:line: what (did you mean ...)".
 * Loading reports all it finds; nothing is taken over unless everything is right.
 *
 * A struct conf is immutable and owns its strings; conf_free ends both. */
#ifndef COMMON_CONF_H
#define COMMON_CONF_H

#include <stdio.h>

#include "common/buf.h"

#define CONF_BOOL      bool
#define CONF_INT       int64_t
#define CONF_SIZE      int64_t
#define CONF_TIME      int64_t
#define CONF_TEXT      const char *
#define CONF_DOMAIN    CONF_TEXT
#define CONF_ADDRESS   CONF_TEXT
#define CONF_ADDRESSES CONF_TEXT
#define CONF_NETWORKS  CONF_TEXT
#define CONF_NAME      CONF_TEXT
#define CONF_LEVEL     CONF_TEXT

struct conf {
#define OPT(field, type, section, key, def, min, max, help) CONF_##type field;
#include "common/conf.def"
#undef OPT
	struct conf_hidden *hidden;
};

struct conf_source {
	const char *file;        /* NULL: none */
	const char *const *sets; /* "section.key=value", in order */
	size_t set_count;
};

/* NULL when something is wrong; then errors holds the sentences, one a line. */
struct conf *conf_load(const struct conf_source *from, struct buf *errors);
void conf_free(struct conf *c);

/* What is in force, in the file's own format, each line with where it comes from. */
void conf_print(const struct conf *c, FILE *to);
/* A commented file with every option at its default. */
void conf_print_sample(FILE *to);

/* One option that `asked` was given and `is` has otherwise; both as text. */
typedef void (*conf_difference_fn)(void *ctx, const char *section, const char *key,
				   const char *is, const char *asked);
/* Of named sections nothing is told. */
void conf_differences(const struct conf *is, const struct conf *asked,
		      conf_difference_fn each, void *ctx);
/* Has that one, "section.key", another value now? */
bool conf_changed(const struct conf *before, const struct conf *now, const char *path);

/* The n-th [section NAME], NULL past the last. */
const struct conf_named *conf_named(const struct conf *c, const char *section, size_t n);
const char *conf_named_name(const struct conf_named *s);
/* Of a key in conf.def's NAMED rows; asking for another is a mistake and aborts. */
const char *conf_named_text(const struct conf_named *s, const char *key);
int64_t conf_named_int(const struct conf_named *s, const char *key); /* also BOOL, TIME */

#endif
