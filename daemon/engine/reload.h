// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notices that a file of the configuration was written and calls once, when
 * the writing has come to rest. Costs nothing while nobody writes.
 */
#ifndef MASQMAIL_ENGINE_RELOAD_H
#define MASQMAIL_ENGINE_RELOAD_H

#include <glib.h>

#define RELOAD_REST_MS 300

typedef struct Reload Reload;

/* Watch @config and what is below it; missing directories are no error. */
Reload *reload_new(const char *config, GSourceFunc changed, gpointer data);
void reload_free(Reload *reload);

#endif
