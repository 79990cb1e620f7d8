// SPDX-License-Identifier: GPL-2.0-or-later
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/groups.h"
#include "tui/model.h"
#include "tui/settings.h"

#define NOW 1000000

static GVariant *
message(const char *id, const char *state, gint64 next_try)
{
	return g_variant_ref_sink(g_variant_new_parsed(
		"{'id': <%s>, 'state': <%s>, 'next-try': <%x>, "
		"'to': <%s>, 'arrived': <int64 %x>, 'pending': <uint32 1>}",
		id, state, next_try, id, (gint64)NOW));
}

static GVariant *
tuple(guint index)
{
	GVariantBuilder builder;
	g_autofree char *id = g_strdup_printf("%06u", index);

	g_variant_builder_init(&builder, G_VARIANT_TYPE_TUPLE);
	g_variant_builder_add(&builder, "s", id);
	g_variant_builder_add(&builder, "s", "retry");
	g_variant_builder_add(&builder, "x", (gint64)NOW - index);
	g_variant_builder_add(&builder, "x", (gint64)NOW + index);
	return g_variant_builder_end(&builder);
}

/* The answer of an engine that has rows 0 to @total - 1. */
static GVariant *
answer(const ModelQuery *query, guint total)
{
	GVariantBuilder rows;
	guint64 after = 0;
	guint sent = 0;
	gint64 at;

	g_variant_builder_init(&rows, G_VARIANT_TYPE("av"));
	if (*query->after)
		ck_assert(g_ascii_string_to_unsigned(
			query->after, 10, 0, total, &after, NULL));
	at = query->backwards ? (*query->after ? (gint64)after - 1
					       : (gint64)total - 1)
			      : (*query->after ? (gint64)after + 1 : 0);
	while (sent++ < query->rows && at >= 0 && at < (gint64)total) {
		g_variant_builder_add(&rows, "v", tuple(at));
		at += query->backwards ? -1 : 1;
	}
	return g_variant_ref_sink(g_variant_new("(uav)", total, &rows));
}

/* Answer all it asks; returns how many questions there were. */
static guint
feed(Model *model, guint total)
{
	guint asked = 0;
	ModelQuery query;

	while (model_next_query(model, TRUE, &query)) {
		g_autofree char *after = query.after;
		g_autoptr(GVariant) reply = answer(&query, total);

		model_take_rows(model, &query, reply);
		ck_assert_uint_lt(++asked, 200);
	}
	return asked;
}

static void
tell(Model *model, const char *id, const char *state, gint64 next_try)
{
	g_autoptr(GVariant) record = message(id, state, next_try);

	model_take_message(model, record, NOW);
}

static void
tell_gone(Model *model, const char *id, const char *state)
{
	g_autoptr(GVariant) record = g_variant_ref_sink(g_variant_new_parsed(
		"{'id': <%s>, 'state': <%s>, 'gone': <true>}", id, state));

	model_take_message(model, record, NOW);
}

static void
assert_ids(const Model *model, const char *wanted)
{
	GString *ids = g_string_new(NULL);

	for (guint i = 0; i < model_rows(model); i++)
		g_string_append_printf(ids, "%s%s", i ? " " : "",
				       model_row(model, i)->id);
	ck_assert_str_eq(ids->str, wanted);
	g_string_free(ids, TRUE);
}

static Model *
small_model(void)
{
	Model *model = model_new();

	feed(model, 0);
	tell(model, "b", "retry", 20);
	tell(model, "a", "retry", 10);
	tell(model, "c", "held", 0);
	return model;
}

START_TEST(changes_are_put_in_their_place)
{
	g_autoptr(Model) model = small_model();

	assert_ids(model, "a b c");
	tell(model, "d", "sending", 0);
	assert_ids(model, "d a b c");
	tell(model, "a", "retry", 30);
	assert_ids(model, "d b a c");
	tell(model, "c", "queued", 0);
	assert_ids(model, "d c b a");
	ck_assert_uint_eq(model_total(model), 4);
}
END_TEST

START_TEST(the_cursor_stays_on_its_message)
{
	g_autoptr(Model) model = small_model();

	model_move_to(model, 1);
	tell(model, "d", "sending", 0);
	ck_assert_str_eq(model_focus(model)->id, "b");
	tell(model, "b", "held", 0);
	ck_assert_str_eq(model_focus(model)->id, "b");
	tell_gone(model, "b", "sent");
	ck_assert_str_eq(model_focus(model)->id, "c");
}
END_TEST

START_TEST(what_left_stays_a_minute)
{
	g_autoptr(Model) model = small_model();

	tell_gone(model, "a", "sent");
	assert_ids(model, "b c a");
	ck_assert_uint_eq(model_total(model), 2);
	ck_assert_str_eq(model_last_sent(model)->id, "a");
	ck_assert_int_eq(model_expire(model, NOW + MODEL_LINGER - 1),
			 NOW + MODEL_LINGER);
	ck_assert_uint_eq(model_rows(model), 3);
	ck_assert_int_eq(model_expire(model, NOW + MODEL_LINGER), 0);
	assert_ids(model, "b c");
}
END_TEST

START_TEST(what_was_deleted_goes_at_once)
{
	g_autoptr(Model) model = small_model();

	tell(model, "a", "trash", 0);
	assert_ids(model, "b c");
	tell(model, "a", "retry", 10);
	assert_ids(model, "a b c");
	ck_assert_uint_eq(model_total(model), 3);
}
END_TEST

START_TEST(tags_choose_else_the_cursor)
{
	g_autoptr(Model) model = small_model();
	char **chosen = model_chosen(model);

	/* It was there first, and the cursor stayed on it. */
	ck_assert_str_eq(chosen[0], "b");
	g_strfreev(chosen);
	model_move_to(model, 2);
	model_toggle_tag(model);
	model_move_to(model, 1);
	model_toggle_tag(model);
	chosen = model_chosen(model);
	ck_assert_uint_eq(g_strv_length(chosen), 2);
	ck_assert_str_eq(chosen[0], "b");
	ck_assert_str_eq(chosen[1], "c");
	g_strfreev(chosen);
	tell_gone(model, "c", "sent");
	ck_assert_uint_eq(model_tags(model), 1);
}
END_TEST

START_TEST(frozen_nothing_moves)
{
	g_autoptr(Model) model = small_model();
	ModelQuery query;

	model_freeze(model, TRUE);
	tell_gone(model, "a", "sent");
	tell(model, "z", "sending", 0);
	assert_ids(model, "a b c");
	ck_assert_uint_eq(model_unseen(model), 2);
	ck_assert(!model_next_query(model, TRUE, &query));
	model_freeze(model, FALSE);
	ck_assert(model_next_query(model, TRUE, &query));
	ck_assert(query.replace);
	g_free(query.after);
}
END_TEST

START_TEST(a_long_queue_is_a_window)
{
	g_autoptr(Model) model = model_new();
	const guint total = 100000;

	ck_assert_uint_le(feed(model, total), 2);
	ck_assert_uint_lt(model_rows(model), MODEL_WINDOW);
	ck_assert_uint_eq(model_total(model), total);
	model_go_last(model);
	feed(model, total);
	ck_assert_str_eq(model_focus(model)->id, "099999");
	ck_assert_uint_eq(model_first(model) + model_rows(model), total);
	model_go_first(model);
	feed(model, total);
	ck_assert_str_eq(model_focus(model)->id, "000000");
}
END_TEST

START_TEST(keys_faster_than_rows_are_not_lost)
{
	g_autoptr(Model) model = model_new();
	const guint total = 100000;

	feed(model, total);
	for (guint i = 0; i < 500; i++)
		model_move(model, 7);
	feed(model, total);
	ck_assert_str_eq(model_focus(model)->id, "003500");
	ck_assert_uint_le(model_rows(model), MODEL_WINDOW);
	for (guint i = 0; i < 200; i++)
		model_move(model, -7);
	feed(model, total);
	ck_assert_str_eq(model_focus(model)->id, "002100");
	model_move(model, -1000000);
	feed(model, total);
	ck_assert_str_eq(model_focus(model)->id, "000000");
	ck_assert_uint_eq(model_first(model), 0);
}
END_TEST

START_TEST(an_answer_to_an_older_question_is_dropped)
{
	g_autoptr(Model) model = model_new();
	g_autoptr(GVariant) reply = NULL;
	ModelQuery first, second;

	ck_assert(model_next_query(model, TRUE, &first));
	model_set_filter(model, "is:held");
	ck_assert(model_next_query(model, TRUE, &second));
	reply = answer(&first, 50);
	ck_assert(!model_take_rows(model, &first, reply));
	ck_assert_uint_eq(model_rows(model), 0);
	ck_assert(!model_heard(model));
	g_free(first.after);
	g_free(second.after);
}
END_TEST

START_TEST(a_filter_leaves_the_choice_to_the_engine)
{
	g_autoptr(Model) model = model_new();
	ModelQuery query;

	model_set_filter(model, "is:held");
	feed(model, 3);
	tell(model, "new", "held", 0);
	ck_assert_uint_eq(model_rows(model), 3);
	ck_assert(model_is_stale(model));
	ck_assert(!model_next_query(model, FALSE, &query));
	ck_assert(model_next_query(model, TRUE, &query));
	ck_assert(query.again);
	g_free(query.after);
}
END_TEST

/* The network came: every row has another reason, wherever the cursor is. */
START_TEST(a_stale_window_is_read_anew)
{
	g_autoptr(Model) model = model_new();
	guint asked;

	feed(model, 450);
	model_move_to(model, 300);
	model_mark_stale(model);
	asked = feed(model, 430);
	ck_assert_uint_ge(asked, 5);
	ck_assert_uint_eq(model_rows(model), 430);
	ck_assert_uint_eq(model_total(model), 430);
	ck_assert_str_eq(model_focus(model)->id, "000300");
	ck_assert(!model_is_stale(model));
}
END_TEST

START_TEST(what_is_told_while_reading_is_read_again)
{
	g_autoptr(Model) model = model_new();
	g_autoptr(GVariant) reply = NULL;
	ModelQuery query;

	feed(model, 250);
	model_mark_stale(model);
	ck_assert(model_next_query(model, TRUE, &query));
	tell(model, "000007", "held", 0);
	reply = answer(&query, 250);
	ck_assert(model_take_rows(model, &query, reply));
	g_free(query.after);
	feed(model, 250);
	ck_assert_uint_eq(model_rows(model), 250);
	ck_assert_int_eq(model_find(model, "000007")->state, STATE_RETRY);
	ck_assert(!model_is_stale(model));
}
END_TEST

START_TEST(search_goes_round)
{
	g_autoptr(Model) model = small_model();

	ck_assert(model_search(model, "C", FALSE));
	ck_assert_str_eq(model_focus(model)->id, "c");
	ck_assert(model_search(model, "a", FALSE));
	ck_assert_str_eq(model_focus(model)->id, "a");
	ck_assert(model_search(model, "b", TRUE));
	ck_assert_str_eq(model_focus(model)->id, "b");
	ck_assert(!model_search(model, "nowhere", FALSE));
	ck_assert_str_eq(model_focus(model)->id, "b");
}
END_TEST

START_TEST(groups_count_what_is_there)
{
	g_autoptr(Model) model = model_new();
	g_autoptr(GPtrArray) groups = NULL;
	const Group *first;

	feed(model, 0);
	tell(model, "anna@x.example", "retry", 1);
	tell(model, "bob@x.example", "retry", 2);
	tell(model, "root", "held", 0);
	tell_gone(model, "bob@x.example", "sent");
	tell(model, "carl@x.example", "retry", 2);
	groups = groups_of(model, GROUP_DESTINATION, NOW + 11 * 60);
	ck_assert_uint_eq(groups->len, 2);
	first = groups->pdata[0];
	ck_assert_str_eq(first->name, "x.example");
	ck_assert_uint_eq(first->total, 2);
	ck_assert_uint_eq(first->ages[2], 2);
	ck_assert_int_eq(first->oldest, NOW);
}
END_TEST

static const struct {
	const char *text, *order;
	gboolean reverse, wide, mouse;
} files[] = {
	{ "", "next-try", FALSE, TRUE, TRUE },
	{ "order size\nreverse yes\nwide no\nmouse no\n", "size", TRUE,
	  FALSE, FALSE },
	{ "order nonsense\nreverse maybe\nwide\n\n x y z", "next-try",
	  FALSE, TRUE, TRUE },
};

START_TEST(settings_are_read_back)
{
	g_autofree char *folder = g_dir_make_tmp("settings-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "a", "tui", NULL);
	g_autofree char *above = g_path_get_dirname(path);
	Settings *first, *second;

	/* The folder is made when it is needed. */
	first = settings_load(path);
	settings_save(first, path);
	ck_assert(g_file_set_contents(path, files[_i].text, -1, NULL));
	settings_free(first);
	first = settings_load(path);
	ck_assert_str_eq(first->order, files[_i].order);
	ck_assert_int_eq(first->reverse, files[_i].reverse);
	ck_assert_int_eq(first->wide, files[_i].wide);
	ck_assert_int_eq(first->mouse, files[_i].mouse);
	settings_save(first, path);
	second = settings_load(path);
	ck_assert_str_eq(first->order, second->order);
	ck_assert_int_eq(first->wide, second->wide);
	settings_free(first);
	settings_free(second);
	remove(path);
	remove(above);
	remove(folder);
}
END_TEST

static Suite *
make_model_suite(void)
{
	Suite *suite = suite_create("tui model");
	TCase *tc = tcase_create("model");

	tcase_add_test(tc, changes_are_put_in_their_place);
	tcase_add_test(tc, the_cursor_stays_on_its_message);
	tcase_add_test(tc, what_left_stays_a_minute);
	tcase_add_test(tc, what_was_deleted_goes_at_once);
	tcase_add_test(tc, tags_choose_else_the_cursor);
	tcase_add_test(tc, frozen_nothing_moves);
	tcase_add_test(tc, a_long_queue_is_a_window);
	tcase_add_test(tc, keys_faster_than_rows_are_not_lost);
	tcase_add_test(tc, an_answer_to_an_older_question_is_dropped);
	tcase_add_test(tc, a_filter_leaves_the_choice_to_the_engine);
	tcase_add_test(tc, a_stale_window_is_read_anew);
	tcase_add_test(tc, what_is_told_while_reading_is_read_again);
	tcase_add_test(tc, search_goes_round);
	tcase_add_test(tc, groups_count_what_is_there);
	tcase_add_loop_test(tc, settings_are_read_back, 0,
			    G_N_ELEMENTS(files));
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_model_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
