// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages that were left in the drop directory while no daemon answered:
 * read piece by piece between other work, and submitted like any other, by
 * the uid that owns the file.
 */
#ifndef MASQMAIL_ENGINE_DROPS_H
#define MASQMAIL_ENGINE_DROPS_H

#include "daemon/engine/engine.h"

/*
 * Take the dropped file @name of @uid, open at @fd (transfer full). The
 * parent is told when it is safe, or that it must stay.
 */
void drops_take(Engine *engine, const char *name, uid_t uid, int fd);

#endif
