# One Makefile, no recursion. `make help` lists the targets.
#
# Variants never mix: objects live under build/<compiler>-<variant>/, so switching between
# plain, SAN=address,undefined, SAN=thread and COV=1 needs no `make clean`.

DAEMONS  := dnsd webd appd dbproxy
SAN      ?=
COV      ?=
WERROR   ?=
comma    := ,
VARIANT  := $(or $(subst $(comma),-,$(SAN)),$(if $(COV),cov,plain))
B        := build/$(notdir $(firstword $(CC)))-$(VARIANT)

CSTD     := -std=c11 -D_GNU_SOURCE -I. -I$B -include common/banned.h
WARN     := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
            -Wwrite-strings -Wformat=2 -Wundef $(if $(WERROR),-Werror)
CFLAGS   ?= -O2 -g
HARDEN   := $(if $(SAN)$(COV),,-D_FORTIFY_SOURCE=2 -fstack-protector-strong) -fPIE
MODE     := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer) \
            $(if $(COV),--coverage -O0)
ALL_CFLAGS = $(CSTD) $(WARN) $(CFLAGS) $(HARDEN) $(MODE)
LINK      = $(CC) $(ALL_CFLAGS) -pie -Wl,-z,relro,-z,now $(LDFLAGS)

# What each program is compiled and linked with: the only place a library is named.
# libh2o's headers are written for gnu11 and for libuv unless told otherwise; its exported
# names are generic, so webd hides its own (see webd/guard.c for the exception).
CFLAGS_webd    := -std=gnu11 -DH2O_USE_LIBUV=0 -fvisibility=hidden -Iwebd/include
CFLAGS_dbproxy  = $(shell pkg-config --cflags mysqlclient)
# its macros use what banned.h refuses, so it comes before that
FLAGS_dbproxy/mysql.c := -DBANNED_AFTER='<mysql.h>'
LIBS_common  := -lzmq -lpthread
LIBS_dnsd    := -lldns -lcrypto
# (a test that only reaches libh2o through the guard needs it all the same)
LIBS_webd    := -Wl,--push-state,--no-as-needed -lh2o-evloop -Wl,--pop-state -lssl -lcrypto -ldl
LIBS_appd    := -ljansson -lsodium -lutf8proc -lmd4c
LIBS_dbproxy  = $(shell pkg-config --libs mysqlclient)
LIBS_deploy  :=

# generate*.c are tools of the build, not parts of a program.
sources   = $(foreach f,$(wildcard $1/*.c $1/*/*.c),$(if $(findstring /generate,$f),,$f))
obj       = $(patsubst %.c,$B/%.o,$1)
COMMON   := $(wildcard common/*.c)
SRC      := $(COMMON) $(foreach d,$(DAEMONS) deploy,$(call sources,$d))
HDR      := $(wildcard common/*.h) \
            $(foreach d,$(DAEMONS) deploy,$(wildcard $d/*.h $d/*/*.h))
STATIC   := $(patsubst webd/static/%,$B/static/%,$(shell find webd/static -type f))
STATIC   += $(foreach f,$(filter %.css %.js %.svg %.html %.txt %.json %.xml,$(STATIC)),$f.gz $f.br)
TOOLS    := $(wildcard */*/generate*.c)
UNIT     := $(patsubst %.c,$B/%,$(wildcard tests/unit/test_*.c))
# what unit tests start: servers on the fabric, of this version and of the next
UNIT_HELP := $B/tests/unit/fabric_peer $B/tests/unit/fabric_peer_next
UNIT     += $B/tests/unit/test_fabric_next# the same tests, a caller of the next version
ifdef UNITS
UNIT     := $(UNITS:%=$B/tests/unit/%)
endif
FUZZ     := $(patsubst %.c,$B/%,$(wildcard tests/fuzz/fuzz_*.c))
# Whose flags and libraries a file gets: its folder's, or for a test the daemon it names.
daemon_of = $(filter $(DAEMONS) deploy,$(firstword $(subst _, ,$(patsubst test_%,%,$(patsubst fuzz_%,%,$(basename $(notdir $1)))))))
flags_of  = $(CFLAGS_$(or $(and $(filter tests/%,$1),$(call daemon_of,$1)),$(firstword $(subst /, ,$1)))) $(FLAGS_$1)
GEN_H    := $(if $(wildcard dbproxy/sql/generate.c),$B/gen/sql.h)
TESTSRC  := $(wildcard tests/tools/*.[ch] tests/unit/*.[ch] tests/fuzz/*.[ch] tests/lib/*.[ch])
ZONES    := $(wildcard deploy/zones/*.zone)
FORMAT   := $(SRC) $(HDR) $(TOOLS) $(TESTSRC)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: tour all run check unit unit-build unit-help flow flow-help fuzz-replay format format-check lint tidy hdr-check \
        layers cppcheck shellcheck sizes fuzz fuzz-run clean help

all: $(DAEMONS:%=$B/bin/%) $B/bin/onebox $B/bin/supervisor $(STATIC) $(ZONES:deploy/%=$B/%) ## build everything

$B/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(ALL_CFLAGS) $(call flags_of,$<) -MMD -MP -c -o $@ $<

$B/%.o: $B/%.c Makefile
	@echo "  CC    $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$B/libcommon.a: $(call obj,$(COMMON))
	@rm -f $@; $(AR) rcs $@ $^

# ---- generated code: statements from SQL, pages from HTML ----

SQL      := $(sort $(wildcard dbproxy/sql/*.sql))
SCHEMA   := $(sort $(wildcard dbproxy/sql/migrations/*.sql))
PAGES    := $(wildcard appd/templates/*.html)

define tool
$B/tools/$(1:/generate.c=): $(wildcard $(1:.c=*.[ch])) Makefile
	@mkdir -p $$(@D)
	@echo "  TOOL  $1"
	@$$(CC) $$(CSTD) $$(WARN) $$(CFLAGS) -o $$@ $$(filter %.c,$$^)
endef
$(foreach t,$(filter %/generate.c,$(TOOLS)),$(eval $(call tool,$t)))

$B/gen/statements.c: $B/tools/dbproxy/sql $(SQL)
	@mkdir -p $(@D)
	@$< statements $(SQL) > $@
$B/gen/migrations.c: $B/tools/dbproxy/sql $(SCHEMA)
	@mkdir -p $(@D)
	@$< migrations $(SCHEMA) > $@
$B/gen/sql.h: $B/tools/dbproxy/sql $(SQL)
	@mkdir -p $(@D)
	@$< calls.h $(SQL) > $@
$B/gen/sql.c: $B/tools/dbproxy/sql $(SQL)
	@mkdir -p $(@D)
	@$< calls.c $(SQL) > $@
$B/gen/pages.c: $B/tools/appd/templates $(PAGES)
	@mkdir -p $(@D)
	@$< $(PAGES) > $@

GEN_dbproxy := $B/gen/statements.o $B/gen/migrations.o
# the articles of a new site are those of the documentation
$B/gen/demo.c: $B/tools/appd/demo docs/whiteboard.md
	@mkdir -p $(@D)
	@$< docs/whiteboard.md > $@

GEN_appd    := $B/gen/sql.o $B/gen/pages.o $B/gen/demo.o
$(call obj,$(call sources,appd)) $B/gen/sql.o $B/gen/pages.o: | $(GEN_H)

# ---- files that stand beside the programs ----

$B/zones/%.zone: deploy/zones/%.zone
	@mkdir -p $(@D)
	@cp $< $@

# ---- programs ----

# $1 = daemon: all but main.c goes into a library, which the unit tests link too.
define daemon
$B/lib$1.a: $$(call obj,$$(filter-out $1/main.c,$$(call sources,$1))) $$(GEN_$1)
	@rm -f $$@; $$(AR) rcs $$@ $$^
$B/bin/$1: $$(call obj,$1/main.c) $B/lib$1.a $B/libcommon.a
	@mkdir -p $$(@D)
	@echo "  LINK  $$@"
	@$$(LINK) $$(LDFLAGS_$1) -o $$@ $$^ $$(LIBS_$1) $$(LIBS_common)
endef
$(foreach d,$(DAEMONS),$(eval $(call daemon,$d)))

# libh2o calls our guard's functions only if the program exports them
LDFLAGS_webd := -Wl,--dynamic-list=webd/guard.symbols

# the supervisor and the onebox command: deploy/supervisor/, deploy/command/
$B/libdeploy.a: $(call obj,$(filter-out %/main.c,$(call sources,deploy))) $B/gen/whiteboard.o
	@rm -f $@; $(AR) rcs $@ $^
$B/bin/supervisor: $(call obj,$(wildcard deploy/supervisor/*.c)) $B/libcommon.a
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(LINK) -o $@ $^ $(LIBS_common)
$B/gen/whiteboard.c: docs/whiteboard.md Makefile
	@mkdir -p $(@D)
	@{ echo '#include "deploy/command/whiteboard.h"'; \
	   echo 'const char *const whiteboard[] = {'; \
	   sed 's/[\\"]/\\&/g; s/^/	"/; s/$$/",/' $<; echo '	(void *)0 };'; } > $@
$B/bin/onebox: $(call obj,$(wildcard deploy/command/*.c)) $B/gen/whiteboard.o $B/libcommon.a
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(LINK) -o $@ $^ $(LIBS_common)

# ---- the site's files, with their compressed forms, as webd finds them: ../static ----

$B/static/%.gz: $B/static/%
	@gzip -9nc $< > $@
$B/static/%.br: $B/static/%
	@brotli -q 11 -c $< > $@
$B/static/%: webd/static/%
	@mkdir -p $(@D)
	@cp $< $@

# ---- running and testing ----

run: all ## the whole stack in the foreground (deploy/up --foreground)
	deploy/up --foreground

check: unit fuzz-replay flow ## every test, on the built tree

# A test names its daemon: tests/unit/test_dnsd_answer.c and tests/fuzz/fuzz_dnsd_query.c are
# compiled and linked as a part of dnsd.
.SECONDEXPANSION:
libs_of   = $(foreach d,$(call daemon_of,$1),$B/lib$d.a) $B/libcommon.a
LINKTEST  = @echo "  LINK  $@"; mkdir -p $(@D); \
            $(LINK) $(LDFLAGS_$(call daemon_of,$*)) -o $@ $^ $(LIBS_$(call daemon_of,$*)) $(LIBS_common)

$B/tests/unit/%: $B/tests/unit/%.o $$(call libs_of,$$*)
	$(LINKTEST)
$B/tests/fuzz/%: $B/tests/fuzz/%.o $B/tests/fuzz/replay.o $$(call libs_of,$$*)
	$(LINKTEST)
$B/libfuzzer/%: $B/tests/fuzz/%.o $$(call libs_of,$$*)
	$(LINKTEST) -fsanitize=fuzzer

# What the flow tests of the database need: a dbproxy with statements of their own beside
# the site's, and programs that call it (tests/tools).
TESTSQL   := $(sort $(wildcard tests/sql/*.sql))
DB_TOOLS  := $(patsubst %.c,$B/%,$(wildcard tests/tools/*.c))
FLOW_HELP := $B/tests/dbproxy $(DB_TOOLS)
$B/tests/gen/statements.c: $B/tools/dbproxy/sql $(SQL) $(TESTSQL)
	@mkdir -p $(@D)
	@$< statements $(SQL) $(TESTSQL) > $@
$B/tests/dbproxy: $B/dbproxy/main.o $B/tests/gen/statements.o $B/libdbproxy.a $B/libcommon.a
	@echo "  LINK  $@"
	@$(LINK) -o $@ $^ $(LIBS_dbproxy) $(LIBS_common)
$(DB_TOOLS): $B/%: $B/%.o $B/tests/gen/statements.o $B/libcommon.a
	@echo "  LINK  $@"
	@$(LINK) -o $@ $^ $(LIBS_common)

# the fabric as the next version will have it: the same source, another number
$B/next/%.o: %.c Makefile
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -DFABRIC_VERSION=2 -MMD -MP -c -o $@ $<
$B/tests/unit/%_next: $B/next/tests/unit/%.o $(COMMON:%.c=$B/next/%.o)
	$(LINKTEST)

unit-help: $(UNIT_HELP)
unit-build: $(UNIT) $(UNIT_HELP)
unit: unit-build ## every tests/unit/test_*.c; UNITS="test_log ..." for some
	@tests/lib/unit $(UNIT)
fuzz-replay: $(FUZZ) ## every fuzz target over its corpus
	@tests/lib/replay $(FUZZ)
flow-help: $(FLOW_HELP)
flow: all $(FLOW_HELP) ## whole-stack tests against real daemons; FLOW="name ..." for some
	@BUILD=$(abspath $B) tests/lib/flow $(FLOW)
.PHONY: browser
browser: all ## the pages in Debian's chromium; BROWSER="name ..." for some
	@BUILD=$(abspath $B) tests/browser/run $(BROWSER)

# The same targets with libFuzzer: make fuzz FUZZ_SECS=60 [TARGET=fuzz_conf]
fuzz: ## FUZZ_SECS (default 10) for each target, with libFuzzer
	@$(MAKE) --no-print-directory CC=clang SAN=fuzzer-no-link,address,undefined fuzz-run
fuzz-run: $(patsubst %,$B/libfuzzer/%,$(or $(TARGET),$(notdir $(FUZZ))))
	@tests/lib/fuzz $(or $(FUZZ_SECS),10) $^

# ---- style ----

format: ## clang-format in place
	clang-format -i $(FORMAT)
format-check: ## fails if clang-format would change anything
	clang-format --dry-run -Werror $(FORMAT)
lint: hdr-check layers tour cppcheck shellcheck tidy ## headers, layers, cppcheck, shellcheck, clang-tidy
tour: ## every function that the documents name exists
	@tests/lint/tour
CPPCHECK = cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr \
           --suppressions-list=tests/lint/cppcheck --error-exitcode=1 -D__GNUC__ -I.
cppcheck: $(SRC:%=build/cppcheck/%.ok) ## each file once until it changes
build/cppcheck/%.ok: % tests/lint/cppcheck $(HDR)
	@mkdir -p $(@D)
	@echo "  CPPCHECK $<"
	@$(CPPCHECK) $< && touch $@
shellcheck: ## every shell script
	@grep -rIlE '^#!/(usr/)?bin/(env )?(ba)?sh' deploy tests .ci | xargs -r shellcheck -x
tidy: $(SRC:%=build/tidy/%.ok) ## clang-tidy, each file once until it or what it includes changes
build/tidy/%.ok: % .clang-tidy | $(GEN_H)
	@mkdir -p $(@D)
	@echo "  TIDY  $<"
	@clang $(CSTD) $(call flags_of,$<) -MM -MP -MT $@ -MF build/tidy/$<.d $<
	@clang-tidy --quiet --warnings-as-errors='*' $< -- $(CSTD) $(call flags_of,$<) \
	  2>build/tidy/$<.err || { cat build/tidy/$<.err; exit 1; }
	@touch $@
hdr-check: $(HDR:%=build/hdr/%.ok) ## every header compiles on its own
build/hdr/%.ok: % Makefile | $(GEN_H)
	@mkdir -p $(@D)
	@$(CC) $(CSTD) $(WARN) $(call flags_of,$<) -Werror -include $< -c -xc \
	  -MMD -MP -MT $@ -MF build/hdr/$<.d /dev/null -o /dev/null && touch $@
layers: ## who may include whom
	@tests/lint/layers $(DAEMONS)
sizes: ## fails on files over 600 lines and functions over 120
	@tests/lint/sizes $(SRC) $(TOOLS)

clean: ## removes everything built
	rm -rf build
help: ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t14

-include $(patsubst %.c,$B/%.d,$(SRC) $(wildcard tests/unit/*.c tests/fuzz/*.c)) \
         $(wildcard $B/gen/*.d $B/next/*/*.d $B/next/*/*/*.d) $(SRC:%=build/tidy/%.d) $(HDR:%=build/hdr/%.d)
