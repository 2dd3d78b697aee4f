// SPDX-License-Identifier: GPL-2.0-or-later
/* Stopping a measurement: what runs is ended, what is done is kept. */
#include <signal.h>
#include <stddef.h>

#include "cli/cli.h"

volatile int cli_stop;

static void on_signal(int sig)
{
	cli_stop = sig;
}

/* Without SA_RESTART: a wait for a child must end. */
void cli_catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal }, old;

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	/* Under nohup(1) the end of the terminal is not ours. */
	if (!sigaction(SIGHUP, NULL, &old) && old.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &sa, NULL);
}
