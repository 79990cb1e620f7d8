// SPDX-License-Identifier: GPL-2.0-or-later
/* Every view, at every size, with any key and any text: nothing breaks. */
#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tui/app-hear.h"
#include "tui/app.h"

#define NOW 1747319520
#define RANDOM_KEYS 3000

static void
ignore(gpointer data)
{
	(void)data;
}

static void
ignore_page(gpointer data, const char *text, gsize size)
{
	(void)data;
	(void)text;
	(void)size;
}

static void
ignore_mouse(gpointer data, gboolean on)
{
	(void)data;
	(void)on;
}

static void
ignore_copy(gpointer data, const char *text)
{
	(void)data;
	ck_assert_ptr_nonnull(text);
}

static const AppShell shell = {
	.changed = ignore, .quit = ignore,	.suspend = ignore,
	.redraw = ignore,  .mouse = ignore_mouse, .page = ignore_page,
	.copy = ignore_copy,
};

static void
tell(App *app, const char *name, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) body =
		g_variant_parse(NULL, text, NULL, NULL, &error);

	ck_assert_msg(body, "%s: %s", text, error ? error->message : "");
	app_hear_events.notice(app, name, body);
}

static const char *const strings[] = {
	"", "plain", "\\u001b[2J\\u001b]0;title\\u0007", "李雷@例え.jp",
	"e\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301", "\\u202eevil\\u2066",
	"\\u200d\\u200d\\ufe0f", "%s%n%s%n", "a\\tb\\nc", "😀👨‍👩‍👧",
};

static void
add_message(App *app, guint number)
{
	const char *odd = strings[number % G_N_ELEMENTS(strings)];
	g_autofree char *text = g_strdup_printf(
		"({'id': <'%04u'>, 'state': <'%s'>, 'to': <'%s@x.example'>, "
		"'subject': <'%s'>, 'why': <'%s'>, 'answer': <'%s'>, "
		"'host': <'%s'>, 'tls': <'%s'>, 'route': <'%s'>, "
		"'wait': <'%s'>, 'arrived': <int64 %d>, "
		"'next-try': <int64 %d>, 'last-try': <int64 %d>, "
		"'size': <uint64 %u>, 'pending': <uint32 %u>, "
		"'progress': <uint32 %u>, 'gives-up': <int64 %d>},)",
		number, row_state_name(number % STATE_TRASH), odd, odd, odd,
		odd, odd, odd, odd, odd, NOW - (int)(number * number * 60),
		NOW + (int)number * 100, NOW - 5, number * 10000,
		number % 7, number * 9, NOW + 500000);

	tell(app, "Message", text);
}

static void
add_places(App *app)
{
	tell(app, "Status",
	     "({'profile': <'Home\\u001b[7m'>, 'online': <true>, "
	     "'network': <'“李雷” \\u202e'>, 'pinned': <'x'>, "
	     "'pin-until': <'time'>, 'pin-ends': <int64 1747320000>, "
	     "'bytes': <uint64 18446744073709551615>, 'minute': <uint32 "
	     "4294967295>},)");
	tell(app, "Routes",
	     "([{'name': <'isp'>, 'kind': <'smarthost'>, 'server': "
	     "<'smtp.isp.example:465'>, 'state': <'up'>, 'sent': <uint64 "
	     "5>}, {'name': <'local'>, 'kind': <'local'>, 'state': "
	     "<'strange'>, 'match': <['\\u001b[2J']>}],)");
	tell(app, "Networks",
	     "({'description': <'x'>, 'chosen': <'Home'>, 'usable': <true>, "
	     "'settled-in': <int64 99999999>, 'switched': <int64 "
	     "1747300000>, 'links': <[{'name': <'wlan0'>, 'kind': "
	     "<'wifi'>, 'up': <true>, 'ssid': <'\\u001b[2J李'>, "
	     "'addresses': <['10.0.0.1/8']>, 'gateway': <'10.0.0.2'>}, "
	     "{'name': <'lo'>, 'kind': <'loopback'>}]>, 'candidates': "
	     "<[{'profile': <'Home'>, 'fingerprint': <'\\u202e'>, "
	     "'matched': <true>, 'score': <-5>, 'conditions': <[('a', true, "
	     "3), ('b', false, 9)]>}, {'profile': <'Away'>}]>, 'why': "
	     "<['because', 'of a very long reason that goes on and on "
	     "until it has filled more than one line of the pane']>},)");
	for (guint i = 0; i < 40; i++)
		tell(app, "Log",
		     "({'time': <int64 1747319000>, 'event': <'sent'>, 'id': "
		     "<'0003'>, 'text': <'to=<a@b> route=%n'>, 'answer': "
		     "<'250 \\u001b[0m'>, 'problem': <true>},)");
}

static App *
full_app(void)
{
	App *app = app_new("/nonexistent/submit", "/nonexistent/tui",
			   &shell, NULL);
	g_autoptr(GVariant) none = g_variant_ref_sink(
		g_variant_new_parsed("(uint32 0, @av [])"));
	ModelQuery query;

	app->now = NOW;
	ck_assert(model_next_query(app->model, TRUE, &query));
	model_take_rows(app->model, &query, none);
	g_free(query.after);
	for (guint i = 0; i < 60; i++)
		add_message(app, i);
	add_places(app);
	return app;
}

static void
press(App *app, guint key)
{
	Stroke stroke = { .key = key, .row = 5, .column = 5 };

	app_stroke(app, &stroke);
}

/* It holds something a terminal can show, and halves belong together. */
static gboolean
is_whole(const Canvas *canvas, int row, int column)
{
	const Cell *cell = canvas_cell(canvas, row, column);
	gunichar c = cell->chars[0];

	if (cell->width == 0)
		return column > 0 && (cell - 1)->width == 2;
	if (cell->width == 2 && column + 1 >= canvas->columns)
		return FALSE;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return FALSE;
	return cell->width <= 2 && (c < 0x7f || !canvas->ascii);
}

static void
assert_whole(const Canvas *canvas)
{
	for (int row = 0; row < canvas->rows; row++)
		for (int column = 0; column < canvas->columns; column++)
			if (!is_whole(canvas, row, column))
				ck_abort_msg("broken at %d, %d of %dx%d", row,
					     column, canvas->rows,
					     canvas->columns);
	ck_assert_int_lt(canvas->cursor_row, canvas->rows);
	ck_assert_int_lt(canvas->cursor_column, canvas->columns);
}

static void
draw(App *app, int rows, int columns, gboolean ascii)
{
	g_autoptr(Canvas) canvas = canvas_new(rows, columns, ascii);

	app_draw(app, canvas);
	assert_whole(canvas);
}

/* Keys that lead to each view from the first screen. */
static const char *const ways[] = { "1", "2", "3", "4", "5", "1\r",
				    "1\r\t", "1\r\t\t\t", "1?", "4?",
				    "1:", "1@", "1/x", "1\r?", "1p" };

START_TEST(every_view_fits_every_size)
{
	static const int rows[] = { 1, 2, 9, 10, 12, 17, 18, 24, 50, 200 };
	static const int columns[] = { 1,  2,  39, 40, 71,
				       72, 80, 81, 132, 500 };
	App *app = full_app();

	for (const char *key = ways[_i]; *key; key++)
		press(app, *key);
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		for (guint k = 0; k < G_N_ELEMENTS(columns); k++)
			draw(app, rows[i], columns[k], (i + k) & 1);
	app_free(app);
}
END_TEST

START_TEST(views_without_data_say_so)
{
	App *app = app_new("/nonexistent/submit", "/nonexistent/tui",
			   &shell, NULL);

	app->now = NOW;
	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		for (const char *key = ways[i]; *key; key++)
			press(app, *key);
		draw(app, 24, 80, FALSE);
		press(app, STROKE_ESCAPE);
		press(app, STROKE_ESCAPE);
	}
	app_free(app);
}
END_TEST

START_TEST(random_keys_break_nothing)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(_i);
	App *app = full_app();

	for (guint i = 0; i < RANDOM_KEYS; i++) {
		gboolean special = g_rand_int_range(random, 0, 3) == 0;
		guint key = special ? (guint)g_rand_int_range(
					      random, STROKE_SPECIAL,
					      STROKE_LAST)
				    : (guint)g_rand_int_range(random, 0,
							      0x180);

		press(app, key);
		if (i % 50 == 0)
			draw(app, g_rand_int_range(random, 1, 40),
			     g_rand_int_range(random, 1, 120), i % 100 == 0);
		if (i % 97 == 0)
			add_message(app, g_rand_int_range(random, 0, 200));
		app->now += i % 7 == 0;
		app_tick(app);
	}
	app_free(app);
}
END_TEST

START_TEST(popups_leave_header_and_footer)
{
	App *app = full_app();
	g_autoptr(Canvas) bare = canvas_new(24, 80, FALSE);
	g_autoptr(Canvas) over = canvas_new(24, 80, FALSE);

	app_draw(app, bare);
	press(app, '?');
	app_draw(app, over);
	for (int column = 0; column < 80; column++) {
		ck_assert_uint_eq(canvas_cell(bare, 0, column)->chars[0],
				  canvas_cell(over, 0, column)->chars[0]);
		ck_assert_uint_eq(canvas_cell(over, 22, column)->chars[0],
				  ' ');
	}
	app_free(app);
}
END_TEST

START_TEST(the_clock_only_wakes_when_it_must)
{
	App *app = app_new("/nonexistent/submit", "/nonexistent/tui",
			   &shell, NULL);

	app->now = NOW;
	ck_assert_int_eq(app_tick(app), (NOW / 60 + 1) * 60);
	app_toast(app, "x");
	ck_assert_int_eq(app_tick(app), NOW + APP_TOAST_SECONDS);
	app->now = NOW + APP_TOAST_SECONDS;
	app_tick(app);
	ck_assert_ptr_null(app->toast);
	app->plain = TRUE;
	ck_assert_int_eq(app_tick(app), 0);
	app_free(app);
}
END_TEST

static Suite *
make_views_suite(void)
{
	Suite *suite = suite_create("tui views");
	TCase *tc = tcase_create("views");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, every_view_fits_every_size, 0,
			    G_N_ELEMENTS(ways));
	tcase_add_test(tc, views_without_data_say_so);
	tcase_add_loop_test(tc, random_keys_break_nothing, 0, 3);
	tcase_add_test(tc, popups_leave_header_and_footer);
	tcase_add_test(tc, the_clock_only_wakes_when_it_must);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner;
	int failed;

	setlocale(LC_ALL, "C.UTF-8");
	runner = srunner_create(make_views_suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
