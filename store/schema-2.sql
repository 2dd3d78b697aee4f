-- SPDX-License-Identifier: GPL-2.0-or-later
-- What version 2 of results.db adds. A step is never edited once released.

-- Campaigns that compared a kernel with itself, a pair of equal arms each.
CREATE TABLE aa (
	campaign	INTEGER NOT NULL PRIMARY KEY REFERENCES campaign
) STRICT, WITHOUT ROWID;

-- What was concluded, at the time, from such a pair. p is NULL where the
-- row was not judged.
CREATE TABLE aa_result (
	id		INTEGER PRIMARY KEY,
	campaign	INTEGER NOT NULL REFERENCES aa,
	variant		INTEGER NOT NULL REFERENCES variant,
	metric		INTEGER NOT NULL REFERENCES metric,
	n_a		INTEGER NOT NULL,
	n_b		INTEGER NOT NULL,
	ratio		REAL,
	p		REAL CHECK (p BETWEEN 0 AND 1),
	verdict		TEXT NOT NULL CHECK (verdict IN ('regressed',
			'improved', 'equivalent', 'small', 'inconclusive',
			'unchecked')),
	UNIQUE (campaign, variant, metric)
) STRICT;

-- The order of a series' revisions, and what is in them: as the user said, or
-- git. Patch 0 is the revision itself, which alone has a place. There need be
-- no label of that name yet, nor need a label be listed here.
CREATE TABLE revision (
	id		INTEGER PRIMARY KEY,
	series		TEXT NOT NULL CHECK (length(series) BETWEEN 1 AND 200),
	revision	TEXT NOT NULL
			CHECK (length(revision) BETWEEN 1 AND 200),
	patch		INTEGER NOT NULL CHECK (patch BETWEEN 0 AND 100000),
	patches		INTEGER NOT NULL CHECK (patches BETWEEN 0 AND 100000),
	place		INTEGER,
	commit_id	TEXT NOT NULL CHECK (length(commit_id) <= 128),
	patch_id	TEXT NOT NULL CHECK (length(patch_id) <= 128),
	subject		TEXT NOT NULL CHECK (length(subject) <= 1000),
	UNIQUE (series, revision, patch)
) STRICT;
CREATE INDEX revision_by_commit ON revision (series, commit_id);
