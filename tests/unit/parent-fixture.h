// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The real masqmaild in user mode in a folder of its own, with tests/unit/
 * fake as engine and workers: the test speaks the engine's part on `priv`.
 */
#ifndef MASQMAIL_TESTS_PARENT_FIXTURE_H
#define MASQMAIL_TESTS_PARENT_FIXTURE_H

#include <glib.h>
#include <sys/types.h>

#include "common/paths.h"
#include "daemon/priv.h"

#define PATIENCE_MS 10000

extern Paths *paths;
extern int priv;
extern pid_t parent, engine;

void fixture_start(void);
void fixture_stop(void);

void write_file(const char *name, const char *text, int mode);
void wait_readable(int fd);

/* The engine that was started last: its socket to the parent is ours. */
void meet_engine(void);

PrivPacket hear(int fds[PRIV_FDS_MAX]);
void say(PrivOp op, PrivKind kind, guint job, const char *name, int result);

/* (transfer full): our end of the worker's socket; what STARTED says. */
int spawn(PrivKind kind, guint job, const char *name, int *ret_socket);

void assert_exited(guint job, int status);
void assert_says(int fd, const char *expected);

#endif
