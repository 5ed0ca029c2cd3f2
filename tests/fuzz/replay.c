/* replay.c -- runs a fuzz target over files instead of under libFuzzer: every file of the
 * folders given, its beginnings, and copies of it damaged in ways that are the same in
 * every run. It is what `make check` links with a target; tests/lib/replay calls it.
 *
 *     fuzz_wire FOLDER...
 *
 * Each input gets memory of exactly its size, so that AddressSanitizer sees one byte too
 * far. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { INPUT_MAX = 1 << 20, DAMAGED = 200, CUTS = 64, SECONDS = 120 };

static uint64_t random_state;

static uint32_t next_random(void)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33);
}

static void run(const uint8_t *bytes, size_t n)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, bytes, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static void run_damaged(const uint8_t *bytes, size_t n)
{
	uint8_t *copy = malloc(n);

	if (copy == NULL)
		abort();
	for (int i = 0; i < DAMAGED; i++) {
		size_t kept = next_random() % 4 == 0 ? next_random() % n + 1 : n;

		memcpy(copy, bytes, n);
		for (unsigned hits = next_random() % 4 + 1; hits > 0; hits--)
			copy[next_random() % kept] =
			    next_random() % 2 ? (uint8_t)next_random() : 0xff;
		run(copy, kept);
	}
	free(copy);
}

static void run_file(const char *folder, const char *name)
{
	static uint8_t bytes[INPUT_MAX];
	char path[4096];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "re");
	if (f == NULL) {
		fprintf(stderr, "replay: cannot read %s\n", path);
		exit(1);
	}
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	random_state = n;
	run(bytes, n);
	for (size_t i = 0; i < n && i < CUTS; i++)
		run(bytes, i);
	if (n > 0)
		run_damaged(bytes, n);
}

/* How many files there were. */
static unsigned run_folder(const char *folder)
{
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort);
	unsigned files = 0;

	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.') {
			alarm(SECONDS);
			run_file(folder, names[i]->d_name);
			files++;
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return files;
}

int main(int argc, char **argv)
{
	unsigned files = 0;

	for (int i = 1; i < argc; i++)
		files += run_folder(argv[i]);
	if (files == 0) {
		fprintf(stderr, "replay: no corpus file\n");
		return 1;
	}
	printf("%u files\n", files);
	return 0;
}
