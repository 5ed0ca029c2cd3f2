/* main.c -- webd, the HTTP front. */
#include "webd/webd.h"

int main(int argc, char **argv)
{
	return daemon_main(argc, argv, &webd_manifest);
}
