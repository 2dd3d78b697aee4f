# SPDX-License-Identifier: GPL-2.0-or-later
# asibench: make help

VERSION	:= 0.1.0
O	?= build
PREFIX	?= /usr/local
DESTDIR	?=
CC	?= gcc
ifeq ($(origin CC),default)
CC	:= gcc
endif
PKG_CONFIG ?= pkg-config
WERROR	?=

ifeq ($(V),1)
Q	:=
say	= @:
else
Q	:= @
say	= @printf '  %-7s %s\n'
MAKEFLAGS += --no-print-directory
endif

.DEFAULT_GOAL := all

# Packages first, then everything else by a make of its own, which finds what
# has been installed; also under -j.
STAGE	:= $(filter deps deps-test,$(MAKECMDGOALS))
REST	:= $(filter-out deps deps-test,$(MAKECMDGOALS))

deps:
	$(Q)tools/deps.sh build

deps-test: deps
	$(Q)tools/deps.sh test

.PHONY: deps deps-test

ifneq ($(and $(STAGE),$(REST)),)
.PHONY: $(REST) rest
rest: $(STAGE)
	$(Q)$(MAKE) $(REST)
$(REST): rest
	@:
else

all: $(O)/asibench

# Every object but the sources' own directories is found here; a new file in
# one of these directories needs no line in this one.
DIRS	:= lib bench drivers drivers/kvm drivers/guest drivers/host0 hosts store \
	   import listing analysis analysis/report cli
SRCS	:= $(sort $(foreach d,$(DIRS),$(wildcard $(d)/*.c)))
OBJS	:= $(SRCS:%.c=$(O)/%.o)
PRODUCT	:= $(filter-out $(O)/cli/main.o,$(OBJS))

PKGS	:= hwloc sqlite3 gsl jansson libzstd inih libmd

# The script knows when there is nothing to do (12 ms); what it leaves changes
# only when libperf appears, disappears or is built anew.
LIBPERF	:= $(if $(filter command,$(origin LIBPERF)),$(LIBPERF),build/libperf)
LIBPERF_CFLAGS = $(shell cat $(LIBPERF)/cflags 2>/dev/null)
LIBPERF_LIBS = $(shell cat $(LIBPERF)/libs 2>/dev/null)

WARN	:= -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes \
	   -Wno-unused-parameter -Wno-missing-field-initializers \
	   $(if $(WERROR),-Werror)
CFLAGS	?= -O2 -g
SAN	:=
LDLIBS	= $(shell $(PKG_CONFIG) --libs $(PKGS)) $(LIBPERF_LIBS) -lpthread -lm
CPPFLAGS += -I. -D_GNU_SOURCE -DASIBENCH_VERSION='"$(VERSION)"' \
	   $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
# Code that also executes inside a guest: no FPU or vector registers, nothing
# below the stack pointer (an operation may push flags), no stack guard, no CET landing pads, and no table in .rodata behind a switch, which
# is not mapped there. Sanitizers stay out of these files.
GUESTFLAGS := -mgeneral-regs-only -mno-red-zone -fno-stack-protector \
	   -fcf-protection=none -fno-jump-tables \
	   -fno-asynchronous-unwind-tables
GUESTFLAGS += $(if $(findstring clang,$(CC)),,-fno-tree-switch-conversion)
GUESTSRC := $(wildcard bench/*.c) drivers/sampler.c \
	   $(wildcard drivers/kvm/guest*.c)
$(GUESTSRC:%.c=$(O)/%.o): EXTRA := $(GUESTFLAGS)
$(GUESTSRC:%.c=$(O)/%.o): SAN :=

$(O)/%.o: %.c $(O)/.flags
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(WARN) $(SAN) $(EXTRA) \
		-MMD -MP -c -o $@ $<

$(O)/asibench: $(OBJS)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(SAN) -o $@ $(OBJS) $(LDLIBS)

$(LIBPERF)/cflags: FORCE
	$(Q)tools/libperf.sh $(LIBPERF)
$(LIBPERF)/libs: $(LIBPERF)/cflags

# One loop over levels takes most of the time of a long history.
$(O)/lib/changepoint_path.o: EXTRA := -O3
$(O)/drivers/counters.o: $(LIBPERF)/cflags
$(O)/drivers/counters.o: EXTRA = $(LIBPERF_CFLAGS)
$(O)/bench/io.o $(O)/bench/guest_io.o: $(wildcard bench/*.fio)
$(O)/store/schema.o: $(wildcard store/*.sql)

# Process 1 of a guest: a static program, carried inside this one.
GUEST_INIT := $(O)/drivers/guest/init/init
$(GUEST_INIT): drivers/guest/init/init.c drivers/guest/wire.h $(O)/.flags
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -I. -D_GNU_SOURCE -O2 $(WARN) -static -s -o $@ $<

$(O)/drivers/guest/initblob.o: $(GUEST_INIT)
$(O)/drivers/guest/initblob.o: EXTRA = -DGUEST_INIT='"$(GUEST_INIT)"'
$(O)/analysis/report/html.o: analysis/report/page.css analysis/report/page.js

# Objects are rebuilt when what they are compiled with changes.
.PHONY: FORCE
$(O)/.flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(SAN)' | \
		cmp -s - $@ || \
		echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(SAN)' >$@
FORCE:

-include $(OBJS:.o=.d)

# ---- tests ---------------------------------------------------------------
# Unit tests are linked with all objects but main; programs and preloaded
# libraries that command tests need stand beside them.

UNIT	:= $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/unit/test_*.c)))
PROGS	:= $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/prog/*.c tests/eval/*.c \
	   tests/perf/*.c)))
SHIMS	:= $(patsubst %.c,$(O)/%.so,$(sort $(wildcard tests/shim/*.c)))
CMDS	:= $(sort $(wildcard tests/cmd/*.sh))
-include $(UNIT:=.d) $(PROGS:=.d)

$(UNIT): $(O)/%: $(O)/%.o $(PRODUCT)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(SAN) -o $@ $< $(PRODUCT) $(LDLIBS) -lcmocka

$(PROGS): $(O)/%: $(O)/%.o $(PRODUCT)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(SAN) -o $@ $< $(PRODUCT) $(LDLIBS)

$(SHIMS): $(O)/%.so: %.c $(O)/.flags
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(WARN) -shared -fPIC -o $@ $< -ldl

tests: $(O)/asibench $(UNIT) $(PROGS) $(SHIMS)

# The same, but for linking what is not to be run.
compiled: $(O)/asibench $(UNIT:=.o) $(PROGS:=.o) $(SHIMS)

JOBS	?= $(shell nproc)
ASAN	:= -fsanitize=address,undefined -fno-sanitize-recover=all \
	   -fno-omit-frame-pointer -Wno-format-truncation
export ASAN_OPTIONS ?= detect_stack_use_after_return=1
SUB	:= $(MAKE) -j$(JOBS) WERROR=1

# Built by both compilers, warnings are errors; unit tests plain and under the
# sanitizers; then the commands, as a user types them. What clang builds is not
# run, and -O1 is what the sanitizers' reports are best with: both build faster.
check:
	$(Q)$(SUB) O=build/gcc CC=gcc tests
	$(Q)$(SUB) O=build/clang CC=clang CFLAGS=-O1 compiled
	$(Q)$(MAKE) asan
	$(Q)ASIBENCH=$(CURDIR)/build/gcc/asibench TESTBIN=$(CURDIR)/build/gcc/tests \
		tests/run $(UNIT:$(O)/%=build/gcc/%) $(UNIT:$(O)/%=build/asan/%) $(CMDS)

unit: $(UNIT)

asan:
	$(Q)$(SUB) O=build/asan CC=gcc CFLAGS='-O1 -g' SAN='$(ASAN)' unit

# The long proofs: minutes to hours.
evaluate:
	$(Q)$(SUB) O=build/gcc CC=gcc tests
	$(Q)$(MAKE) asan
	$(Q)ASIBENCH=$(CURDIR)/build/gcc/asibench TESTBIN=$(CURDIR)/build/gcc/tests \
		tests/evaluate $(PART)

# ---- use -----------------------------------------------------------------
# Values reach the program through the environment, never through the text of
# a command: a revision may be named anything.

export SERIES REV PATCH ARM ISOLATION BUDGET BENCH HOSTS RESULTS BASE NEW \
	FORMAT

bench: all
	$(Q)tools/bench $(O)/asibench run

report plots mail: all
	$(Q)tools/bench $(O)/asibench $(@:plots=plot)

# The kernel module for ring 0 of the host; optional, and never installed.
# KDIR: headers of another kernel than the running one. KFLAGS: for its make.
KDIR	?= /lib/modules/$(shell uname -r)/build

module:
	$(Q)tools/module.sh '$(KDIR)' '$(O)' '$(VERSION)'

# ---- installing ----------------------------------------------------------

SHARE	= $(DESTDIR)$(PREFIX)/share
COMMANDS = $(shell $(O)/asibench help | sed -n 's/^  \([a-z]*\)  .*/\1/p')

# Pages of the commands say what their --help says.
install: all
	$(say) INSTALL $(DESTDIR)$(PREFIX)
	$(Q)install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/man/man1 $(SHARE)/man/man5 \
		$(SHARE)/man/man7 \
		$(SHARE)/doc/asibench $(SHARE)/bash-completion/completions
	$(Q)install -m 755 $(O)/asibench $(DESTDIR)$(PREFIX)/bin/asibench
	$(Q)install -m 644 doc/asibench.1 $(SHARE)/man/man1
	$(Q)install -m 644 doc/asibench-results.5 doc/asibench-hosts.5 \
		$(SHARE)/man/man5
	$(Q)install -m 644 doc/asibench-vmexit.7 doc/asibench-cr3.7 \
		doc/asibench-module.7 $(SHARE)/man/man7
	$(Q)for c in $(COMMANDS); do \
		page=$(SHARE)/man/man1/asibench-$$c.1; \
		tools/manpage $(O)/asibench $$c $(VERSION) >$$page && \
		chmod 644 $$page || exit 1; done
	$(Q)install -m 644 doc/asibench.bash \
		$(SHARE)/bash-completion/completions/asibench
	$(Q)install -m 644 README COPYING hosts.d/example.conf doc/campaign.conf doc/architecture \
		$(SHARE)/doc/asibench

uninstall:
	$(say) REMOVE $(DESTDIR)$(PREFIX)
	$(Q)rm -f $(DESTDIR)$(PREFIX)/bin/asibench \
		$(SHARE)/man/man1/asibench.1 $(SHARE)/man/man1/asibench-*.1 \
		$(SHARE)/man/man5/asibench-*.5 $(SHARE)/man/man7/asibench-*.7 \
		$(SHARE)/bash-completion/completions/asibench
	$(Q)rm -rf $(SHARE)/doc/asibench

help:
	@echo 'make deps        install what building and measuring need'
	@echo 'make             build $(O)/asibench'
	@echo 'make bench       measure this host; results go into results.db'
	@echo '                 SERIES=NAME REV=NAME PATCH=K/N ARM=NAME ISOLATION=on|off'
	@echo '                 BUDGET=SECONDS BENCH="GLOB..." RESULTS=FILE'
	@echo '                 HOSTS="NAME...": those of hosts.d instead'
	@echo 'make report      the two latest revisions compared, with all facts;'
	@echo '                 FORMAT=html >page.html'
	@echo 'make mail        the same as a block for a mailing list; BASE=REV NEW=REV'
	@echo 'make plots       pictures in plots/'
	@echo 'make module      the kernel module for ring 0 of this host (optional);'
	@echo '                 KDIR=/lib/modules/RELEASE/build for another kernel'
	@echo 'make deps-test   install what the tests need'
	@echo 'make check       the tests'
	@echo 'make evaluate    the long proofs; PART=NAME for one of them'
	@echo 'make install     into PREFIX=$(PREFIX); make uninstall'
	@echo 'make clean       removes what was built, never results'
	@echo
	@echo 'V=1 shows the commands.'

clean:
	$(Q)rm -rf $(filter-out build/libperf,$(wildcard build/*)) build/.flags

.PHONY: all asan bench check clean evaluate help install mail module plots report tests \
	compiled uninstall unit

endif
