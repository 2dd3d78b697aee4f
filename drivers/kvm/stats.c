// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/stats.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/file.h"

#define NAME_MAX_BYTES	256	/* KVM has 48 */

/* In bounds of @len, without overflow. */
static int within(uint64_t offset, uint64_t size, size_t len)
{
	return offset <= len && size <= len - offset;
}

static int value_offset(const struct kvm_stats_header *head,
			const struct kvm_stats_desc *desc, size_t len,
			uint64_t *offset)
{
	uint64_t at = (uint64_t)head->data_offset + desc->offset;

	uint32_t type = desc->flags & KVM_STATS_TYPE_MASK;

	if ((type != KVM_STATS_TYPE_CUMULATIVE &&
	     type != KVM_STATS_TYPE_INSTANT) || desc->size != 1)
		return -ENOTSUP;
	if (!at || !within(at, sizeof(uint64_t), len))
		return -EBADMSG;
	*offset = at;
	return 0;
}

int kvm_stats_find(const void *file, size_t len, const char *name,
		   uint64_t *offset)
{
	const char *bytes = file;
	struct kvm_stats_header head;
	struct kvm_stats_desc desc;
	size_t each, i;

	if (len < sizeof(head))
		return -EBADMSG;
	memcpy(&head, bytes, sizeof(head));
	if (!head.name_size || head.name_size > NAME_MAX_BYTES)
		return -EBADMSG;
	each = sizeof(desc) + head.name_size;
	if (!within(head.desc_offset, (uint64_t)head.num_desc * each, len))
		return -EBADMSG;
	for (i = 0; i < head.num_desc; i++) {
		const char *at = bytes + head.desc_offset + i * each;
		const char *its = at + sizeof(desc);

		memcpy(&desc, at, sizeof(desc));
		if (!memchr(its, '\0', head.name_size))
			return -EBADMSG;
		if (!strcmp(its, name))
			return value_offset(&head, &desc, len, offset);
	}
	return -ENOENT;
}

int kvm_counters_open(struct kvm_counters *c, int fd)
{
	char *file = malloc(KVM_STATS_FILE_MAX);
	ssize_t len;
	int err = 0;
	size_t i;

	c->fd = -1;
	c->readings = 0;
	if (!file)
		return -ENOMEM;
	c->fd = ioctl(fd, KVM_GET_STATS_FD, 0);
	if (c->fd < 0) {
		err = -errno;
		goto out;
	}
	len = file_pread(c->fd, file, KVM_STATS_FILE_MAX);
	if (len < 0)
		err = len;
	for (i = 0; i < KVM_COUNTERS && c->name[i] && !err; i++) {
		c->offset[i] = 0;
		if (kvm_stats_find(file, len, c->name[i], &c->offset[i]) ==
		    -EBADMSG)
			err = -EBADMSG;
	}
	if (err)
		kvm_counters_close(c);
out:
	free(file);
	return err;
}

int kvm_counters_read(struct kvm_counters *c)
{
	ssize_t got;
	size_t i;

	if (c->fd < 0)
		return -EBADF;
	for (i = 0; i < KVM_COUNTERS && c->name[i]; i++) {
		if (!c->offset[i])
			continue;
		got = pread(c->fd, &c->last[i], sizeof(c->last[i]),
			    c->offset[i]);
		if (got < 0)
			return -errno;
		if (got != sizeof(c->last[i]))
			return -EIO;
	}
	if (!c->readings++)
		memcpy(c->first, c->last, sizeof(c->first));
	return 0;
}

void kvm_counters_close(struct kvm_counters *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}
