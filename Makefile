# streams - a stream-processing platform made of Unix pipes. GNU make.
#
#   make            all tools, in build/
#   make test       unit and end-to-end tests
#   make demo       the main job on the bundled log
#   make deps       install what is missing (apt, dnf, apk, brew)
#   make install    PREFIX=/usr/local DESTDIR=
#   make V=1        show the command lines

TOOLS   := stail sfilter swindow
BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc

OPT     ?= -O2 -g
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
CSTD    := -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
PKGS    := libpcre2-8 zlib libzstd
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lcsv -lm
ALL_CFLAGS = $(CSTD) $(OPT) $(WARN) -Icommon $(PKG_CFLAGS) $(CFLAGS)

LIB_SRC := $(wildcard common/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o)
CMD_OBJ := $(TOOLS:%=$(BUILD)/cmd/%.o)
BINS    := $(TOOLS:%=$(BUILD)/%)

ifeq ($(V),1)
Q :=
else
Q := @
say = @printf '  %-4s %s\n' $(1) $(2)
endif

.DEFAULT_GOAL := all
.PHONY: all clean
.DELETE_ON_ERROR:

all: $(BINS)

# The SIMD twins are compiled for their instructions; which one runs is decided at run time.
$(BUILD)/common/json/index_avx2.o:   TARGET := -mavx2 -mpclmul -mbmi -mbmi2 -mpopcnt
$(BUILD)/common/json/index_avx512.o: TARGET := -mavx512f -mavx512bw -mavx512vl -mavx512vbmi -mavx512vbmi2 \
	-mpclmul -mbmi -mbmi2 -mpopcnt
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine)),)
else
$(BUILD)/common/json/index_avx%.o: TARGET :=
endif

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(TARGET) -MMD -MP -c $< -o $@

$(BUILD)/libstreams.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BINS): $(BUILD)/%: $(BUILD)/cmd/%.o $(BUILD)/libstreams.a
	$(call say,LD,$@)
	$(Q)$(CC) $(OPT) $(LDFLAGS) -o $@ $^ -Wl,--as-needed $(PKG_LIBS)

clean:
	rm -rf build build-*

-include $(LIB_OBJ:.o=.d) $(CMD_OBJ:.o=.d)
