/* db.c -- onebox db: the database servers, as the dbproxies see them, and a change of the
 * primary. Orders go to the elected dbproxy, which does them; nothing here talks to a
 * server. */
#include "deploy/command/ask.h"
#include "deploy/command/command.h"

enum { NAME_SIZE = 48, TABLE_SIZE = 64 << 10 };
enum { PATIENCE_US = 30000000 }; /* servers change their roles meanwhile */

/* What all said to "status": the table is the elected one's, or else the first. */
struct view {
	char elected[NAME_SIZE], word[16], table[TABLE_SIZE];
	char connections[8192];
	int failed;
};

static void take_status(void *ctx, const char *instance, enum msg_status status,
			struct str text)
{
	struct view *v = ctx;
	size_t used = strlen(v->connections);
	struct str word, line;

	if (status != STATUS_OK) {
		v->failed =
		    complain(EXIT_DEPENDENCY, "%s: %.*s", instance, STR_ARG(text));
		return;
	}
	word = str_cut(&text, '\n');
	line = str_cut(&text, '\n');
	snprintf(v->connections + used, sizeof(v->connections) - used, "  %-12s %.*s\n",
		 instance, STR_ARG(line));
	if (v->word[0] == '\0' || str_eq(word, STR("elected"))) {
		(void)str_copy(v->word, sizeof(v->word), word);
		(void)str_copy(v->table, sizeof(v->table), text);
	}
	if (str_eq(word, STR("elected")))
		(void)str_copy(v->elected, sizeof(v->elected), str_of(instance));
}

static int look(const char *state, struct view *v)
{
	const struct question q = { .type = MSG_DATABASE,
				    .value = STR("status"),
				    .budget_us = PATIENCE_US };
	int count = ask_each(state, "dbproxy", q, take_status, v);

	return explain_asked(state, "dbproxy", count, v->failed);
}

/* Who leads the servers, when no dbproxy does. */
static const char *sentence_for(const char *word)
{
#define MORE                                                                             \
	"for a primary with replicas name them in [server NAME] sections and set "       \
	"[dbproxy] manage_user: docs/database.md"
	static const struct {
		const char *word, *sentence;
	} table[] = {
		{ "private", "one server, the private MariaDB that the supervisor keeps: "
			     "there is nobody to elect; " MORE },
		{ "single", "one server, which somebody else runs: there is nobody to "
			    "elect; " MORE },
		{ "unmanaged", "elected: nobody, so roles are changed by hand; set "
			       "[dbproxy] manage_user: docs/database.md" },
	};
#undef MORE

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].word, word) == 0)
			return table[i].sentence;
	return "elected: nobody yet";
}

static int status(const char *state)
{
	static struct view v;
	int failed = look(state, &v);

	if (v.word[0] == '\0')
		return failed;
	fputs(v.table, stdout);
	printf("connections\n%s", v.connections);
	if (v.elected[0] != '\0')
		printf("elected: %s\n", v.elected);
	else
		puts(sentence_for(v.word));
	return failed;
}

static void say(void *ctx, const char *instance, enum msg_status status, struct str text)
{
	int *failed = ctx;

	if (status == STATUS_OK)
		printf("%.*s\n", STR_ARG(text));
	else
		*failed = complain(EXIT_DEPENDENCY, "%s: %.*s", instance, STR_ARG(text));
}

static int order(const char *state, const char *word, const char *server, const char *how)
{
	static struct view v;
	char text[128];
	struct question q = { .type = MSG_DATABASE, .budget_us = PATIENCE_US };
	int failed = look(state, &v), count;

	if (failed != EXIT_OK)
		return failed;
	if (v.elected[0] == '\0')
		return complain(EXIT_CONFIG,
				"no dbproxy manages the servers; docs/database.md says "
				"what [dbproxy] manage_user needs");
	snprintf(text, sizeof(text), "%s %.64s%s", word, server, how);
	q.value = str_of(text);
	count = ask_each(state, v.elected, q, say, &failed);
	return explain_asked(state, v.elected, count, failed);
}

int command_db(const char *state, int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "status";
	bool force = argc == 4 && strcmp(argv[3], "--force") == 0;

	if (argc <= 2 && strcmp(word, "status") == 0)
		return status(state);
	if (argc == 3 &&
	    (strcmp(word, "promote") == 0 || strcmp(word, "switchover") == 0))
		return order(state, word, argv[2], "");
	if (force && strcmp(word, "promote") == 0)
		return order(state, word, argv[2], " force");
	return misused(argc, argv);
}
