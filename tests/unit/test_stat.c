/* test_stat.c -- common/stat.h: counting from threads, and the Prometheus text. */
#include "common/stat.h"

#include <pthread.h>

#include "tests/unit/check.h"

enum { THREADS = 4, EACH = 10000 };

static void *count(void *ctx)
{
	(void)ctx;
	for (int i = 0; i < EACH; i++) {
		stat_one(STAT_REQUESTS);
		if (i % 100 == 0)
			stat_read(STAT_REQUESTS);
	}
	return NULL;
}

TEST(threads_count_together_and_nothing_is_lost_when_they_end)
{
	uint64_t before = stat_read(STAT_REQUESTS);
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, count, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK_INT(stat_read(STAT_REQUESTS) - before, THREADS * EACH);
}

static struct str printed(struct buf *b, const char *program)
{
	buf_init(b, 1 << 20);
	stat_print(b, program);
	CHECK(buf_ok(b));
	return buf_get(b);
}

TEST(the_text_has_heads_labels_and_values)
{
	struct buf b;
	struct str text;

	stat_add(STAT_RELOADS_OK, 3);
	stat_one(STAT_RELOADS_REFUSED);
	text = printed(&b, "webd");
	CHECK_HAS(text, "onebox_build_info{program=\"webd\",version=\"");
	CHECK_HAS(text, "# TYPE onebox_reloads_total counter\n"
			"onebox_reloads_total{result=\"ok\"} 3\n"
			"onebox_reloads_total{result=\"refused\"} 1\n");
	CHECK_HAS(text, "# TYPE process_resident_memory_bytes gauge\n");
	CHECK_HAS(text, "onebox_fabric_resent_total 0\n");
	buf_fini(&b);
}

/* Every line is a comment or `name{labels} number`; a metric's lines stand together. */
TEST(the_text_is_well_formed)
{
	static char seen[400][64];
	struct buf b;
	struct str rest = printed(&b, "webd");
	size_t metrics = 0;

	CHECK(str_ends(rest, STR("\n")));
	while (rest.n > 0) {
		struct str line = str_cut(&rest, '\n');
		char name[64];

		if (str_starts(line, STR("# TYPE "))) {
			struct str words = { line.p + 7, line.n - 7 };

			str_copy(name, sizeof(name), str_cut(&words, ' '));
			for (size_t i = 0; i < metrics; i++)
				if (strcmp(seen[i], name) == 0)
					CHECK_FAIL("%s has two heads", name);
			if (CHECK(metrics < 400))
				memcpy(seen[metrics++], name, sizeof(name));
		} else if (!str_starts(line, STR("# HELP "))) {
			CHECK(metrics > 0 && str_starts(line, str_of(seen[metrics - 1])));
			CHECK(line.p[line.n - 1] >= '0' && line.p[line.n - 1] <= '9');
		}
	}
	CHECK(metrics > 10);
	buf_fini(&b);
}

TEST(a_program_prints_its_own_rows_only)
{
	static const char *const programs[] = { "dnsd", "webd", "appd", "dbproxy" };
	struct buf b;

	for (int i = 0; i < 4; i++) {
		struct str text = printed(&b, programs[i]);

		for (int j = 0; j < 4; j++) {
			char metric[32];

			snprintf(metric, sizeof(metric), "\n%s_", programs[j]);
			if (i != j && memmem(text.p, text.n, metric, strlen(metric)))
				CHECK_FAIL("%s prints a metric of %s", programs[i],
					   programs[j]);
		}
		buf_fini(&b);
	}
}
