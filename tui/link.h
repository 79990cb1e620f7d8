// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The connection to the engine, inside the main loop: calls whose answers
 * come back to a function, notices, and what happens when the daemon goes
 * away and returns. It alone knows when to try again: when something
 * appears in the socket's directory, and a few times shortly after; never
 * by the clock alone. main makes one; views call through app.h.
 */
#ifndef MASQMAIL_TUI_LINK_H
#define MASQMAIL_TUI_LINK_H

#include <glib.h>

/*
 * The answer to a call: its body (for Fetch: an "ay"), or an error. Neither
 * is the callee's. Not called for calls that a lost connection cut off.
 */
typedef void (*LinkReply)(gpointer data, GVariant *body,
			  const GError *error);

typedef struct {
	void (*up)(gpointer data);
	void (*down)(gpointer data, const char *why);
	void (*notice)(gpointer data, const char *name, GVariant *body);
} LinkEvents;

typedef struct Link Link;

/*
 * For the engine's socket at @path. Nothing is done before link_start.
 * @events are called with @data from the main loop only.
 */
Link *link_new(const char *path, const LinkEvents *events, gpointer data);
void link_start(Link *link);
void link_free(Link *link);

gboolean link_is_up(const Link *link);
guint link_roles(const Link *link);

/*
 * Call @method; @body is sunk. @reply (nullable) is called with @data from
 * the main loop, @destroy (nullable) always once, after it or when it never
 * comes.
 */
void link_call(Link *link, const char *method, GVariant *body,
	       LinkReply reply, gpointer data, GDestroyNotify destroy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Link, link_free)

#endif
