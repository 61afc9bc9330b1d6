/*
 * generate.h - texts made from a tool's option table. Private to cli.
 * Floor: 9 (cli)
 */
#ifndef CLI_GENERATE_H
#define CLI_GENERATE_H

#include "options.h"

/* Options of a tool, its own first. */
size_t options_count(const struct tool *t);
const struct option_def *options_at(const struct tool *t, size_t i);

#endif
