/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A result on its way out of a guest, where the same program ran: its metrics
 * go by name, all else as it is in memory. The reader trusts none of it.
 */
#ifndef DRIVERS_GUEST_PACKED_H
#define DRIVERS_GUEST_PACKED_H

#include <stdio.h>

#include "drivers/driver.h"

/**
 * result_pack() - write status, values, series, facts
 *
 * The artifact stays behind.
 *
 * Return: 0 or -EIO.
 */
int result_pack(const struct run_result *res, FILE *out);

/**
 * result_unpack() - add what was packed to a result
 * @bench:	whose metrics it may have
 * @res:	values, series and facts are added to its own, these under
 *		"guest." and their key; the rest is replaced
 *
 * Return: 0; -EBADMSG: it is not whole, or not of this program;
 * then @res is as it was.
 */
int result_unpack(const void *data, size_t len, const struct bench *bench,
		  struct run_result *res);

#endif
