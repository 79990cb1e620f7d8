// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/app-hear.h"

#include <libintl.h>
#include <string.h>

#include "common/api.h"
#include "common/text.h"
#include "common/wire.h"

#define _(text) gettext(text)
#define LIST_INTERVAL 1 /* seconds between two looks at a stale window */

/* One call on its way, for app_call. */
typedef struct {
	App *app;
	AppReply reply;
	gpointer data;
	GDestroyNotify destroy;
} Errand;

static void
errand_free(gpointer data)
{
	Errand *errand = data;

	if (errand->destroy)
		errand->destroy(errand->data);
	g_free(errand);
}

static void
complain_of(App *app, const GError *error)
{
	g_autofree char *sentence =
		text_harmless(wire_remote_parts(error, NULL));

	app_complain(app, "%s", sentence);
}

static void
on_answer(gpointer data, GVariant *body, const GError *error)
{
	Errand *errand = data;

	if (error)
		complain_of(errand->app, error);
	else if (errand->reply)
		errand->reply(errand->app, body, errand->data);
	app_changed(errand->app);
}

void
app_call(App *app, const char *method, GVariant *body, AppReply reply,
	 gpointer data, GDestroyNotify destroy)
{
	Errand *errand = g_new0(Errand, 1);

	errand->app = app;
	errand->reply = reply;
	errand->data = data;
	errand->destroy = destroy;
	link_call(app->link, method, body, on_answer, errand, errand_free);
}

typedef struct {
	App *app;
	ModelQuery query;
} Feeding;

static void
feeding_free(gpointer data)
{
	Feeding *feeding = data;

	g_free(feeding->query.after);
	g_free(feeding);
}

static void
on_rows(gpointer data, GVariant *body, const GError *error)
{
	Feeding *feeding = data;
	App *app = feeding->app;

	if (error) {
		model_give_up(app->model);
		complain_of(app, error);
	} else {
		model_take_rows(app->model, &feeding->query, body);
		app_feed_model(app);
	}
	app_changed(app);
}

/* What was deleted is only shown to who asks for it. */
static char *
whole_filter(const Model *model)
{
	const char *filter = model_filter(model);

	return strstr(filter, "trash") ? g_strdup(filter)
	       : *filter	       ? g_strdup_printf("-is:trash %s",
							 filter)
				       : g_strdup("-is:trash");
}

static GVariant *
list_body(const Model *model, const ModelQuery *query)
{
	gboolean reverse = model_reversed(model) != query->backwards;
	g_autofree char *filter = whole_filter(model);
	GVariantBuilder options;

	g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
	g_variant_builder_add(&options, "{sv}", "filter",
			      g_variant_new_string(filter));
	g_variant_builder_add(&options, "{sv}", "order",
			      g_variant_new_string(model_order(model)));
	g_variant_builder_add(&options, "{sv}", "reverse",
			      g_variant_new_boolean(reverse));
	return g_variant_new("(^as@a{sv}su)", row_columns,
			     g_variant_builder_end(&options), query->after,
			     query->rows);
}

void
app_feed_model(App *app)
{
	Feeding *feeding;
	ModelQuery query;

	if (!link_is_up(app->link) ||
	    !model_next_query(app->model, app->now >= app->list_due, &query))
		return;
	if (query.again)
		app->list_due = app->now + LIST_INTERVAL;
	feeding = g_new0(Feeding, 1);
	feeding->app = app;
	feeding->query = query;
	link_call(app->link, "List", list_body(app->model, &query), on_rows,
		  feeding, feeding_free);
}

static void
replace(GVariant **member, GVariant *value)
{
	g_variant_ref(value);
	if (*member)
		g_variant_unref(*member);
	*member = value;
}

/* What decides where mail may go: when it changes, so do the reasons. */
static char *
place_of(const App *app)
{
	g_autofree char *profile = record_text(app->status, "profile");
	g_autofree char *pinned = record_text(app->status, "pinned");

	return g_strdup_printf("%d %s %s",
			       record_flag(app->status, "online"), profile,
			       pinned);
}

static void
look_again(App *app)
{
	model_mark_stale(app->model);
	app_feed_model(app);
}

static void
take_status(App *app, GVariant *record)
{
	g_autofree char *before = app->status ? place_of(app) : NULL;
	g_autofree char *now = NULL;

	replace(&app->status, record);
	app->spark[APP_SPARK - 1] = record_number(record, "minute");
	now = place_of(app);
	if (!before || g_str_equal(before, now))
		return;
	app_refresh_profiles(app);
	look_again(app);
}

/* Bodies are tuples of one value. */
static void
hear_status(App *app, GVariant *body, gpointer data)
{
	g_autoptr(GVariant) record = g_variant_get_child_value(body, 0);

	(void)data;
	take_status(app, record);
}

static void
hear_routes(App *app, GVariant *body, gpointer data)
{
	g_autoptr(GVariant) rows = g_variant_get_child_value(body, 0);

	(void)data;
	replace(&app->routes, rows);
}

/* A route that is down, or up again, holds mail or lets it go. */
static void
hear_changed_routes(App *app, GVariant *body)
{
	hear_routes(app, body, NULL);
	look_again(app);
}

static void
hear_networks(App *app, GVariant *body, gpointer data)
{
	g_autoptr(GVariant) record = g_variant_get_child_value(body, 0);

	(void)data;
	replace(&app->networks, record);
}

static void
hear_profiles(App *app, GVariant *body, gpointer data)
{
	g_autoptr(GVariant) rows = g_variant_get_child_value(body, 0);

	(void)data;
	replace(&app->profiles, rows);
}

void
app_refresh_profiles(App *app)
{
	app_call(app, "Profiles", g_variant_new("()"), hear_profiles, NULL,
		 NULL);
}

void
app_refresh_all(App *app)
{
	app_call(app, "Status", g_variant_new("()"), hear_status, NULL, NULL);
	app_call(app, "Routes", g_variant_new("()"), hear_routes, NULL, NULL);
	app_call(app, "Networks", g_variant_new("()"), hear_networks, NULL,
		 NULL);
	app_refresh_profiles(app);
}

static void
on_up(gpointer data)
{
	App *app = data;

	if (app->ever_up)
		app_toast(app, _("The mail daemon is back."));
	app->ever_up = TRUE;
	g_clear_pointer(&app->down_why, g_free);
	model_reset_questions(app->model);
	app->list_due = 0;
	/* Watch first: nothing that changes after List is missed. */
	app_call(app, "Watch", g_variant_new("()"), NULL, NULL, NULL);
	app_feed_model(app);
	app_refresh_all(app);
	for (guint i = 0; i <= app->over->len; i++) {
		View *view = i < app->over->len
				     ? app->over->pdata[i]
				     : &app->screens[app->screen];

		if (view->ops->show)
			view->ops->show(app, view->state);
	}
	app_changed(app);
}

static void
on_down(gpointer data, const char *why)
{
	App *app = data;

	if (!app->down_why && app->ever_up)
		app_complain(app, _("The mail daemon went away: %s"), why);
	g_free(app->down_why);
	app->down_why = text_harmless(why);
	model_reset_questions(app->model);
	app_changed(app);
}

static void
toast_sent(App *app, const char *before)
{
	const Row *row = model_last_sent(app->model);

	if (!row || g_strcmp0(row->id, before) == 0 || app->toast_error)
		return;
	if (*row->subject)
		app_toast(app, _("✓ Sent “%s” to %s."), row->subject,
			  row->to);
	else
		app_toast(app, _("✓ Sent a mail to %s."), row->to);
}

static void
hear_message(App *app, GVariant *body)
{
	g_autoptr(GVariant) record = g_variant_get_child_value(body, 0);
	const Row *last = model_last_sent(app->model);
	g_autofree char *before = last ? g_strdup(last->id) : NULL;

	model_take_message(app->model, record, app->now);
	toast_sent(app, before);
	app_feed_model(app);
}

static void
on_notice(gpointer data, const char *name, GVariant *body)
{
	App *app = data;

	if (g_str_equal(name, "Message"))
		hear_message(app, body);
	else if (g_str_equal(name, "Status"))
		hear_status(app, body, NULL);
	else if (g_str_equal(name, "Routes"))
		hear_changed_routes(app, body);
	else if (g_str_equal(name, "Networks"))
		hear_networks(app, body, NULL);
	for (guint i = 0; i < APP_SCREENS + app->over->len; i++) {
		View *view = i < APP_SCREENS
				     ? &app->screens[i]
				     : app->over->pdata[i - APP_SCREENS];

		if (view->ops->notice)
			view->ops->notice(app, view->state, name, body);
	}
	app_changed(app);
}

const LinkEvents app_hear_events = { on_up, on_down, on_notice };
