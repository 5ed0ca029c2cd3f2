/* ask.c -- see ask.h. Each instance gets a caller of its own, whose service is the
 * instance's whole name, so that exactly this one is asked. */
#include "deploy/command/ask.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>

#include "common/fabric_loop.h"
#include "common/wire.h"

enum { BUDGET_US = 5000000, INSTANCES_MAX = 256, NAME_SIZE = 48 };

struct asking {
	struct fabric *fabric;
	const char *run_dir, *instance;
	struct question question;
	struct loop *loop;
	struct fabric_tie tie;
	ask_fn each;
	void *ctx;
};

/* Why there is no answer of its own. */
static struct str excuse(enum msg_status status)
{
	return status == STATUS_LATE   ? STR("it did not answer in time")
	       : status == STATUS_LOST ? STR("it ended before it had answered")
	       : status == STATUS_FULL ? STR("it has too much to do")
				       : STR("it is not there any more, or not yet");
}

static void on_answer(void *ctx, const struct fabric_answer *answer)
{
	struct asking *a = ctx;
	struct wire w = wire_of(answer->body);
	struct str text = wire_bytes(&w);
	enum msg_status status = answer->status;

	if (status > STATUS_FAIL) {
		text = excuse(status);
	} else if (!wire_end(&w)) {
		text = STR("its answer is not understood");
		status = STATUS_FAIL;
	}
	a->each(a->ctx, a->instance, status, text);
	loop_stop(a->loop);
}

static bool call(struct asking *a, struct fabric_caller *caller)
{
	struct fabric_request r = { .type = a->question.type,
				    .budget_us = a->question.budget_us > 0
						     ? a->question.budget_us
						     : BUDGET_US,
				    /* told twice is the same, but of orders to servers */
				    .again = a->question.type != MSG_DATABASE,
				    .done = on_answer,
				    .ctx = a };
	struct buf body;
	uint64_t id;

	buf_init(&body, 64 << 10);
	if (a->question.value.p != NULL)
		wire_put_bytes(&body, a->question.value);
	r.body = buf_get(&body);
	id = fabric_call(caller, &r);
	buf_fini(&body);
	return id != 0;
}

static void ask_one(struct asking *a)
{
	const struct fabric_caller_options options = {
		.run_dir = a->run_dir,
		.service = a->instance,
		.calls_max = 1,
		.queue_max = 1,
		.wake = fabric_tie_wake,
		.ctx = &a->tie,
	};
	struct fabric_caller *caller;

	fabric_tie_init(&a->tie, a->loop);
	caller = fabric_caller_new(a->fabric, &options);
	if (caller != NULL && fabric_tie_caller(&a->tie, caller) && call(a, caller))
		loop_run(a->loop);
	else
		a->each(a->ctx, a->instance, STATUS_FAIL, str_of(strerror(errno)));
	fabric_tie_fini(&a->tie);
	fabric_caller_free(caller);
}

/* "appd.1.4711.sock" -> "appd.1", if it is asked for. */
static bool take_name(const char *file, const char *of, char ret[NAME_SIZE])
{
	struct str rest = str_of(file), daemon = str_cut(&rest, '.'),
		   slot = str_cut(&rest, '.'), pid = str_cut(&rest, '.');
	size_t n = strlen(of);
	uint64_t number;

	if (!str_eq(rest, STR("sock")) || !str_to_u64(slot, &number) ||
	    !str_to_u64(pid, &number))
		return false;
	snprintf(ret, NAME_SIZE, "%.*s.%.*s", STR_ARG(daemon), STR_ARG(slot));
	return strncmp(ret, of, n) == 0 && (n == 0 || ret[n] == '\0' || ret[n] == '.');
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int list_instances(const char *run_dir, const char *of,
			  char names[INSTANCES_MAX][NAME_SIZE])
{
	DIR *dir = opendir(run_dir);
	int n = 0;

	if (dir == NULL)
		return -1;
	for (struct dirent *e; n < INSTANCES_MAX && (e = readdir(dir)) != NULL;)
		n += take_name(e->d_name, of, names[n]);
	closedir(dir);
	qsort(names, (size_t)n, NAME_SIZE, by_name);
	return n;
}

/* A deep state directory's run folder is elsewhere, and run a link to it. */
static bool find_run_dir(const char *state, char ret[PATH_MAX])
{
	char link[PATH_MAX];

	snprintf(link, sizeof(link), "%.4000s/run", state);
	return realpath(link, ret) != NULL;
}

/* What all questions of this process need. */
static bool begin(struct asking *a, const char *run_dir)
{
	signal(SIGPIPE, SIG_IGN);
	a->run_dir = run_dir;
	a->fabric = fabric_new();
	a->loop = loop_new();
	return a->fabric != NULL && a->loop != NULL;
}

static void end(struct asking *a)
{
	fabric_free(a->fabric);
	loop_free(a->loop);
}

int ask_any(const char *state, const char *daemon, struct question q, ask_fn each,
	    void *ctx)
{
	static char names[INSTANCES_MAX][NAME_SIZE];
	struct asking a = { .question = q, .each = each, .ctx = ctx, .instance = daemon };
	char run_dir[PATH_MAX];
	int n;

	if (!find_run_dir(state, run_dir))
		return -1;
	n = list_instances(run_dir, daemon, names);
	if (n <= 0)
		return n;
	if (begin(&a, run_dir))
		ask_one(&a);
	end(&a);
	return 1;
}

int ask_each(const char *state, const char *of, struct question q, ask_fn each, void *ctx)
{
	static char names[INSTANCES_MAX][NAME_SIZE];
	struct asking a = { .question = q, .each = each, .ctx = ctx };
	char run_dir[PATH_MAX];
	bool ok;
	int n;

	if (!find_run_dir(state, run_dir))
		return -1;
	n = list_instances(run_dir, of, names);
	if (n <= 0)
		return n;
	ok = begin(&a, run_dir);
	for (int i = 0; ok && i < n; i++) {
		a.instance = names[i];
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			ask_one(&a);
	}
	end(&a);
	return n;
}
