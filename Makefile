# A stream-processing platform made of Unix pipes. GNU make.
#
#   make            the tools, in build/
#   make demo       the main job on the bundled log, and a week of earthquakes
#   make demo-live  the main job on a log that grows meanwhile (needs nginx)
#   make demo-replay  an average of that log live, by replay, and by SQL: three equal numbers
#   make test       unit and end-to-end tests
#   make bench      us beside the peers that are installed, equal answers first
#   make bench-profile JOB=filter  where the cycles of a job go
#   make static     the tools without any shared library, in build-static/
#   make asan       the tools and all tests under ASan and UBSan, in build-asan/
#   make tsan       sfilter on several threads under ThreadSanitizer, in build-tsan/ (needs clang)
#   make lint       format, layers, generated texts, clang-tidy, cppcheck, shellcheck
#   make fresh      demo and test on a bare Debian (needs root and debootstrap)
#   make fuzz       each fuzz target for FUZZ_SECONDS (60)
#   make fuzz-jq    random programs beside an installed jq, for FUZZ_SECONDS
#   make soak       the examples of sfilter's page on SOAK records (10^7): memory may not grow
#   make torture    stail on logs that rotate, TORTURE times (1000) in each way, killed KILLS times (100); stee killed STEE_KILLS times (200)
#   make install    PREFIX=/usr/local DESTDIR=; make uninstall takes it away again
#   make deps       install what building and testing need (apt, dnf, apk, brew)
#   make generate   renew pages and completions from the option tables
#   make V=1        show the command lines

TOOLS   := stail sfilter swindow sjoin sreplay stee
BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
OPT     ?= -O2 -g
# gcc optimizes each tool as a whole, which saves five to ten percent of its time; tests are compiled for themselves, and linked with the
# parts as the compiler left them
LTO     := $(if $(findstring clang,$(shell $(CC) --version 2>/dev/null)),,$(if $(filter -O2,$(OPT)),-flto=auto -ffat-lto-objects))
NO_LTO  := $(if $(LTO),-fno-lto)

WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
CSTD    := -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
PKGS    := libpcre2-8 zlib libzstd libmd lmdb
# what has no pkg-config file (libcsv) is named as it is
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   = $(shell pkg-config --libs $(STATIC_LIBS) $(PKGS) 2>/dev/null) -lcsv -lm
ALL_CFLAGS = $(CSTD) $(OPT) $(WARN) -Icommon $(PKG_CFLAGS) $(CFLAGS)

# a tool is all of cmd/NAME/
tool_obj  = $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/$(1)/*.c))
LIB_SRC  := $(wildcard common/*/*.c)
LIB_OBJ  := $(LIB_SRC:%.c=$(BUILD)/%.o)
BINS     := $(TOOLS:%=$(BUILD)/%)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT     := $(UNIT_SRC:%.c=$(BUILD)/%)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ     := $(patsubst tests/fuzz/fuzz_%.c,%,$(FUZZ_SRC))
CONFORMANCE := $(BUILD)/json-suite $(BUILD)/valve
TORTURE_BINS := $(BUILD)/torture-writer $(BUILD)/torture-judge
C_FILES  := $(wildcard common/*/*.[ch] cmd/*/*.[ch] tests/*/*.[ch] bench/*.[ch])

ifeq ($(V),1)
Q :=
say :=
else
Q := @
say = @printf '  %-5s %s\n' $(1) $(2)
endif

.DEFAULT_GOAL := all
.PHONY: all deps demo demo-live demo-replay test unit e2e conformance bench bench-profile static asan tsan lint fuzz fuzz-jq soak \
	torture fresh install uninstall generate clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BINS)

# ---- building

# The SIMD twins are compiled for their instructions; which one runs is decided at run time.
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine 2>/dev/null)),)
$(BUILD)/common/json/index_avx2.o:   TARGET := -mavx2 -mpclmul -mbmi -mbmi2 -mpopcnt
$(BUILD)/common/json/index_avx512.o: TARGET := -mavx512f -mavx512bw -mavx512vl -mavx512vbmi \
	-mavx512vbmi2 -mpclmul -mbmi -mbmi2 -mpopcnt
endif

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(filter cmd/% common/%,$<),$(LTO)) $(TARGET) -MMD -MP -c $< -o $@

$(BUILD)/libstreams.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

.SECONDEXPANSION:
$(BINS): $(BUILD)/%: $$(call tool_obj,$$*) $(BUILD)/libstreams.a
	$(call say,LD,$@)
	$(Q)$(CC) $(OPT) $(LTO) $(LDFLAGS) -o $@ $^ -Wl,--as-needed $(PKG_LIBS)

# glibc's archives, or musl's with CC=musl-gcc where the libraries are built for it; nothing here asks for a name
# service, and time zones are read by our own reader.
static:
	$(Q)$(MAKE) BUILD=build-static OPT="-O2" LDFLAGS="-static -s" STATIC_LIBS=--static all

# ---- what is needed

deps:
	$(Q)scripts/deps build test

# ---- showing

demo: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)scripts/demo $(BUILD)

# What it needs beyond that it names (scripts/deps demo installs it): on some systems a package of nginx starts a server at once.
demo-live: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)scripts/demo-live $(BUILD)

demo-replay: deps
	$(Q)scripts/deps replay
	$(Q)$(MAKE) --no-print-directory all
	$(Q)scripts/demo-replay $(BUILD)

# ---- testing

test: deps
	$(Q)$(MAKE) --no-print-directory unit e2e

# a part of a tool that has a unit test
UNIT_PART_fill := $(BUILD)/cmd/swindow/fill.o
# a clock that the test moves
UNIT_LINK_keys := -Wl,--wrap=stamp_monotonic
$(UNIT): $(BUILD)/tests/unit/test_%: $(BUILD)/tests/unit/test_%.o $$(UNIT_PART_$$*) $(BUILD)/libstreams.a
	$(call say,LD,$@)
	$(Q)$(CC) $(OPT) $(NO_LTO) $(LDFLAGS) $(UNIT_LINK_$*) -o $@ $^ -lcmocka -ljansson -Wl,--as-needed $(PKG_LIBS)

unit: $(UNIT)
	$(Q)scripts/run-unit $(UNIT)

# bats needs GNU parallel for jobs; without it the tests run one by one
BATS_JOBS = $(if $(findstring GNU,$(shell parallel --version 2>/dev/null)),--jobs $(shell nproc))

e2e: all
	$(Q)BIN=$(abspath $(BUILD)) bats $(BATS_JOBS) --print-output-on-failure tests/e2e

# What lies in ../shared: the oracles of the engines and peers. CI has it there.
conformance: all $(CONFORMANCE)
	$(Q)tests/conformance/run $(BUILD)

$(CONFORMANCE): $(BUILD)/%: $(BUILD)/tests/conformance/%.o $(BUILD)/libstreams.a
	$(call say,LD,$@)
	$(Q)$(CC) $(OPT) $(NO_LTO) $(LDFLAGS) -o $@ $^ -Wl,--as-needed $(PKG_LIBS)

asan:
	$(Q)ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
	$(MAKE) BUILD=build-asan \
		OPT="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer" \
		unit e2e

# BIN and what it finds: a report is on stderr and ends the tool with 66, so that the tests' comparisons fail
tsan:
	$(Q)$(MAKE) BUILD=build-tsan CC=clang OPT="-O1 -g -fsanitize=thread -fno-omit-frame-pointer" all
	$(Q)TSAN_OPTIONS=halt_on_error=1 BIN=$(abspath build-tsan) bats --print-output-on-failure tests/e2e/sfilter-spread.bats \
		tests/e2e/swindow-spread.bats

FUZZ_SECONDS ?= 60
fuzz:
	$(Q)scripts/fuzz $(FUZZ_SECONDS) $(FUZZ)

# PYTHON: one that has the jq module (pip install jq) compares with that
PYTHON ?= python3
fuzz-jq: all
	$(Q)$(PYTHON) tests/fuzz/differential $(if $(SEED),--seed $(SEED)) --seconds $(FUZZ_SECONDS) $(BUILD)/sfilter

SOAK ?= 10000000
soak: all
	$(Q)tests/soak $(BUILD) $(SOAK)

TORTURE ?= 1000
KILLS   ?= 100
FILES   ?= 10000
STEE_KILLS ?= 200
torture: all $(TORTURE_BINS)
	$(Q)tests/torture/run $(BUILD) $(TORTURE) $(KILLS) $(FILES)
	$(Q)tests/torture/stee-kill $(BUILD) $(STEE_KILLS)

$(BUILD)/torture-writer: $(addprefix $(BUILD)/tests/torture/,writer.o rotate.o many.o)
$(BUILD)/torture-judge: $(BUILD)/tests/torture/judge.o
$(TORTURE_BINS):
	$(call say,LD,$@)
	$(Q)$(CC) $(OPT) $(LDFLAGS) -o $@ $^ -Wl,--as-needed $(PKG_LIBS)

# libFuzzer's programs, as scripts/fuzz builds them; what programs of the language take is bounded from outside
FUZZ_LINK_eval := -Wl,--wrap=malloc,--wrap=realloc,--wrap=calloc,--wrap=eval_make_room
$(FUZZ:%=$(BUILD)/fuzz_%): $(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/libstreams.a
	$(call say,LD,$@)
	$(Q)$(CC) $(OPT) -fsanitize=fuzzer $(FUZZ_LINK_$*) -o $@ $^ -Wl,--as-needed $(PKG_LIBS)

bench: all
	$(Q)bench/run $(BUILD)

bench-profile: all
	$(Q)bench/profile $(BUILD) $(JOB)

lint: all
	$(Q)scripts/lint $(BUILD)

# What a new user sees: demo and test on a system with nothing but git and make. Needs root and debootstrap.
fresh:
	$(Q)tests/fresh-system

# ---- texts made from the option tables

generate: all
	$(Q)scripts/generate $(BUILD)

# ---- installing

MANDIR  = $(DESTDIR)$(PREFIX)/share/man/man1
BINDIR  = $(DESTDIR)$(PREFIX)/bin
BASHDIR = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSHDIR  = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
FISHDIR = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d

install: all
	install -d $(BINDIR) $(MANDIR) $(BASHDIR) $(ZSHDIR) $(FISHDIR)
	install -m 755 $(BINS) $(BINDIR)
	install -m 644 $(TOOLS:%=man/%.1) $(MANDIR)
	for t in $(TOOLS); do \
		install -m 644 completions/$$t.bash $(BASHDIR)/$$t && \
		install -m 644 completions/_$$t $(ZSHDIR)/_$$t && \
		install -m 644 completions/$$t.fish $(FISHDIR)/$$t.fish || exit 1; \
	done

uninstall:
	rm -f $(TOOLS:%=$(BINDIR)/%) $(TOOLS:%=$(MANDIR)/%.1) $(TOOLS:%=$(BASHDIR)/%) \
		$(TOOLS:%=$(ZSHDIR)/_%) $(TOOLS:%=$(FISHDIR)/%.fish)

clean:
	rm -rf build build-*

-include $(LIB_OBJ:.o=.d) $(patsubst %.c,$(BUILD)/%.d,$(wildcard cmd/*.c cmd/*/*.c)) $(UNIT:%=%.d) $(FUZZ_SRC:%.c=$(BUILD)/%.d) $(CONFORMANCE:$(BUILD)/%=$(BUILD)/tests/conformance/%.d) $(wildcard $(BUILD)/tests/torture/*.d)
