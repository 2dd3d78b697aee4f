// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a program while others fork without end and timers expire: two loops
 * that fork, and a thousand signals a second in each.
 *
 *	underload PROGRAM [ARGUMENT...]
 *
 * Ends with the program's status; prints how many forks there were.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOPS	2

static void on_alarm(int sig)
{
}

static void storm(volatile unsigned long *forks)
{
	const struct itimerval each = { { 0, 1000 }, { 0, 1000 } };
	const struct sigaction act = {
		.sa_handler = on_alarm, .sa_flags = SA_RESTART,
	};
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &each, NULL);
	for (;;) {
		pid = fork();
		if (!pid)
			_exit(0);
		if (pid > 0)
			waitpid(pid, NULL, 0);
		++*forks;
	}
}

int main(int argc, char **argv)
{
	volatile unsigned long *forks = mmap(NULL, 4096, PROT_READ |
					     PROT_WRITE, MAP_SHARED |
					     MAP_ANONYMOUS, -1, 0);
	pid_t loop[LOOPS], pid;
	int status = 0, i;

	if (argc < 2 || forks == MAP_FAILED)
		return 2;
	for (i = 0; i < LOOPS; i++) {
		loop[i] = fork();
		if (!loop[i])
			storm(forks + i);
	}
	pid = fork();
	if (!pid) {
		execv(argv[1], argv + 1);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	for (i = 0; i < LOOPS; i++) {
		kill(loop[i], SIGKILL);
		waitpid(loop[i], NULL, 0);
	}
	printf("forks %lu\n", forks[0] + forks[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
