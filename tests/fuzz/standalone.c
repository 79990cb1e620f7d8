// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A fuzz target without a fuzzer:
 *
 *	PROGRAM			mutate the seeds, for FUZZ_SECONDS (default 3)
 *	PROGRAM --seeds DIR	write the seeds into files
 *	PROGRAM FILE...		play these inputs
 *
 * The mutations come from a fixed seed, FUZZ_SEED; what fails is written to
 * the file fuzz-failed before it is played, and removed at the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#include "tests/fuzz/fuzz.h"

#define STEPS_MOST 8
#define SIZE_MOST (256 * 1024)
#define FAILED_FILE "fuzz-failed"

static guint
number_of(const char *name, guint standard)
{
	const char *value = g_getenv(name);

	return value ? g_ascii_strtoull(value, NULL, 10) : standard;
}

static void
mutate_byte(GRand *random, GByteArray *input)
{
	guint at = g_rand_int_range(random, 0, input->len);

	if (g_rand_boolean(random))
		input->data[at] ^= 1 << g_rand_int_range(random, 0, 8);
	else
		input->data[at] = g_rand_int(random);
}

/* Copy, or take out, a piece. */
static void
mutate_piece(GRand *random, GByteArray *input)
{
	guint at = g_rand_int_range(random, 0, input->len);
	guint size = g_rand_int_range(random, 1, input->len - at + 1);
	g_autofree guint8 *piece = NULL;

	if (g_rand_boolean(random)) {
		g_byte_array_remove_range(input, at, size);
		return;
	}
	if (input->len + size > SIZE_MOST)
		return;
	piece = g_memdup2(input->data + at, size);
	g_byte_array_append(input, piece, size);
}

static void
mutate(GRand *random, GByteArray *input)
{
	guint steps = g_rand_int_range(random, 1, STEPS_MOST + 1);

	while (steps-- && input->len) {
		if (g_rand_int_range(random, 0, 4))
			mutate_byte(random, input);
		else
			mutate_piece(random, input);
	}
}

static void
play(const guint8 *bytes, gsize size)
{
	LLVMFuzzerTestOneInput(bytes, size);
}

static GPtrArray *
all_seeds(void)
{
	GPtrArray *seeds = g_ptr_array_new_with_free_func(
		(GDestroyNotify)g_bytes_unref);
	GBytes *seed;

	for (guint i = 0; (seed = fuzz_seed(i)); i++)
		g_ptr_array_add(seeds, seed);
	return seeds;
}

static void
play_mutations(GPtrArray *seeds)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(
		number_of("FUZZ_SEED", 1));
	gint64 until = g_get_monotonic_time() +
		       number_of("FUZZ_SECONDS", 3) * G_USEC_PER_SEC;
	guint64 count = 0;

	while (g_get_monotonic_time() < until) {
		GBytes *seed = seeds->pdata[count % seeds->len];
		g_autoptr(GByteArray) input = g_byte_array_new();

		g_byte_array_append(input, g_bytes_get_data(seed, NULL),
				    g_bytes_get_size(seed));
		mutate(random, input);
		g_file_set_contents_full(FAILED_FILE, (char *)input->data,
					 input->len,
					 G_FILE_SET_CONTENTS_NONE, 0600,
					 NULL);
		play(input->data, input->len);
		count++;
	}
	g_unlink(FAILED_FILE);
	printf("%" G_GUINT64_FORMAT " inputs\n", count);
}

static void
write_seeds(GPtrArray *seeds, const char *directory)
{
	for (guint i = 0; i < seeds->len; i++) {
		GBytes *seed = seeds->pdata[i];
		g_autofree char *path = g_strdup_printf("%s/seed-%u",
							directory, i);

		g_file_set_contents(path, g_bytes_get_data(seed, NULL),
				    g_bytes_get_size(seed), NULL);
	}
}

int
main(int count, char **arguments)
{
	g_autoptr(GPtrArray) seeds = all_seeds();

	if (count == 3 && g_str_equal(arguments[1], "--seeds")) {
		write_seeds(seeds, arguments[2]);
		return EXIT_SUCCESS;
	}
	for (guint i = 0; i < seeds->len; i++)
		play(g_bytes_get_data(seeds->pdata[i], NULL),
		     g_bytes_get_size(seeds->pdata[i]));
	for (int i = 1; i < count; i++) {
		g_autofree char *bytes = NULL;
		gsize size;

		if (!g_file_get_contents(arguments[i], &bytes, &size, NULL))
			return EXIT_FAILURE;
		play((guint8 *)bytes, size);
	}
	if (count == 1)
		play_mutations(seeds);
	return EXIT_SUCCESS;
}
