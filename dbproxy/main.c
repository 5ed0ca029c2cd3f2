/* main.c -- see dbproxy.c for what dbproxy is. */
#include "dbproxy/dbproxy.h"

int main(int argc, char **argv)
{
	return daemon_main(argc, argv, &dbproxy_manifest);
}
