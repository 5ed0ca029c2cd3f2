/* explain.c -- onebox explain: the whiteboard's questions (docs/whiteboard.md), each with
 * what the running system says to it. */
#include <ctype.h>
#include <stdio.h>

#include "common/str.h"
#include "deploy/command/command.h"
#include "deploy/command/overview.h"
#include "deploy/command/probe.h"
#include "deploy/command/whiteboard.h"

static bool is_question(const char *line)
{
	return strncmp(line, "## ", 3) == 0;
}

static void print_questions(void)
{
	int n = 0;

	for (const char *const *at = whiteboard; *at != NULL; at++)
		if (is_question(*at))
			printf("%3d  %s\n", ++n, *at + 3);
	puts("onebox explain NUMBER, or words of the question");
}

/* How many of the words it holds. */
static int matches(const char *line, int argc, char **argv)
{
	int n = 0;

	for (int i = 1; i < argc; i++)
		n += strcasestr(line, argv[i]) != NULL;
	return n;
}

/* By number, or the one that holds most of the words. NULL: none. */
static const char *const *find_question(int argc, char **argv)
{
	const char *const *best = NULL;
	int most = 0, n = 0;
	uint64_t number = 0;
	bool by_number = argc == 2 && str_to_u64(str_of(argv[1]), &number);

	for (const char *const *at = whiteboard; *at != NULL; at++) {
		int m;

		if (!is_question(*at))
			continue;
		n++;
		m = by_number ? (uint64_t)n == number : matches(*at, argc, argv);
		if (m > most) {
			most = m;
			best = at;
		}
	}
	return best;
}

/* As text: without the marks of emphasis. */
static void print_line(const char *line)
{
	bool bullet = line[strspn(line, " ")] == '*' && strstr(line, "* ") != NULL &&
		      strncmp(line + strspn(line, " "), "* ", 2) == 0;
	size_t at = bullet ? strspn(line, " ") + 1 : 0;

	printf("%.*s", (int)at, line);
	for (; line[at] != '\0'; at++)
		if (line[at] != '*' && line[at] != '`')
			putchar(line[at]);
	putchar('\n');
}

static bool is_note(const char *line)
{
	return strncmp(line, "author: ", 8) == 0 || strncmp(line, "tags: ", 6) == 0 ||
	       strncmp(line, "about: ", 7) == 0;
}

static void print_answer(const char *const *question)
{
	const char *const *at = question + 1;
	bool begun = false;

	printf("%s\n\n", *question + 3);
	for (; *at != NULL && !is_question(*at); at++) {
		begun = begun || (**at != '\0' && !is_note(*at));
		if (begun)
			print_line(*at);
	}
	if (*at == NULL) /* the others have an empty line at their end */
		putchar('\n');
}

/* ---- here and now ---- */

static void count_of(const struct overview *o, const char *daemon, const char *what)
{
	int n = 0;
	int64_t kib = 0;
	unsigned restarts = 0;

	for (int i = 0; i < o->count; i++) {
		const struct overview_instance *p = &o->instances[i];

		if (strcmp(p->daemon, daemon) != 0)
			continue;
		n++;
		kib += p->pss_kib > 0 ? p->pss_kib : 0;
		restarts += p->restarts;
	}
	printf("  %d of %s (%s), %.1f MiB, restarted %u times\n", n, daemon, what,
	       (double)kib / 1024, restarts);
}

static void all_processes(const struct overview *o)
{
	count_of(o, "dnsd", "the name");
	count_of(o, "webd", "the web server");
	count_of(o, "appd", "the application server");
	count_of(o, "dbproxy", "statements");
	count_of(o, "mariadb", "the database");
}

static void the_name(const struct overview *o)
{
	char name[300];
	struct probe p = overview_ask_name(o, name);

	printf("  dnsd, asked for the %s record of %s: %s, in %.2f ms\n",
	       overview_is_v6(o) ? "AAAA" : "A", name, p.words, p.ms);
}

static void the_page(const struct overview *o)
{
	char address[64];
	struct probe p;

	probe_page(overview_address(o, address), o->http_port, &p);
	printf("  the page: %s, in %.2f ms; onebox trace / shows its way\n", p.words,
	       p.ms);
}

static void the_ports(const struct overview *o)
{
	printf("  DNS at port %d (UDP and TCP), HTTP at %d, HTTPS at %d (TCP), at %s\n",
	       o->dns_port, o->http_port, o->https_port, o->listen);
}

static void the_files(const struct overview *o)
{
	printf("  programs and files of this build: %s\n  data: %s\n", o->release,
	       o->state);
}

/* THE table: what belongs to which question, by a word of it. */
static const struct fact {
	const char *word;
	void (*print)(const struct overview *o);
} facts[] = {
	{ "happens", the_name },
	{ "happens", the_page },
	{ "What is a server", all_processes },
	{ "domain name", the_name },
	{ "record", the_name },
	{ "web server", the_page },
	{ "application server", the_page },
	{ "application files", the_files },
	{ "of the database", all_processes },
	{ "communicate", the_ports },
	{ "single point", all_processes },
	{ "maintenance", the_files },
	{ "maintenance", all_processes },
	{ "scale", all_processes },
};

static void print_facts(const char *state, const char *question)
{
	static struct overview o;

	if (overview_get(state, &o) != 0) {
		printf("Nothing runs with %s, or it may not be asked: no figures.\n",
		       state);
		return;
	}
	puts("Here and now:");
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (strstr(question, facts[i].word) != NULL)
			facts[i].print(&o);
}

int command_explain(const char *state, int argc, char **argv)
{
	const char *const *question;

	if (argc < 2) {
		print_questions();
		return EXIT_OK;
	}
	question = find_question(argc, argv);
	if (question == NULL)
		return complain(EXIT_USAGE, "there is no such question; onebox explain "
					    "lists them");
	print_answer(question);
	print_facts(state, *question);
	return EXIT_OK;
}
