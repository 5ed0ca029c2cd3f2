/* main.c -- dnsd: the authoritative name server. */
#include "dnsd/dnsd.h"

int main(int argc, char **argv)
{
	return daemon_main(argc, argv, &dnsd_manifest);
}
