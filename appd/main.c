/* main.c -- appd; everything is in appd.c. */
#include "appd/appd.h"

int main(int argc, char **argv)
{
	return daemon_main(argc, argv, &appd_manifest);
}
