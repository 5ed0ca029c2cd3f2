/* fuzz_dbproxy_request.c -- any bytes as a MSG_SQL message: refused, or a job whose
 * values can all be read. */
#include "dbproxy/job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct job *j)
{
	struct db_value values[DB_BINDS_MAX];
	char names[64];

	for (unsigned i = 0; i < j->count; i++) {
		unsigned n = job_values(j, i, values);

		if (n != j->statements[i].s->bind_count)
			abort();
		for (unsigned v = 0; v < n; v++) {
			bool bytes =
			    values[v].type == TYPE_TEXT || values[v].type == TYPE_BYTES;

			if (bytes && !values[v].null && values[v].s.n > 0 &&
			    memchr(values[v].s.p, 0, values[v].s.n) == values)
				abort(); /* touches every byte */
		}
	}
	job_names(j, names, sizeof(names));
	(void)job_too_long(j, 4, names, sizeof(names));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	const struct fabric_incoming in = { .body = { (const char *)data, size } };
	struct str detail;
	struct job *j;

	if (!ready)
		statements_init();
	ready = true;
	if (job_new(&in, &j, &detail) == CLASS_OK) {
		read_all(j);
		job_free(j);
	} else if (detail.n > 0 && memchr(detail.p, 0, detail.n) == &in) {
		abort();
	}
	return 0;
}
