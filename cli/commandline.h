/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line as it was given, for "reproduce". */
#ifndef CLI_COMMANDLINE_H
#define CLI_COMMANDLINE_H

void commandline_keep(int argc, char **argv);

#endif
