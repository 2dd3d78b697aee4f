/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The far side: serves one controller on standard input and output. It ends
 * what it does at its deadline, when its input ends, and when nothing was
 * heard for SILENCE_NS: a command outlives the ssh that brought it.
 */
#ifndef HOSTS_AGENT_H
#define HOSTS_AGENT_H

/**
 * agent_main() - serve until the input ends
 * @command:	runs a command of asibench, argv[0] being its name
 * Return: exit status.
 */
int agent_main(int (*command)(int argc, char **argv));

#endif
