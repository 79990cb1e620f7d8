// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The message piece by piece, as the engine has it, or with another head:
 * then offsets beyond it are shifted by what the head grew or shrank.
 */
#include "daemon/worker/worker.h"

#include "common/wire.h"

#define PIECE (64 * 1024) /* bytes, as the engine answers Fetch */

static WirePacket *
fetch(Worker *worker, const Job *job, guint64 offset, GError **error)
{
	if (!client_send(worker->engine, "Fetch",
			 g_variant_new("(st)", job->id, offset), error))
		return NULL;
	return client_wait(worker->engine, error);
}

static WirePacket *
piece_of_head(const GByteArray *head, guint64 offset)
{
	WirePacket *packet = g_new0(WirePacket, 1);

	packet->size = MIN(head->len - offset, PIECE);
	packet->data = g_memdup2(head->data + offset, packet->size);
	return packet;
}

WirePacket *
worker_fetch(Worker *worker, const Job *job, guint64 offset, GError **error)
{
	if (!job->head)
		return fetch(worker, job, offset, error);
	if (offset < job->head->len)
		return piece_of_head(job->head, offset);
	return fetch(worker, job, offset - job->head->len + job->replaced,
		     error);
}

void
worker_replace_head(Job *job, GByteArray *head, guint64 replaced)
{
	job->size = job->size - replaced + head->len;
	job->head = head;
	job->replaced = replaced;
}

guint64
worker_sent(const Job *job, guint64 offset)
{
	if (!job->head)
		return offset;
	if (offset < job->head->len)
		return MIN(offset, job->replaced);
	return offset - job->head->len + job->replaced;
}
