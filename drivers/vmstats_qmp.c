// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/vmstats.h"
#include "lib/text.h"

static int name_index(const char *const *names, size_t n, const char *name)
{
	size_t i;

	for (i = 0; name && i < n; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

/* What the schema says of a statistic; -1 if it is of no kind known here. */
static int describe(const json_t *o, struct kvmstat *s)
{
	static const char *const kinds[] = {
		"cumulative", "instant", "peak", "linear-histogram",
		"log2-histogram",
	};
	static const char *const units[] = {
		"", "bytes", "seconds", "cycles", "boolean",
	};
	const json_t *unit = json_object_get(o, "unit");
	const json_t *base = json_object_get(o, "base");
	int kind = name_index(kinds, 5, json_string_value(
				      json_object_get(o, "type")));
	int u = unit ? name_index(units, 5, json_string_value(unit)) : 0;
	json_int_t e = json_integer_value(json_object_get(o, "exponent"));

	if (kind < 0 || u < 0 || e < -30 || e > 30)
		return -1;
	s->kind = kind;
	s->unit = u;
	s->exponent = e;
	s->base = json_integer_value(base) == 2 ? 2 : 10;
	s->bucket = json_integer_value(json_object_get(o, "bucket-size"));
	return 0;
}

/* The entry of a statistic's name in all schemas of a target. */
static const json_t *schema_of(const json_t *schemas, const char *target,
			       const char *name)
{
	const json_t *schema, *stat;
	size_t i, k;

	json_array_foreach(schemas, i, schema) {
		const char *t = json_string_value(
			json_object_get(schema, "target"));

		if (!t || strcmp(t, target))
			continue;
		json_array_foreach(json_object_get(schema, "stats"), k, stat) {
			const char *n = json_string_value(
				json_object_get(stat, "name"));

			if (n && !strcmp(n, name))
				return stat;
		}
	}
	return NULL;
}

static size_t values_of(const json_t *v)
{
	return json_is_array(v) ? json_array_size(v) : 1;
}

/* The statistic of that name in the set, added if it is new; or NULL. */
static const struct kvmstat *stat_for(struct vmstats *s, const json_t *schemas,
				      const char *target, const char *name,
				      const json_t *value)
{
	const struct kvmstat *old = kvmstats_find(&s->set, name);
	struct kvmstat new = { .n = values_of(value) };
	const json_t *schema;
	int i;

	if (old)
		return old->n == values_of(value) ? old : NULL;
	schema = schema_of(schemas, target, name);
	if (!schema || describe(schema, &new) ||
	    strlen(name) >= sizeof(new.name))
		return NULL;
	strcpy(new.name, name);
	i = kvmstats_add(&s->set, &new);
	return i < 0 ? NULL : &s->set.v[i];
}

static uint64_t number(const json_t *v)
{
	if (json_is_boolean(v))
		return json_is_true(v);
	return json_is_integer(v) ? (uint64_t)json_integer_value(v) : 0;
}

static void take_value(struct vmstats *s, const struct kvmstat *stat,
		       const json_t *value)
{
	uint64_t *to = s->set.value + stat->first, v;
	uint32_t i;

	for (i = 0; i < stat->n; i++) {
		v = number(json_is_array(value) ? json_array_get(value, i) :
			   value);
		if (stat->kind != KVMSTAT_PEAK)
			to[i] += v;
		else if (v > to[i])
			to[i] = v;
	}
}

/* Of each vCPU, or of the VM; statistics of no kind known are counted. */
static int take_all(struct vmstats *s, const json_t *schemas,
		    const char *target, const json_t *list)
{
	const json_t *entry, *one;
	size_t i, k;
	int n = 0;

	json_array_foreach(list, i, entry) {
		const char *provider = json_string_value(
			json_object_get(entry, "provider"));

		if (!provider || strcmp(provider, "kvm"))
			continue;
		n++;
		json_array_foreach(json_object_get(entry, "stats"), k, one) {
			const json_t *value = json_object_get(one, "value");
			const char *name = json_string_value(
				json_object_get(one, "name"));
			const struct kvmstat *stat = name && value ?
				stat_for(s, schemas, target, name, value) :
				NULL;

			if (stat)
				take_value(s, stat, value);
			else
				s->set.left_out++;
		}
	}
	return n;
}

static int query(struct qmp *q, const char *target, json_t **ret, char *why,
		 size_t size)
{
	return qmp_execute(q, "query-stats",
			   json_pack("{s:s, s:[{s:s}]}", "target", target,
				     "providers", "provider", "kvm"),
			   ret, why, size);
}

/* Nothing is refused where KVM is not used: the lists are just empty. */
static int without_kvm(struct qmp *q, char *why, size_t size)
{
	json_t *ret = NULL;
	int err = qmp_execute(q, "query-kvm", NULL, &ret, why, size);

	if (!err && json_is_true(json_object_get(ret, "enabled")))
		snprintf(why, size, "QEMU %s gives no statistics of KVM: the kernel is older than 5.14",
			 qmp_version(q));
	else if (!err)
		snprintf(why, size, "this guest does not run under KVM (QEMU's query-kvm says so)");
	json_decref(ret);
	return err ? err : -EOPNOTSUPP;
}

int vmstats_qmp(struct qmp *q, struct vmstats *s, char *why, size_t size)
{
	json_t *schemas = NULL, *vcpus = NULL, *vm = NULL;
	char said[160];
	int err;

	err = qmp_execute(q, "query-stats-schemas", NULL, &schemas, why, size);
	if (!err)
		err = query(q, "vcpu", &vcpus, why, size);
	if (!err)
		err = query(q, "vm", &vm, why, size);
	if (err == -EREMOTEIO) {
		text_clean(said, sizeof(said), why);
		snprintf(why, size, "%s (query-stats came with QEMU 7.1): use debugfs, by --pid",
			 said);
		err = -EOPNOTSUPP;
	}
	if (err)
		goto out;
	kvmstats_clear(&s->set);
	s->vcpus = take_all(s, schemas, "vcpu", vcpus);
	s->vms = take_all(s, schemas, "vm", vm);
	if (!s->vcpus)
		err = without_kvm(q, why, size);
out:
	json_decref(schemas);
	json_decref(vcpus);
	json_decref(vm);
	return err;
}
