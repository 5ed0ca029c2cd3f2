/* sql.c -- what appd is to dbproxy, for tests: reads requests as lines, sends them all at
 * once, and writes each answer as a line of JSON.
 *
 *     sql RUNDIR
 *     ID BUDGET_MS KEY [@POSITION] STATEMENT [VALUE]... [; STATEMENT [VALUE]...]...
 *     ID cancel
 *     ID stats
 *
 * KEY: 32 hex digits, or -. A statement may be NAME@SIGNATURE. Values: i:1 d:1.5 t f n
 * s:TEXT with %XX for any byte; x:HEX, alone in place of statements, is a raw message. At
 * the end of input it waits for all answers. */
#include <inttypes.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fabric_loop.h"
#include "common/sql_msg.h"
#include "common/trace.h"
#include "dbproxy/statements.h"

enum { LINE_SIZE = 32 << 20, CALLS_MAX = 8192 };

struct call {
	uint64_t id, fabric_id; /* id: as the line gave it */
	int64_t began_us;
	bool used;
	char trace[TRACE_HEX_SIZE];
};

struct tool {
	struct loop *loop;
	struct fabric_caller *caller;
	struct fabric_tie tie;
	struct loop_fd input;
	char *line;
	size_t n;
	bool ended;
	struct call calls[CALLS_MAX];
};

static struct tool tool;

static void print_bytes(struct str s)
{
	putchar('"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < ' ' || c > '~' || c == '"' || c == '\\')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void print_value(struct wire *w)
{
	switch (wire_peek(w)) {
	case 'i':
		printf("%" PRId64, wire_int(w));
		break;
	case 'd':
		printf("%.17g", wire_float(w));
		break;
	case 't':
	case 'f':
		printf(wire_bool(w) ? "true" : "false");
		break;
	case 's':
		print_bytes(wire_bytes(w));
		break;
	default:
		wire_skip(w);
		printf("null");
	}
}

static void print_results(struct wire *w, uint32_t count)
{
	printf(", \"results\": [");
	for (uint32_t i = 0; i < count && !w->bad; i++) {
		struct sql_result_head h = sql_result_head_get(w);

		printf("%s{\"affected\": %" PRId64 ", \"insert_id\": %" PRId64
		       ", \"columns\": %" PRId64 ", \"cells\": [",
		       i > 0 ? ", " : "", h.affected, h.insert_id, h.columns);
		for (uint32_t n = 0; n < h.cells && !w->bad; n++) {
			printf(n > 0 ? ", " : "");
			print_value(w);
		}
		printf("]}");
	}
	printf("]");
}

static void done_if_idle(void)
{
	if (tool.ended && fabric_caller_underway(tool.caller) == 0)
		loop_stop(tool.loop);
}

static void on_answer(void *ctx, const struct fabric_answer *a)
{
	struct call *c = ctx;
	struct str body = a->attachment.n > 0 ? a->attachment : a->body;
	struct wire w = wire_of(body);

	printf("{\"id\": %" PRIu64 ", \"status\": \"%s\", \"us\": %" PRId64
	       ", \"attempts\": %u, \"trace\": \"%s\"",
	       c->id, msg_status_word(a->status), clock_us() - c->began_us, a->attempts,
	       c->trace);
	if (body.n > 0) {
		struct sql_reply_head h = sql_reply_head_get(&w);

		printf(", \"class\": ");
		print_bytes(h.class);
		printf(", \"detail\": ");
		print_bytes(h.detail);
		if (h.position.p != NULL) {
			printf(", \"position\": ");
			print_bytes(h.position);
		}
		print_results(&w, h.results);
		printf(", \"whole\": %s", wire_end(&w) ? "true" : "false");
	}
	printf("}\n");
	fflush(stdout);
	c->used = false;
	done_if_idle();
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef",
		   *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : 0;
}

static void put_text(struct buf *b, const char *from)
{
	struct buf t;

	buf_init(&t, LINE_SIZE);
	for (; *from != '\0'; from++)
		if (*from == '%' && from[1] != '\0' && from[2] != '\0') {
			buf_char(&t, (char)(hex(from[1]) << 4 | hex(from[2])));
			from += 2;
		} else {
			buf_char(&t, *from);
		}
	wire_put_bytes(b, t.n > 0 ? buf_get(&t) : STR(""));
	buf_fini(&t);
}

static void put_value(struct buf *b, const char *word)
{
	switch (word[0]) {
	case 'i':
		wire_put_int(b, strtoll(word + 2, NULL, 10));
		break;
	case 'd':
		wire_put_float(b, strtod(word + 2, NULL));
		break;
	case 't':
	case 'f':
		wire_put_bool(b, word[0] == 't');
		break;
	case 's':
		put_text(b, word + 2);
		break;
	default:
		wire_put_null(b);
	}
}

static uint64_t signature_of(const char *name)
{
	for (size_t i = 0; i < statement_count; i++)
		if (strcmp(statements[i].name, name) == 0)
			return statements[i].signature;
	return 0;
}

/* words[0] is the statement. */
static void put_statement(struct buf *b, char **words, unsigned count)
{
	char *at = strchr(words[0], '@');
	uint64_t signature;

	if (at != NULL) {
		*at = '\0';
		signature = strtoull(at + 1, NULL, 16);
	} else {
		signature = signature_of(words[0]);
	}
	sql_statement_head_put(b, str_of(words[0]), signature, count - 1);
	for (unsigned i = 1; i < count; i++)
		put_value(b, words[i]);
}

static void put_statements(struct buf *b, char **words, unsigned count)
{
	unsigned n = 1, from = 0;
	struct str position = { NULL, 0 };

	if (words[0][0] == '@') {
		position = str_of(words[0] + 1);
		words++;
		count--;
	}
	for (unsigned i = 0; i < count; i++)
		n += strcmp(words[i], ";") == 0;
	sql_request_head_put(b, position, n);
	for (unsigned i = 0; i <= count; i++)
		if (i == count || strcmp(words[i], ";") == 0) {
			put_statement(b, words + from, i - from);
			from = i + 1;
		}
}

static void put_raw(struct buf *b, const char *digits)
{
	for (; digits[0] != '\0' && digits[1] != '\0'; digits += 2)
		buf_char(b, (char)(hex(digits[0]) << 4 | hex(digits[1])));
}

static void cancel(uint64_t id)
{
	for (int i = 0; i < CALLS_MAX; i++)
		if (tool.calls[i].used && tool.calls[i].id == id) {
			fabric_cancel(tool.caller, tool.calls[i].fabric_id);
			tool.calls[i].used = false;
		}
	done_if_idle();
}

static struct call *free_call(void)
{
	for (int i = 0; i < CALLS_MAX; i++)
		if (!tool.calls[i].used)
			return &tool.calls[i];
	return NULL;
}

static void on_stats(void *ctx, const struct fabric_answer *a)
{
	struct call *c = ctx;
	struct wire w = wire_of(a->attachment.n > 0 ? a->attachment : a->body);

	printf("{\"id\": %" PRIu64 ", \"status\": \"%s\", \"text\": ", c->id,
	       msg_status_word(a->status));
	print_bytes(wire_bytes(&w));
	printf("}\n");
	fflush(stdout);
	c->used = false;
	done_if_idle();
}

static void send_stats(uint64_t id)
{
	struct fabric_request r = {
		.type = MSG_STATS, .again = true, .budget_us = 5000000, .done = on_stats
	};
	struct call *c = free_call();

	if (c == NULL)
		exit(1);
	*c = (struct call){ .id = id, .used = true };
	r.ctx = c;
	c->fabric_id = fabric_call(tool.caller, &r);
}

static void send_request(char **words, unsigned count)
{
	struct fabric_request r = { .type = MSG_SQL, .done = on_answer };
	struct call *c = free_call();
	struct buf b;

	if (c == NULL)
		exit(1);
	*c = (struct call){ .id = strtoull(words[0], NULL, 10),
			    .began_us = clock_us(),
			    .used = true };
	buf_init(&b, LINE_SIZE);
	if (strncmp(words[3], "x:", 2) == 0)
		put_raw(&b, words[3] + 2);
	else
		put_statements(&b, words + 3, count - 3);
	trace_new(&r.context);
	trace_hex(r.context.trace, c->trace);
	for (size_t i = 0; words[2][0] != '-' && i < FABRIC_KEY_SIZE; i++)
		r.context.key[i] =
		    (uint8_t)(hex(words[2][2 * i]) << 4 | hex(words[2][2 * i + 1]));
	r.budget_us = strtoll(words[1], NULL, 10) * 1000;
	r.again = true; /* a write without a key too: dbproxy must know better */
	r.body = buf_get(&b);
	r.ctx = c;
	c->fabric_id = fabric_call(tool.caller, &r);
	if (c->fabric_id == 0) {
		printf("{\"id\": %" PRIu64 ", \"status\": \"full\"}\n", c->id);
		c->used = false;
	}
	buf_fini(&b);
}

static void on_line(char *line)
{
	static char *words[4096];
	unsigned count = 0;
	char *save = NULL;

	for (char *w = strtok_r(line, " ", &save); w != NULL && count < 4096;
	     w = strtok_r(NULL, " ", &save))
		words[count++] = w;
	if (count == 2 && strcmp(words[1], "cancel") == 0)
		cancel(strtoull(words[0], NULL, 10));
	else if (count == 2 && strcmp(words[1], "stats") == 0)
		send_stats(strtoull(words[0], NULL, 10));
	else if (count >= 4)
		send_request(words, count);
}

static void on_input(void *ctx, uint32_t events)
{
	ssize_t n = read(0, tool.line + tool.n, LINE_SIZE - tool.n - 1);
	char *end;

	(void)ctx, (void)events;
	if (n <= 0) {
		loop_fd_remove(tool.loop, &tool.input);
		tool.ended = true;
		done_if_idle();
		return;
	}
	tool.n += (size_t)n;
	while ((end = memchr(tool.line, '\n', tool.n)) != NULL) {
		*end = '\0';
		on_line(tool.line);
		tool.n -= (size_t)(end + 1 - tool.line);
		memmove(tool.line, end + 1, tool.n);
	}
}

int main(int argc, char **argv)
{
	struct fabric *f = fabric_new();
	struct fabric_caller_options options = {
		.run_dir = argv[1],
		.service = "dbproxy",
		.calls_max = CALLS_MAX,
		.queue_max = CALLS_MAX,
		.wake = fabric_tie_wake,
		.ctx = &tool.tie,
	};

	if (argc != 2 || f == NULL)
		return 64;
	tool.loop = loop_new();
	tool.line = malloc(LINE_SIZE);
	fabric_tie_init(&tool.tie, tool.loop);
	tool.caller = fabric_caller_new(f, &options);
	tool.input = (struct loop_fd){ .run = on_input };
	if (tool.caller == NULL || !fabric_tie_caller(&tool.tie, tool.caller) ||
	    !loop_fd_add(tool.loop, &tool.input, 0, EPOLLIN))
		return 71;
	loop_run(tool.loop);
	fabric_tie_fini(&tool.tie);
	fabric_caller_free(tool.caller);
	fabric_free(f);
	loop_free(tool.loop);
	free(tool.line);
	return 0;
}
