/* main.c -- dnsd: the authoritative name server. */
#include <string.h>

#include "dnsd/dnsd.h"
#include "dnsd/zone_print.h"

int main(int argc, char **argv)
{
	/* what `onebox zone` asks */
	if ((argc == 3 || argc == 4) && strcmp(argv[1], "check") == 0)
		return zone_print_check(argv[2], argc == 4 ? argv[3] : argv[2]);
	if (argc == 4 && strcmp(argv[1], "diff") == 0)
		return zone_print_diff(argv[2], argv[3]);
	return daemon_main(argc, argv, &dnsd_manifest);
}
