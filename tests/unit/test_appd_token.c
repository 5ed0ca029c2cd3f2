/* test_appd_token.c -- appd/token.h, appd/secret.h. */
#include "appd/token.h"

#include <sodium.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/check.h"

static struct secret secret(void)
{
	struct secret s;

	CHECK(sodium_init() >= 0);
	memset(s.key, 'k', sizeof(s.key));
	return s;
}

TEST(a_token_says_who_and_until_when)
{
	struct secret s = secret();
	const struct token t = { .user = 42, .epoch = 3, .expires_s = 2000 };
	struct token back = { 0 };
	char text[TOKEN_SIZE];

	token_make(&s, &t, text);
	CHECK_INT(token_read(&s, str_of(text), 1000, &back), TOKEN_OK);
	CHECK_INT(back.user, 42);
	CHECK_INT(back.epoch, 3);
	CHECK_INT(back.expires_s, 2000);
	CHECK_INT(token_read(&s, str_of(text), 2000, &back), TOKEN_OK);
	CHECK_INT(token_read(&s, str_of(text), 2001, &back), TOKEN_EXPIRED);
	token_make(&s, &(struct token){ INT64_MAX, INT64_MAX, INT64_MAX }, text);
	CHECK_INT(token_read(&s, str_of(text), 0, &back), TOKEN_OK);
	CHECK_INT(back.user, INT64_MAX);
}

TEST(a_known_token)
{
	struct secret s = secret();
	char text[TOKEN_SIZE];

	/* computed apart, by another implementation of HS256 */
	token_make(&s, &(struct token){ 42, 3, 1900000000 }, text);
	CHECK(str_starts(str_of(text),
			 STR("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
			     "eyJzdWIiOjQyLCJlcG9jaCI6MywiZXhwIjoxOTAwMDAwMDAw"
			     "fQ.")));
	CHECK_INT(strlen(text), 36 + 1 + 50 + 1 + 43);
}

TEST(any_bit_that_differs_voids_it)
{
	struct secret s = secret();
	char text[TOKEN_SIZE], bad[TOKEN_SIZE];
	struct token t;
	size_t n;

	token_make(&s, &(struct token){ 42, 3, 2000 }, text);
	n = strlen(text);
	for (size_t i = 0; i < n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			memcpy(bad, text, sizeof(bad));
			bad[i] = (char)(bad[i] ^ (1 << bit));
			if (token_read(&s, (struct str){ bad, n }, 0, &t) !=
			    TOKEN_INVALID)
				CHECK_FAIL("bit %d of byte %zu may differ", bit, i);
		}
		if (token_read(&s, (struct str){ text, i }, 0, &t) != TOKEN_INVALID)
			CHECK_FAIL("%zu bytes are enough", i);
	}
	s.key[31] ^= 1;
	CHECK_INT(token_read(&s, str_of(text), 0, &t), TOKEN_INVALID);
}

TEST(no_other_algorithm)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		"...",
		"eyJhbGciOiJub25lIn0.eyJzdWIiOjF9.",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOjF9.",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAA",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
	};
	struct secret s = secret();
	struct token t;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(token_read(&s, str_of(bad[i]), 0, &t), TOKEN_INVALID);
}

/* ---- the key ---- */

static char folder[] = "/tmp/appd-secret-XXXXXX";

static void remove_folder(void)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/secret/appd.key", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/secret", folder);
	rmdir(path);
	rmdir(folder);
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
}

TEST(the_key_is_made_once_and_for_the_owner_only)
{
	struct secret a, b;
	struct stat st;
	char path[100];

	CHECK(mkdtemp(folder) != NULL);
	CHECK(secret_load(&a, folder));
	CHECK(secret_load(&b, folder));
	CHECK(memcmp(a.key, b.key, sizeof(a.key)) == 0);
	snprintf(path, sizeof(path), "%s/secret/appd.key", folder);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK(truncate(path, 5) == 0);
	CHECK(!secret_load(&b, folder)); /* never signs with half a key */
	remove_folder();
	CHECK(!secret_load(&b, "/no/such/folder"));
}

TEST(processes_that_start_together_agree)
{
	struct secret first, mine;
	int good = 0;

	CHECK(mkdtemp(folder) != NULL);
	for (int i = 0; i < 8; i++)
		if (fork() == 0)
			_exit(secret_load(&mine, folder) ? mine.key[0] % 100 + 1 : 0);
	for (int status, one = 0; wait(&status) > 0; good++) {
		one = one == 0 ? WEXITSTATUS(status) : one;
		CHECK(WEXITSTATUS(status) != 0 && WEXITSTATUS(status) == one);
	}
	CHECK_INT(good, 8);
	CHECK(secret_load(&first, folder));
	remove_folder();
}

TEST(digests_keep_kinds_apart)
{
	uint8_t a[SECRET_DIGEST_SIZE], b[SECRET_DIGEST_SIZE];
	struct secret s = secret();

	secret_digest(&s, "account", STR("x"), a);
	secret_digest(&s, "account", STR("x"), b);
	CHECK(memcmp(a, b, sizeof(a)) == 0);
	secret_digest(&s, "network", STR("x"), b);
	CHECK(memcmp(a, b, sizeof(a)) != 0);
	secret_digest(&s, "account", STR("y"), b);
	CHECK(memcmp(a, b, sizeof(a)) != 0);
	s.key[0] ^= 1;
	secret_digest(&s, "account", STR("x"), b);
	CHECK(memcmp(a, b, sizeof(a)) != 0);
}
