// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies of mail that nobody addressed: to the archive, and into the
 * sender's own folder of sent mail. They are recipients like others, added
 * before the message is committed, so they survive what it survives; their
 * failure is nobody's bounce. Knows alone which mail gets a copy and when a
 * copy may go.
 */
#ifndef MASQMAIL_ENGINE_ARCHIVE_H
#define MASQMAIL_ENGINE_ARCHIVE_H

#include "daemon/engine/engine.h"

/* Add the copies that @envelope, about to be committed, is to have. */
void archive_add(Engine *engine, Message *envelope);

/* A copy of sent mail is not kept of what could not be sent. */
void archive_settle(Engine *engine, Message *message);

#endif
