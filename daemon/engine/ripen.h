// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mail that shall not leave yet (later.h), in the running engine: what a
 * submission asks for and what its author's undo window adds, and that its
 * lifetime begins when it may go.
 */
#ifndef MASQMAIL_ENGINE_RIPEN_H
#define MASQMAIL_ENGINE_RIPEN_H

#include "daemon/engine/engine.h"

/*
 * Take "not-before" of Submit's options. FALSE with a refusal
 * (WIRE_ERROR_REMOTE) when that is more than LATER_MOST ahead.
 */
gboolean ripen_take(Message *envelope, GVariant *options, GError **error);

/* Give own mail that is handed in now the time to take it back. */
void ripen_give_window(Engine *engine, Message *envelope);

/* Seconds in which @uid can take mail back. */
gint64 ripen_window(Engine *engine, uid_t uid);

/* One of its times has come: let it go. */
void ripen(Engine *engine, Message *message);

/* From now on its lifetime is reckoned: it was kept back by hand. */
void ripen_fresh(Engine *engine, Message *message);

/* It shall go at once: nothing of later.h holds it back any more. */
void ripen_now(Engine *engine, Message *message);

#endif
