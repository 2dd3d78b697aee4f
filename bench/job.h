/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_JOB_H
#define BENCH_JOB_H

/* A job file's text as a string; the path is relative to the top directory. */
#define FIO_JOB(id, path)						\
	extern const char job_##id[];					\
	asm(".pushsection .rodata\n"					\
	    ".globl job_" #id "\n"					\
	    "job_" #id ":\n"						\
	    ".incbin \"" path "\"\n"					\
	    ".byte 0\n"							\
	    ".popsection\n")

#endif
