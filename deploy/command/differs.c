/* differs.c -- onebox differs: would these options start what runs? One line for each
 * that was asked for and is otherwise, with the command that makes it so. deploy/up asks
 * it when something runs already. Options that are not given are not asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/conf.h"
#include "common/str.h"
#include "deploy/command/command.h"
#include "deploy/command/link.h"

enum { SETS_MAX = 256, ERRORS_LIMIT = 64 << 10, FILE_LIMIT = 1 << 20 };

/* As options are given. */
struct options {
	const char *sets[SETS_MAX];
	size_t set_count;
	char config[PATH_MAX];
	bool full;
};

struct comparison {
	const char *state, *config; /* config: of what runs; "" for none */
	const struct options *runs, *asked;
	bool same_config;
	int count;
};

static void add_set(struct options *o, struct str text)
{
	char *copy = strndup(text.p, text.n);

	o->full = o->full || copy == NULL || o->set_count == SETS_MAX;
	if (o->full)
		free(copy);
	else
		o->sets[o->set_count++] = copy;
}

static void take_line(void *ctx, struct str line)
{
	struct options *o = ctx;
	struct str word = str_cut(&line, ' ');

	if (str_eq(word, STR("set")))
		add_set(o, line);
	else if (str_eq(word, STR("config")))
		str_copy(o->config, sizeof(o->config), line);
}

static bool take_arguments(struct options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 == argc)
			return false;
		if (strcmp(argv[i], "--set") == 0)
			add_set(o, str_of(argv[i + 1]));
		else if (strcmp(argv[i], "--config") != 0)
			return false;
		else if (realpath(argv[i + 1], o->config) == NULL)
			str_copy(o->config, sizeof(o->config), str_of(argv[i + 1]));
	}
	return !o->full;
}

static void forget(struct options *o)
{
	for (size_t i = 0; i < o->set_count; i++)
		free((void *)(uintptr_t)o->sets[i]);
}

/* file: NULL or "" for none. */
static struct conf *load(const struct options *o, const char *file, struct buf *errors)
{
	const struct conf_source from = { .file = *file != '\0' ? file : NULL,
					  .sets = o->sets,
					  .set_count = o->set_count };

	return conf_load(&from, errors);
}

/* ---- what differs ---- */

/* Sockets are bound once, at the start. */
static bool needs_restart(const char *section, const char *key)
{
	static const char *const keys[] = { "listen", "dns_port", "http_port",
					    "https_port" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(section, "onebox") == 0 && strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

/* By --set, over whatever the file says. */
static bool is_set(const struct options *o, const char *section, const char *key)
{
	size_t s = strlen(section), k = strlen(key);

	for (size_t i = 0; i < o->set_count; i++)
		if (strncmp(o->sets[i], section, s) == 0 && o->sets[i][s] == '.' &&
		    strncmp(o->sets[i] + s + 1, key, k) == 0 &&
		    o->sets[i][s + 1 + k] == '=')
			return true;
	return false;
}

static void print_difference(void *ctx, const char *section, const char *key,
			     const char *is, const char *asked)
{
	struct comparison *c = ctx;
	bool live = !needs_restart(section, key) && !is_set(c->runs, section, key);

	c->count++;
	printf("%s.%s is '%s', not '%s' as asked for: ", section, key, is, asked);
	if (strcmp(key, "instances") == 0 && strcmp(asked, "0") != 0)
		printf("onebox scale %s %s --state %s\n", section, asked, c->state);
	else if (c->same_config && live && !is_set(c->asked, section, key))
		printf("onebox reload --state %s takes %s over\n", c->state, c->config);
	else if (*c->config != '\0' && live)
		printf("write it into %s, and onebox reload --state %s\n", c->config,
		       c->state);
	else
		printf("deploy/down --state %s, then deploy/up again\n", c->state);
}

/* Of two that are right. */
static void compare(struct comparison *c, const struct conf *is,
		    const struct conf *wanted, const char *asked_config)
{
	c->same_config = *asked_config != '\0' && strcmp(asked_config, c->config) == 0;
	if (*asked_config != '\0' && !c->same_config) {
		printf(
		    "it runs with %s, not with %s as asked for: deploy/down --state %s, "
		    "then deploy/up again\n",
		    *c->config != '\0' ? c->config : "no configuration file",
		    asked_config, c->state);
		c->count++;
	}
	conf_differences(is, wanted, print_difference, c);
}

/* What is asked for comes first: if it is wrong, there is nothing to compare. */
static int load_and_compare(struct comparison *c, const struct options *runs,
			    const struct options *asked)
{
	char copy[PATH_MAX] = "";
	struct conf *is = NULL, *wanted;
	struct buf errors;
	bool ok;

	/* the file may have been edited since: what counts is the copy in force */
	if (*runs->config != '\0')
		snprintf(copy, sizeof(copy), "%.4000s/onebox.conf", c->state);
	buf_init(&errors, ERRORS_LIMIT);
	wanted = load(asked, asked->config, &errors);
	if (wanted != NULL)
		is = load(runs, copy, &errors);
	ok = is != NULL;
	if (ok)
		compare(c, is, wanted, asked->config);
	else
		fwrite(errors.p, 1, errors.n, stderr);
	buf_fini(&errors);
	conf_free(is);
	conf_free(wanted);
	return ok && c->count == 0 ? EXIT_OK : EXIT_CONFIG;
}

int command_differs(const char *state, int argc, char **argv)
{
	static struct options runs, asked;
	struct comparison c = {
		.state = state, .config = runs.config, .runs = &runs, .asked = &asked
	};
	int code;

	if (!take_arguments(&asked, argc, argv))
		return misused(argc, argv);
	code = link_ask(state, "options", take_line, &runs);
	if (code > EXIT_OK)
		return complain(EXIT_SYSTEM, "what runs cannot tell its options");
	if (code != EXIT_OK)
		return link_explain(state, code);
	code = load_and_compare(&c, &runs, &asked);
	forget(&runs);
	forget(&asked);
	return code;
}
