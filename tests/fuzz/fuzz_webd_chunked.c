/* fuzz_webd_chunked.c -- any bytes as a chunked body. It must come out the same in
 * one piece and in pieces of any size; the first byte is that size. */
#include <stdlib.h>
#include <sys/types.h>

#include "common/str.h"

struct phr_chunked_decoder {
	size_t bytes_left_in_chunk;
	char consume_trailer, _hex_count, _state;
};
ssize_t phr_decode_chunked(struct phr_chunked_decoder *, char *, size_t *);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Gives what the last call gave; *ret_n bytes of body are in ret. */
static ssize_t decode(const uint8_t *bytes, size_t n, size_t step, char *ret,
		      size_t *ret_n)
{
	struct phr_chunked_decoder d = { .consume_trailer = 1 };
	ssize_t left = -2;

	*ret_n = 0;
	for (size_t at = 0; at < n && left == -2; at += step) {
		size_t part = n - at < step ? n - at : step;
		char *copy = malloc(part);

		memcpy(copy, bytes + at, part);
		left = phr_decode_chunked(&d, copy, &part);
		memcpy(ret + *ret_n, copy, part);
		*ret_n += part;
		if (left >= 0)
			left += (ssize_t)(n - at - (n - at < step ? n - at : step));
		free(copy);
	}
	return left;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	char *whole, *pieces;
	size_t whole_n, pieces_n;

	if (n < 2)
		return 0;
	whole = malloc(n);
	pieces = malloc(n);
	if (decode(bytes + 1, n - 1, n - 1, whole, &whole_n) !=
		decode(bytes + 1, n - 1, bytes[0] % 64 + 1u, pieces, &pieces_n) ||
	    whole_n != pieces_n || memcmp(whole, pieces, whole_n) != 0)
		abort();
	free(whole);
	free(pieces);
	return 0;
}
