// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/events.h"

#include "common/log.h"
#include "common/text.h"

#define NOBODY ((uid_t)-1)

struct Events {
	GQueue kept;
	EventHappened happened;
	gpointer data;
};

Events *
events_new(EventHappened happened, gpointer data)
{
	Events *events = g_new0(Events, 1);

	g_queue_init(&events->kept);
	events->happened = happened;
	events->data = data;
	return events;
}

static void
event_free(gpointer data)
{
	Event *event = data;

	g_free(event->event);
	g_free(event->text);
	g_free(event->answer);
	g_free(event);
}

void
events_free(Events *events)
{
	if (!events)
		return;
	g_queue_clear_full(&events->kept, event_free);
	g_free(events);
}

static void
log_it(const Event *event)
{
	const char *colon = *event->answer ? ": " : "";

	if (event->problem)
		log_problem(event->event, event->id, "%s%s%s", event->text,
			    colon, event->answer);
	else
		log_event(event->event, event->id, "%s%s%s", event->text,
			  colon, event->answer);
}

void
events_add(Events *events, const char *name, gboolean problem,
	   const Message *message, const char *answer, const char *format,
	   ...)
{
	g_autofree char *raw = NULL;
	Event *event = g_new0(Event, 1);
	va_list arguments;

	va_start(arguments, format);
	raw = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	event->when = g_get_real_time() / G_USEC_PER_SEC;
	event->event = g_strdup(name);
	event->id = message ? message->id : 0;
	event->uid = message ? message->uid : NOBODY;
	event->text = text_harmless_clipped(raw, EVENTS_MAX_TEXT);
	event->answer = text_harmless_clipped(answer ? answer : "",
					      EVENTS_MAX_TEXT);
	event->problem = problem;
	log_it(event);
	g_queue_push_tail(&events->kept, event);
	if (events->kept.length > EVENTS_KEPT)
		event_free(g_queue_pop_head(&events->kept));
	events->happened(events->data, event);
}

GQueue *
events_kept(Events *events)
{
	return &events->kept;
}

gboolean
event_is_for(const Event *event, uid_t uid, gboolean all)
{
	return all || event->uid == NOBODY || event->uid == uid;
}

GVariant *
event_to_variant(const Event *event)
{
	char buffer[TEXT_ID_SIZE];
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "time", "x", event->when);
	g_variant_dict_insert(&dict, "event", "s", event->event);
	g_variant_dict_insert(&dict, "id", "s",
			      event->id ? text_id(event->id, buffer) : "");
	g_variant_dict_insert(&dict, "text", "s", event->text);
	g_variant_dict_insert(&dict, "answer", "s", event->answer);
	g_variant_dict_insert(&dict, "problem", "b", event->problem);
	return g_variant_dict_end(&dict);
}
