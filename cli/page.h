/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a page shows beside the rows of a comparison. */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "cli/judged.h"
#include "cli/sides.h"

#define PAGE_REVISIONS	50	/* of a trend; more cannot be told apart */

/**
 * struct page - trends and distributions of a comparison's rows
 * @panel:	one per row
 */
struct page {
	struct figures_list list;
	struct track *track;
	size_t ntracks;
	struct judged *judged;	/* one per track */
	struct report_panel *panel;
	size_t n;
};

/* Return: 0 or a negative errno, said but for -ENOMEM. */
int page_load(struct page *page, const struct sides *s);
void page_free(struct page *page);

#endif
