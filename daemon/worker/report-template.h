// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text of a report as people may write their own: files below
 * templates/ of the configuration, named as "bounce.de" or, for every
 * language, "bounce". The first line may be "Subject: ..."; then come
 * paragraphs, which are filled to the width of mail, but for lines that
 * begin with a blank and what follows "-- ". ${name} stands for what the
 * caller knows. See masqmail-templates(5).
 */
#ifndef MASQMAIL_WORKER_REPORT_TEMPLATE_H
#define MASQMAIL_WORKER_REPORT_TEMPLATE_H

#include <glib.h>

#include "daemon/worker/report-words.h"

#define TEMPLATES_MAX_FILES 64
#define TEMPLATES_MAX_BYTES (16 * 1024) /* of one */
#define TEMPLATE_WIDTH 72

typedef struct Templates Templates;

/*
 * Read all of an open directory (kept open; -1 for none) before the worker
 * confines itself. What cannot be read is logged and left out. (transfer
 * full)
 */
Templates *templates_read(int directory);
void templates_free(Templates *templates); /* takes NULL */

/* (nullable) (transfer none). The own template for @language, or any. */
const char *templates_find(const Templates *templates, ReportKind kind,
			   const char *language);

/* What a name stands for, or NULL when nobody knows it. (transfer none) */
typedef const char *(*TemplateValue)(const char *name, gconstpointer data);

/* (transfer full). Its subject line; "" when it has none. */
char *template_subject(const char *template, TemplateValue value,
		       gconstpointer data);

/*
 * (transfer full). All but that, filled, in LF lines. The paragraph
 * "${recipients}" is @block as it is; without one it comes at the end, for
 * a report without its reason is none.
 */
char *template_text(const char *template, TemplateValue value,
		    gconstpointer data, const char *block);

/* Append the words of @text in lines behind @indent. */
void template_wrap(GString *out, const char *indent, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Templates, templates_free)

#endif
