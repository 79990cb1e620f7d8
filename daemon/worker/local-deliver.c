// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/local-deliver.h"

#include <errno.h>
#include <string.h>

#include "common/error.h"
#include "common/smtp.h"
#include "daemon/worker/local-lines.h"

/* What a mailbox's error means for the mail; the last row is the rest. */
static const struct {
	int code;
	const char *enhanced;
	const char *why;
} meanings[] = {
	{ENOSPC, "4.3.1",
	 "The disk is full. The mail is delivered once there is room."},
	{EDQUOT, "4.2.2",
	 "The recipient's disk quota is used up. The mail is delivered once "
	 "there is room."},
	{EFBIG, "4.2.2",
	 "The mailbox is as large as it may be. The mail is delivered once "
	 "there is room."},
	{EROFS, "4.3.0",
	 "The mailbox is on a disk that cannot be written to now."},
	{EACCES, "4.2.0",
	 "The recipient may not write to the mailbox. Check its owner and "
	 "mode, and those of its directory."},
	{EIO, "4.3.0", "The disk reports errors. Look after it soon."},
	{ENOENT, "4.2.0",
	 "The recipient's home or mail directory is not there. Perhaps it "
	 "is not mounted yet."},
	{0, "4.3.0", "The mailbox could not be written to."},
};

static Status *
deferred(const BoxTarget *target, const char *enhanced, const char *why,
	 const GError *error)
{
	Status *status = status_new(OUTCOME_DEFERRED, FAULT_RECIPIENT, 0,
				    enhanced, error->message, why);

	g_free(status->host);
	status->host = box_place(target);
	return status;
}

static Status *
status_of_system_error(const BoxTarget *target, const GError *error)
{
	guint row = 0;

	while (meanings[row].code && meanings[row].code != error->code)
		row++;
	return deferred(target, meanings[row].enhanced, meanings[row].why,
			error);
}

static Status *
status_of_error(const BoxTarget *target, const GError *error)
{
	if (error->domain == COMMAND_RUN_ERROR || target->call)
		return command_trouble(target->path, error);
	if (g_error_matches(error, BOX_ERROR, BOX_ERROR_LOCKED))
		return deferred(target, "4.2.0",
				"Another program keeps the mailbox locked.",
				error);
	if (g_error_matches(error, BOX_ERROR, BOX_ERROR_UNSAFE))
		return deferred(target, "4.2.0",
				"The mailbox is not delivered to, because it "
				"may lead to somebody else's file. Put that "
				"right and the mail follows.",
				error);
	return status_of_system_error(target, error);
}

static Status *
status_of_message(const GError *error)
{
	if (g_error_matches(error, SMTP_ERROR, SMTP_ERROR_LOOP))
		return status_new(OUTCOME_FAILED, FAULT_MESSAGE, 0, "5.4.6",
				  error->message,
				  "The message goes round in a circle: it "
				  "passed too many mail servers.");
	return status_new(OUTCOME_FAILED, FAULT_MESSAGE, 0, "5.6.0",
			  error->message,
			  "The message holds bytes that no mailbox can "
			  "hold.");
}

static Status *
loop(const char *address)
{
	g_autofree char *text =
		g_strdup_printf("Delivered-To: %s is in the message already",
				address);

	return status_new(OUTCOME_FAILED, FAULT_MESSAGE, 0, "5.4.6", text,
			  "The message goes round in a circle: it was "
			  "delivered to this mailbox before and came back.");
}

/* The header section and whatever of the body came with it. */
static GByteArray *
fetch_head(const LocalDelivery *delivery, GError **error)
{
	g_autoptr(GByteArray) head = g_byte_array_new();

	while (head->len < LOCAL_MAX_HEADER &&
	       (!head->len || local_header_size((char *)head->data,
						head->len) == head->len)) {
		g_autoptr(GBytes) part =
			delivery->fetch(delivery->user, head->len, error);

		if (!part)
			return NULL;
		if (!g_bytes_get_size(part))
			break;
		g_byte_array_append(head, g_bytes_get_data(part, NULL),
				    g_bytes_get_size(part));
	}
	return g_steal_pointer(&head);
}

gboolean
local_check_circle(const LocalDelivery *delivery, const char *host,
		   Status **ret_loop, GError **error)
{
	g_autoptr(GByteArray) head = fetch_head(delivery, error);
	const char *bytes;
	gsize size;

	*ret_loop = NULL;
	if (!head)
		return FALSE;
	bytes = (char *)head->data;
	size = local_header_size(bytes, head->len);
	if (local_header_was_delivered(bytes, size, delivery->address))
		*ret_loop = loop(delivery->address);
	else if (local_header_visits(bytes, size, host) >= LOCAL_MAX_VISITS)
		*ret_loop = status_new(
			OUTCOME_FAILED, FAULT_MESSAGE, 0, "5.4.6",
			"it was here too often",
			"The message goes round in a circle: it was sent on "
			"from here and came back several times.");
	return TRUE;
}

typedef struct {
	const LocalDelivery *delivery;
	Box *box;
	SmtpOutput output;
	Status *status; /* set when the mailbox or the message failed */
} Copy;

static gboolean
put(Copy *run, const void *bytes, gsize size)
{
	g_autoptr(GError) error = NULL;

	if (box_write(run->box, bytes, size, &error))
		return TRUE;
	run->status = status_of_error(&run->delivery->target, error);
	return FALSE;
}

/* No bytes are the message's end. */
static gboolean
copy(Copy *run, const void *bytes, gsize size)
{
	g_autoptr(GByteArray) out = g_byte_array_sized_new(size + 16);
	g_autoptr(GError) error = NULL;
	gboolean good =
		size ? smtp_output_feed(&run->output, bytes, size, out, &error)
		     : smtp_output_finish(&run->output, out, &error);

	if (good)
		return put(run, out->data, out->len);
	run->status = status_of_message(error);
	return FALSE;
}

/* RFC 5321 4.4: whoever makes final delivery adds the Return-Path. */
static gboolean
copy_head(Copy *run, const GByteArray *head)
{
	const char *bytes = (char *)head->data;
	gsize size = local_header_size(bytes, head->len);
	g_autoptr(GString) clean = local_header_clean(bytes, size);
	const char *to = run->delivery->envelope_to;
	g_autofree char *trace = g_strconcat(
		"Return-Path: <", run->delivery->target.sender, ">\n",
		to ? "Envelope-To: " : "", to ? to : "", to ? "\n" : "",
		"Delivered-To: ", run->delivery->address, "\n", NULL);
	g_autoptr(GError) error = NULL;

	if (run->delivery->address &&
	    !box_write(run->box, trace, strlen(trace), &error)) {
		run->status = status_of_error(&run->delivery->target, error);
		return FALSE;
	}
	return copy(run, clean->str, clean->len) &&
	       (size == head->len || copy(run, bytes + size, head->len - size));
}

/* TRUE at the message's end; else status or @error says why not. */
static gboolean
copy_rest(Copy *run, guint64 offset, GError **error)
{
	for (;;) {
		g_autoptr(GBytes) part =
			run->delivery->fetch(run->delivery->user, offset,
					     error);
		gsize size;

		if (!part)
			return FALSE;
		size = g_bytes_get_size(part);
		if (!copy(run, g_bytes_get_data(part, NULL), size))
			return FALSE;
		if (!size)
			return TRUE;
		offset += size;
	}
}

static Status *
commit(Copy *run)
{
	const BoxTarget *target = &run->delivery->target;
	g_autoptr(GError) error = NULL;

	return box_commit(run->box, &error) ? box_status(run->box)
					    : status_of_error(target, error);
}

Status *
local_deliver(const LocalDelivery *delivery, GError **error)
{
	Copy run = {.delivery = delivery};
	g_autoptr(GByteArray) head = fetch_head(delivery, error);
	g_autoptr(GError) failure = NULL;
	g_autoptr(Box) box = NULL;

	if (!head)
		return NULL;
	if (delivery->address &&
	    local_header_was_delivered((char *)head->data,
				       local_header_size((char *)head->data,
							 head->len),
				       delivery->address))
		return loop(delivery->address);
	box = box_begin(delivery->kind, &delivery->target, &failure);
	if (!box)
		return status_of_error(&delivery->target, failure);
	run.box = box;
	smtp_output_init(&run.output, SMTP_OUTPUT_LF);
	if (!copy_head(&run, head) || !copy_rest(&run, head->len, error))
		return run.status;
	return commit(&run);
}
