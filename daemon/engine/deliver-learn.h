// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What workers say of their next hop, and what is then known of it: the only
 * place where facts of routes and hops change, and where the latter are
 * brought to disk: on stop, and now and then when a job ends anyway. No
 * timer: an idle machine is not woken for it.
 */
#ifndef MASQMAIL_ENGINE_DELIVER_LEARN_H
#define MASQMAIL_ENGINE_DELIVER_LEARN_H

#include "daemon/engine/job.h"

/* At least, between two writes; between those of news about TLS. */
#define LEARN_KEEP_SECONDS 300
#define LEARN_KEEP_URGENT_SECONDS 10

/* From the state directory, and back to it when there is anything new. */
void learn_load(Deliver *deliver);
void learn_keep(Deliver *deliver);

/* The same if the last time is long enough ago. */
void learn_keep_later(Deliver *deliver);

/* A recipient of @job was judged. */
void learn_verdict(Job *job, const Status *status);

/* The batch of @job was stopped by a fault, or its worker died. */
void learn_fault(Job *job, const Status *status);

/* The a{sv} of a Report: the session, the speed. */
void learn_session(Job *job, GVariant *facts);

/* @message is what the worker of @job has now. */
void learn_given(Job *job, const Message *message);

/* The same of a Report with a transcript of what it was given. */
void learn_transcript(Job *job, GVariant *facts);

/* Pauses and back-offs of @route, or of all when NULL, are void. */
void learn_forgive(Deliver *deliver, const char *route);

/*
 * Drop what is known of the next hop or host @name, or of all when NULL, and
 * what keeps mail from it: how many were dropped.
 */
guint learn_purge(Deliver *deliver, const char *name);

/* Add to the Job of a far message what its worker should know of the hop. */
void learn_fill_job(GVariantDict *dict, const Job *job);

/* (transfer full). What hosts.h calls a next hop of @route. */
char *learn_hop_name(const Route *route, const char *domain);

#endif
