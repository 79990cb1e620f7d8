// SPDX-License-Identifier: GPL-2.0-or-later
/* What history.c (writing) and history-read.c (searching) share. */
#ifndef MASQMAIL_ENGINE_HISTORY_PRIVATE_H
#define MASQMAIL_ENGINE_HISTORY_PRIVATE_H

#include "daemon/engine/history.h"

#define FILE_NAME "history"

struct History {
	char *directory;
	guint64 file_bytes;
	guint days;        /* 0: nothing is kept */
	gboolean subjects;
};

/* (transfer full). The newest file has the number 0. */
char *history_path(const History *history, guint number);

#endif
