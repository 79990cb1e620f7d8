// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A fuzz target is a source with these two functions. Linked with
 * standalone.c it is a test that mutates its own seeds for a few seconds;
 * compiled by clang with -fsanitize=fuzzer it is a libFuzzer target
 * (make fuzz), for which seeds are written by the test: PROGRAM --seeds DIR.
 */
#ifndef MASQMAIL_TESTS_FUZZ_H
#define MASQMAIL_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* Anything may come; an assertion, a crash or a hang is a finding. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* (transfer full) (nullable). The seed @number; NULL behind the last. */
GBytes *fuzz_seed(guint number);

#endif
