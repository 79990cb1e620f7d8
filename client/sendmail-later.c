// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/sendmail-later.h"

#include "common/text.h"
#include "common/when.h"

#define FIELD "Deferred-Delivery"

gboolean
later_find(const SendmailOptions *options, Letter *letter, GError **error)
{
	const HeaderField *field = header_find(letter->header, FIELD);
	g_autofree char *value = NULL;

	letter->not_before = options->not_before;
	if (!field || options->as_it_is)
		return TRUE;
	value = header_value(field);
	if (!options->not_before &&
	    !when_parse_date(value, &letter->not_before))
		return sendmail_fail(error, EX_DATAERR,
				     FIELD ": “%s” is no date as in mail, so "
				     "nothing was queued", value);
	header_remove(letter->header, FIELD);
	return TRUE;
}
