// SPDX-License-Identifier: GPL-2.0-or-later
/* The command table. */
#include "cli/cli.h"

const struct command commands[] = {
	{ "run", cmd_run, "[OPTION]...",
	  "measure this host and keep the results" },
	{ "list", cmd_list, "[GLOB]...",
	  "benchmarks, and what of them can run here" },
	{ "compare", cmd_compare, "[--base REV[@ARM]] [--new REV[@ARM]]",
	  "what changed between two revisions" },
	{ "report", cmd_report, "[--base REV[@ARM]] [--new REV[@ARM]]",
	  "the comparison with all facts, and what was not measured" },
	{ "mail", cmd_mail, "[--base REV[@ARM]] [--new REV[@ARM]]",
	  "the comparison as a block for a mailing list" },
	{ "plot", cmd_plot, "[trend|ecdf|sweep]... [OPTION]...",
	  "pictures of revisions and distributions" },
	{ "history", cmd_history, "[GLOB]... [OPTION]...",
	  "a benchmark's value per revision, and where it changed" },
	{ "explain", cmd_explain, "BENCHMARK [OPTION]...",
	  "why a verdict is what it is, and what to do next" },
	{ "sites", cmd_sites, "LISTING [NEW]",
	  "where a kernel leaves its isolation, and what is new" },
	{ "mappings", cmd_mappings, "LISTING [NEW]",
	  "what a page table maps, by region and level" },
	{ "show", cmd_show, "[RUN]",
	  "one run with all its facts and witnesses" },
	{ "count", cmd_count, "--pid PID | --qmp SOCKET [OPTION]...",
	  "VM exits and host CPU per second of a running VM" },
	{ "doctor", cmd_doctor, "[OPTION]...",
	  "what this host can measure, and what makes it noisy" },
	{ "merge", cmd_merge, "FILE...",
	  "take in a colleague's results" },
	{ "relabel", cmd_relabel, "OLD NEW",
	  "rename a revision" },
	{ "forget", cmd_forget, "REV",
	  "remove a revision and its runs" },
	{ 0 }
};
