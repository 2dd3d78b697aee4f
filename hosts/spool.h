/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an agent keeps on its host: one directory per measurement, until its
 * controller has said that it has the results.
 */
#ifndef HOSTS_SPOOL_H
#define HOSTS_SPOOL_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * struct spool - one measurement
 * @dir:	its directory
 * @db:		its results
 * @resumes:	an interrupted one of this boot is there
 * @complete:	one that ended by itself is there
 */
struct spool {
	char dir[PATH_MAX - 64];
	char db[PATH_MAX];
	int resumes;
	int complete;
};

/* Where everything is: $ASIBENCH_AGENT_DIR or /var/tmp/asibench-UID. */
int agent_dir(char *buf, size_t size);

/* 36 characters, as uuid_make() writes them. */
int spool_id_ok(const char *id);

/**
 * spool_open() - a measurement's directory, made if it is not there
 * @id:		of the measurement
 * @boot:	boot_id that it runs in
 * @conf:	text of the host's file of hosts.d for it
 *
 * Return: 0 or a negative errno; @why says what is wrong.
 */
int spool_open(struct spool *s, const char *id, const char *boot,
	       const char *conf, char *why, size_t size);

/* The same of one that is there; -ENOENT. */
int spool_find(struct spool *s, const char *id);

/* A disk that was full from the first write on leaves an empty file. */
bool spool_has_results(const struct spool *s);

/* It ended by itself: not to be resumed. */
void spool_done(const struct spool *s);

void spool_remove(const char *id);

/* Ids of what is kept, as a JSON array. */
json_t *spool_list(void);

/**
 * spool_lock() - one controller at a time
 * @owner:	who asks, as others are told
 * @busy:	out: who has it, if it is not ours
 * Return: a descriptor to be kept, -EBUSY or another negative errno.
 */
int spool_lock(const char *owner, char *busy, size_t size);

#endif
