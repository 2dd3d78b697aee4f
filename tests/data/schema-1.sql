-- SPDX-License-Identifier: GPL-2.0-or-later
-- results.db, version 1.
--
-- host > build > boot > run > sample. Everything that changes a number is in
-- variant; everything that a comparison must match, list or may differ in is
-- a fact with a class. Names that enumerations of lib/model.h give are kept
-- as those names. Text is stored exactly as given, whatever it holds: who
-- prints it escapes it.

CREATE TABLE host (
	id		INTEGER PRIMARY KEY,
	fingerprint	TEXT NOT NULL UNIQUE
			CHECK (length(fingerprint) BETWEEN 1 AND 128),
	alias		TEXT NOT NULL UNIQUE	-- may be published
			CHECK (length(alias) BETWEEN 1 AND 128),
	name		TEXT NOT NULL		-- is never published
			CHECK (length(name) <= 256)
) STRICT;

CREATE TABLE build (
	id		INTEGER PRIMARY KEY,
	release		TEXT NOT NULL CHECK (length(release) <= 256),
	build_id	TEXT NOT NULL CHECK (length(build_id) <= 128),
	commit_id	TEXT NOT NULL CHECK (length(commit_id) <= 128),
	tree		TEXT NOT NULL CHECK (length(tree) <= 512),
	patch_id	TEXT NOT NULL CHECK (length(patch_id) <= 128),
	config_hash	TEXT NOT NULL CHECK (length(config_hash) <= 128),
	toolchain	TEXT NOT NULL CHECK (length(toolchain) <= 256),
	dirty		INTEGER NOT NULL CHECK (dirty IN (0, 1))
) STRICT;
CREATE INDEX build_by_build_id ON build (build_id, release);

-- A name for a build within a series; patch K of patches N, 0 of 0 the whole.
CREATE TABLE label (
	id		INTEGER PRIMARY KEY,
	series		TEXT NOT NULL CHECK (length(series) BETWEEN 1 AND 200),
	revision	TEXT NOT NULL
			CHECK (length(revision) BETWEEN 1 AND 200),
	patch		INTEGER NOT NULL CHECK (patch BETWEEN 0 AND 100000),
	patches		INTEGER NOT NULL CHECK (patches BETWEEN 0 AND 100000),
	build		INTEGER NOT NULL REFERENCES build,
	UNIQUE (series, revision, patch)
) STRICT;

CREATE TABLE boot (
	id		INTEGER PRIMARY KEY,
	uuid		TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
	host		INTEGER NOT NULL REFERENCES host,
	parent		INTEGER REFERENCES boot,	-- of a guest: its host's
	build		INTEGER NOT NULL REFERENCES build,
	kind		TEXT NOT NULL
			CHECK (kind IN ('host', 'guest', 'emulated')),
	boot_id		TEXT NOT NULL CHECK (length(boot_id) <= 128),
	seen		TEXT NOT NULL CHECK (length(seen) <= 32),
	UNIQUE (host, boot_id, kind)
) STRICT;

CREATE TABLE arm (
	id		INTEGER PRIMARY KEY,
	name		TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
	switches	TEXT NOT NULL CHECK (length(switches) <= 65536),
	UNIQUE (name, switches)
) STRICT;

-- One row per change of what was seen: a slot points to the one it ran under.
CREATE TABLE arm_state (
	id		INTEGER PRIMARY KEY,
	boot		INTEGER NOT NULL REFERENCES boot,
	arm		INTEGER NOT NULL REFERENCES arm,
	claim		TEXT NOT NULL CHECK (length(claim) <= 200),
	state		TEXT NOT NULL CHECK (state IN
			('verified', 'contradicted', 'unverified')),
	evidence	TEXT NOT NULL CHECK (length(evidence) <= 4096)
) STRICT;
CREATE INDEX arm_state_by_boot ON arm_state (boot, arm);

CREATE TABLE variant (
	id		INTEGER PRIMARY KEY,
	benchmark	TEXT NOT NULL
			CHECK (length(benchmark) BETWEEN 1 AND 200),
	params		TEXT NOT NULL CHECK (length(params) <= 4096),
	place		TEXT NOT NULL CHECK (place IN
			('user', 'guest0', 'guest3', 'host0', 'guest-os')),
	profile		TEXT NOT NULL CHECK (length(profile) <= 200),
	UNIQUE (benchmark, params, place, profile)
) STRICT;

-- seed is the unsigned one, as the signed number of the same 64 bits. The
-- owner is a process of the machine that had that boot_id.
CREATE TABLE campaign (
	id		INTEGER PRIMARY KEY,
	uuid		TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
	host		INTEGER NOT NULL REFERENCES host,
	boot		INTEGER NOT NULL REFERENCES boot,
	plan		TEXT NOT NULL CHECK (length(plan) <= 16777216),
	seed		INTEGER NOT NULL,
	state		TEXT NOT NULL
			CHECK (state IN ('running', 'done', 'interrupted')),
	stop		TEXT NOT NULL CHECK (length(stop) <= 200),
	started		REAL NOT NULL,
	owner_pid	INTEGER NOT NULL,
	owner_start	INTEGER NOT NULL,
	owner_boot	TEXT NOT NULL CHECK (length(owner_boot) <= 128)
) STRICT;
CREATE INDEX campaign_by_boot ON campaign (boot);
CREATE INDEX campaign_open ON campaign (state) WHERE state = 'running';

CREATE TABLE slot (
	id		INTEGER PRIMARY KEY,
	campaign	INTEGER NOT NULL REFERENCES campaign,
	boot		INTEGER NOT NULL REFERENCES boot,
	label		INTEGER NOT NULL REFERENCES label,
	arm		INTEGER NOT NULL REFERENCES arm,
	arm_state	INTEGER REFERENCES arm_state,
	variant		INTEGER NOT NULL REFERENCES variant,
	mode		TEXT NOT NULL
			CHECK (mode IN ('timed', 'counted', 'injected')),
	inject		INTEGER NOT NULL,
	block		INTEGER NOT NULL,
	ord		INTEGER NOT NULL,
	attempt		INTEGER NOT NULL,
	state		TEXT NOT NULL CHECK (state IN
			('started', 'done', 'skipped', 'interrupted')),
	reason		TEXT NOT NULL CHECK (length(reason) <= 4096),
	owner_pid	INTEGER NOT NULL,
	owner_start	INTEGER NOT NULL,
	owner_boot	TEXT NOT NULL CHECK (length(owner_boot) <= 128)
) STRICT;
CREATE INDEX slot_by_campaign ON slot (campaign, variant, block, ord);
CREATE INDEX slot_open ON slot (state) WHERE state = 'started';
CREATE INDEX slot_without_run ON slot (label, arm)
	WHERE state IN ('skipped', 'interrupted');

CREATE TABLE run (
	id		INTEGER PRIMARY KEY,
	uuid		TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
	slot		INTEGER UNIQUE REFERENCES slot,
	boot		INTEGER NOT NULL REFERENCES boot,
	label		INTEGER NOT NULL REFERENCES label,
	arm		INTEGER NOT NULL REFERENCES arm,
	arm_state	INTEGER REFERENCES arm_state,
	variant		INTEGER NOT NULL REFERENCES variant,
	origin		TEXT NOT NULL CHECK (length(origin) <= 512),
	mode		TEXT NOT NULL
			CHECK (mode IN ('timed', 'counted', 'injected')),
	inject		INTEGER NOT NULL,
	status		TEXT NOT NULL CHECK (status IN ('ok', 'interpreted',
			'invalid', 'skipped', 'stuck', 'failed',
			'interrupted')),
	reason		TEXT NOT NULL CHECK (length(reason) <= 4096),
	noisy		INTEGER NOT NULL,
	started		REAL NOT NULL,
	seconds		REAL NOT NULL,
	lost		INTEGER NOT NULL,
	pace		REAL	-- of the core, ticks per cycle; NULL unknown
) STRICT;
CREATE INDEX run_by_label ON run (label, mode, arm, variant);
CREATE INDEX run_by_variant ON run (variant);
CREATE INDEX run_by_boot ON run (boot, pace);
CREATE INDEX run_by_start ON run (started);

CREATE TABLE metric (
	id		INTEGER PRIMARY KEY,
	name		TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
	unit		TEXT NOT NULL CHECK (length(unit) <= 64),
	better		TEXT NOT NULL
			CHECK (better IN ('lower', 'higher', 'neither')),
	scale		TEXT NOT NULL CHECK (scale IN ('log', 'linear')),
	nature		TEXT NOT NULL
			CHECK (nature IN ('replicated', 'exact', 'count')),
	is_primary	INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
	UNIQUE (name, unit, better, scale, nature, is_primary)
) STRICT;

-- lo, hi: 95 % interval of the run's own figure; NULL where unknown.
CREATE TABLE value (
	run		INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
	metric		INTEGER NOT NULL REFERENCES metric,
	value		REAL,
	n		INTEGER NOT NULL,
	lo		REAL,
	hi		REAL,
	PRIMARY KEY (run, metric)
) STRICT, WITHOUT ROWID;

-- In the order taken. checksum: the first 16 bytes, in hex, of the SHA-256 of
-- the decoded values as 64-bit little-endian integers.
CREATE TABLE sample (
	id		INTEGER PRIMARY KEY,
	run		INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
	metric		INTEGER NOT NULL REFERENCES metric,
	batch		INTEGER NOT NULL,
	codec		TEXT NOT NULL CHECK (codec IN ('delta', 'delta+zstd')),
	count		INTEGER NOT NULL
			CHECK (count BETWEEN 0 AND 67108864),
	checksum	TEXT NOT NULL CHECK (length(checksum) = 32),
	blob		BLOB NOT NULL,
	UNIQUE (run, metric, batch)
) STRICT;

-- size and sha256 are those of the content before it was packed.
CREATE TABLE artifact (
	id		INTEGER PRIMARY KEY,
	run		INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
	name		TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
	codec		TEXT NOT NULL CHECK (codec IN ('raw', 'zstd')),
	size		INTEGER NOT NULL
			CHECK (size BETWEEN 0 AND 16777216),
	sha256		TEXT NOT NULL CHECK (length(sha256) = 64),
	blob		BLOB NOT NULL,
	UNIQUE (run, name)
) STRICT;

-- owner: id of a host, a boot or a run. A narrower scope outweighs a wider
-- one: a host's fact that changed later is kept with the boot that saw the
-- change, a boot's with the runs that followed it.
CREATE TABLE fact (
	scope		TEXT NOT NULL CHECK (scope IN ('host', 'boot', 'run')),
	owner		INTEGER NOT NULL,
	key		TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 63),
	type		TEXT NOT NULL CHECK (type IN ('text', 'int', 'real')),
	value		ANY CHECK (value IS NULL OR (length(value) <= 191 AND
			typeof(value) =
			CASE type WHEN 'int' THEN 'integer' ELSE type END)),
	class		TEXT NOT NULL CHECK (class IN
			('environment', 'identity', 'treatment', 'witness')),
	publish		INTEGER NOT NULL CHECK (publish IN (0, 1)),
	PRIMARY KEY (scope, owner, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX fact_compared_of_run ON fact (owner)
	WHERE scope = 'run' AND class <> 'witness';

-- content: for merged databases the SHA-256 over the content of their runs.
CREATE TABLE import (
	id		INTEGER PRIMARY KEY,
	content		TEXT NOT NULL UNIQUE CHECK (length(content) = 64),
	format		TEXT NOT NULL,
	file		TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
	id		INTEGER PRIMARY KEY,
	at		TEXT NOT NULL,
	who		TEXT NOT NULL,
	what		TEXT NOT NULL
) STRICT;

-- For reading with plain sqlite3. boot and run are numbers in this
-- file; "asibench show" takes a run's.
CREATE VIEW v_result AS
SELECT	v.benchmark AS benchmark, v.place AS place, v.params AS params,
	m.name AS metric, m.unit AS unit, h.alias AS host,
	l.revision || CASE l.patch WHEN 0 THEN ''
		ELSE ' ' || l.patch || '/' || l.patches END AS revision,
	a.name AS arm, r.boot AS boot, r.id AS run, r.mode AS mode,
	x.n AS n, x.value AS median, x.lo AS lo, x.hi AS hi,
	CASE WHEN r.pace > 1.25 * (SELECT min(q.pace) FROM run AS q
		WHERE q.boot = r.boot) THEN 'disturbed'	-- lib/pace.h
		ELSE r.status END AS status
FROM	run AS r
	JOIN variant AS v ON v.id = r.variant
	JOIN label AS l ON l.id = r.label
	JOIN arm AS a ON a.id = r.arm
	JOIN boot AS b ON b.id = r.boot
	JOIN host AS h ON h.id = b.host
	LEFT JOIN value AS x ON x.run = r.id
	LEFT JOIN metric AS m ON m.id = x.metric;

CREATE VIEW v_boot AS
SELECT	b.id AS boot, h.alias AS host, b.kind AS kind,
	k.release AS release, k.build_id AS build_id, b.seen AS seen,
	(SELECT group_concat(DISTINCT a.name || ' ' || t.state)
	 FROM arm_state AS t JOIN arm AS a ON a.id = t.arm
	 WHERE t.boot = b.id) AS arms,
	(SELECT group_concat(DISTINCT l.revision)
	 FROM run AS r JOIN label AS l ON l.id = r.label
	 WHERE r.boot = b.id) AS revisions,
	(SELECT count(*) FROM run AS r WHERE r.boot = b.id) AS runs,
	b.uuid AS uuid
FROM	boot AS b
	JOIN host AS h ON h.id = b.host
	JOIN build AS k ON k.id = b.build;
