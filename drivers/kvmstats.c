// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvmstats.h"

#include <errno.h>
#include <linux/kvm.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "drivers/kvm/stats.h"
#include "lib/file.h"

#define VALUES_MAX	(64u << 10)

/* KVM's numbers of kinds and units are those of the enumerations. */
_Static_assert(KVM_STATS_TYPE_LOG_HIST >> KVM_STATS_TYPE_SHIFT == KVMSTAT_LOG,
	       "kinds of statistics");
_Static_assert(KVM_STATS_UNIT_CYCLES >> KVM_STATS_UNIT_SHIFT == KVMSTAT_CYCLES,
	       "units of statistics");

/* Room for at least @want elements of @size in *@p, doubled as it grows. */
static int make_room(void **p, size_t have, size_t want, size_t size)
{
	size_t room = 64;
	void *more;

	while (room < have)
		room *= 2;
	if (*p && want <= room)
		return 0;
	while (room < want)
		room *= 2;
	more = reallocarray(*p, room, size);
	if (!more)
		return -ENOMEM;
	*p = more;
	return 0;
}

int kvmstats_add(struct kvmstats *set, const struct kvmstat *s)
{
	size_t end = set->nvalues + s->n;

	if (set->n == KVMSTAT_MAX || !s->n || s->n > KVMSTAT_BUCKETS ||
	    end > VALUES_MAX)
		return -E2BIG;
	if (make_room((void **)&set->v, set->n, set->n + 1, sizeof(*set->v)) ||
	    make_room((void **)&set->value, set->nvalues, end,
		      sizeof(*set->value)))
		return -ENOMEM;
	memset(set->value + set->nvalues, 0, s->n * sizeof(*set->value));
	set->v[set->n] = *s;
	set->v[set->n].first = set->nvalues;
	set->nvalues = end;
	return set->n++;
}

/* In bounds of @len, without overflow. */
static int within(uint64_t offset, uint64_t size, size_t len)
{
	return offset <= len && size <= len - offset;
}

static bool is_known(const struct kvm_stats_desc *d)
{
	uint32_t base = d->flags & KVM_STATS_BASE_MASK;

	return (d->flags & KVM_STATS_TYPE_MASK) >> KVM_STATS_TYPE_SHIFT <
		NR_KVMSTAT_KINDS &&
		(d->flags & KVM_STATS_UNIT_MASK) >> KVM_STATS_UNIT_SHIFT <
		NR_KVMSTAT_UNITS &&
		(base == KVM_STATS_BASE_POW2 || base == KVM_STATS_BASE_POW10);
}

/* @name ends within the file; so must the values. */
static int add_descriptor(struct kvmstats *set, const struct kvm_stats_desc *d,
			  const char *name, uint64_t data, size_t len)
{
	struct kvmstat s = {
		.kind = (d->flags & KVM_STATS_TYPE_MASK) >>
			KVM_STATS_TYPE_SHIFT,
		.unit = (d->flags & KVM_STATS_UNIT_MASK) >>
			KVM_STATS_UNIT_SHIFT,
		.base = (d->flags & KVM_STATS_BASE_MASK) ==
			KVM_STATS_BASE_POW2 ? 2 : 10,
		.exponent = d->exponent, .bucket = d->bucket_size,
		.n = d->size, .at = data + d->offset,
	};
	int i;

	if (!within(data + d->offset, d->size * sizeof(uint64_t), len))
		return -EBADMSG;
	if (!is_known(d) || !d->size || strlen(name) >= sizeof(s.name)) {
		set->left_out++;
		return 0;
	}
	strcpy(s.name, name);
	i = kvmstats_add(set, &s);
	return i < 0 ? i : 0;
}

static void take_values(struct kvmstats *set, const char *file)
{
	const struct kvmstat *s;

	for (s = set->v; s < set->v + set->n; s++)
		memcpy(set->value + s->first, file + s->at,
		       s->n * sizeof(uint64_t));
}

int kvmstats_parse(const void *file, size_t len, struct kvmstats *out)
{
	const char *bytes = file;
	struct kvm_stats_header head;
	struct kvm_stats_desc desc;
	size_t each, i;
	int err = 0;

	memset(out, 0, sizeof(*out));
	if (len < sizeof(head))
		return -EBADMSG;
	memcpy(&head, bytes, sizeof(head));
	each = sizeof(desc) + head.name_size;
	if (!head.name_size || head.name_size > KVM_STATS_FILE_MAX ||
	    !within(head.desc_offset, (uint64_t)head.num_desc * each, len))
		return -EBADMSG;
	for (i = 0; i < head.num_desc && !err; i++) {
		const char *at = bytes + head.desc_offset + i * each;

		memcpy(&desc, at, sizeof(desc));
		err = memchr(at + sizeof(desc), '\0', head.name_size) ?
			add_descriptor(out, &desc, at + sizeof(desc),
				       head.data_offset, len) : -EBADMSG;
	}
	if (err)
		kvmstats_free(out);
	else
		take_values(out, bytes);
	return err;
}

int kvmstats_open(int fd, struct kvmstats *out, int *stats_fd)
{
	char *file = malloc(KVM_STATS_FILE_MAX);
	ssize_t len;
	int err;

	*stats_fd = -1;
	memset(out, 0, sizeof(*out));
	if (!file)
		return -ENOMEM;
	*stats_fd = ioctl(fd, KVM_GET_STATS_FD, 0);
	if (*stats_fd < 0) {
		err = -errno;
		goto out;
	}
	len = file_pread(*stats_fd, file, KVM_STATS_FILE_MAX);
	err = len < 0 ? (int)len : kvmstats_parse(file, len, out);
	if (err) {
		close(*stats_fd);
		*stats_fd = -1;
	}
out:
	free(file);
	return err;
}

int kvmstats_read(struct kvmstats *set, int stats_fd)
{
	char *file = malloc(KVM_STATS_FILE_MAX);
	const struct kvmstat *s;
	ssize_t len;
	int err = 0;

	if (!file)
		return -ENOMEM;
	len = file_pread(stats_fd, file, KVM_STATS_FILE_MAX);
	if (len < 0)
		err = len;
	for (s = set->v; s < set->v + set->n && !err; s++)
		if (!within(s->at, s->n * sizeof(uint64_t), len))
			err = -EBADMSG;
	if (!err)
		take_values(set, file);
	free(file);
	return err;
}

void kvmstats_clear(struct kvmstats *set)
{
	size_t i;

	for (i = 0; i < set->nvalues; i++)
		set->value[i] = 0;
	set->left_out = 0;
}

void kvmstats_free(struct kvmstats *set)
{
	free(set->v);
	free(set->value);
	memset(set, 0, sizeof(*set));
}

const struct kvmstat *kvmstats_find(const struct kvmstats *set,
				    const char *name)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (!strcmp(set->v[i].name, name))
			return &set->v[i];
	return NULL;
}

bool kvmstat_is_histogram(const struct kvmstat *s)
{
	return s->kind == KVMSTAT_LINEAR || s->kind == KVMSTAT_LOG;
}

const char *kvmstat_unit(const struct kvmstat *s, const char *none,
			 double *scale)
{
	static const char *const seconds[] = { "s", "ms", "us", "ns" };
	static const char *const bytes[] = { "bytes", "KiB", "MiB", "GiB" };
	int e = s->exponent;

	*scale = 1;
	if (s->unit == KVMSTAT_SECONDS && s->base == 10 && e <= 0 &&
	    e >= -9 && e % 3 == 0)
		return seconds[-e / 3];
	if (s->unit == KVMSTAT_BYTES && s->base == 2 && e >= 0 && e <= 30 &&
	    e % 10 == 0)
		return bytes[e / 10];
	*scale = pow(s->base, e);
	switch (s->unit) {
	case KVMSTAT_BYTES:
		return "bytes";
	case KVMSTAT_SECONDS:
		return "s";
	case KVMSTAT_CYCLES:
		return "cycles";
	case KVMSTAT_BOOLEAN:
		return "0 or 1";
	default:
		return none;
	}
}

/*
 * Bucket 0 of a logarithmic histogram holds 0, bucket i [2^(i-1), 2^i); the
 * last one of either kind holds all the rest (Documentation/virt/kvm/api.rst).
 */
double kvmstat_bucket_top(const struct kvmstat *s, uint32_t i)
{
	if (i + 1 >= s->n)
		return INFINITY;
	if (s->kind == KVMSTAT_LOG)
		return ldexp(1, i);
	return ((double)i + 1) * s->bucket;
}

const char *kvmstat_kind_name(enum kvmstat_kind kind)
{
	static const char *const names[] = {
		"cumulative", "instant", "peak", "linear histogram",
		"log histogram",
	};

	return names[kind];
}
