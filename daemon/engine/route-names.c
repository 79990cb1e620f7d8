// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of wire, log and configuration for what route.h counts. */
#include "daemon/engine/route.h"

const char *
wait_reason_name(WaitReason reason)
{
	static const char *const names[] = {
		[WAIT_NONE] = "none",
		[WAIT_TURN] = "turn",
		[WAIT_ACTIVE] = "active",
		[WAIT_DONE] = "done",
		[WAIT_HELD] = "held",
		[WAIT_TRASHED] = "trashed",
		[WAIT_STOPPED] = "stopped",
		[WAIT_NOT_BEFORE] = "not-before",
		[WAIT_QUEUE_RUN] = "queue-run",
		[WAIT_RETRY] = "retry",
		[WAIT_ORDER] = "order",
		[WAIT_ALIAS] = "alias",
		[WAIT_SENT] = "sent",
		[WAIT_SETTLING] = "settling",
		[WAIT_OFFLINE] = "offline",
		[WAIT_PINNED] = "pinned-offline",
		[WAIT_NO_PROFILE] = "no-profile",
		[WAIT_NO_ROUTE] = "no-route",
		[WAIT_OWNER] = "owner",
		[WAIT_NO_LINK] = "no-link",
		[WAIT_PLACE] = "place",
		[WAIT_SIZE] = "size",
		[WAIT_BROKEN] = "broken",
		[WAIT_UNSAFE] = "unsafe",
		[WAIT_PORTAL] = "portal",
		[WAIT_ROUTE] = "paused",
		[WAIT_HOST] = "host",
	};

	return names[reason];
}

const char *
route_tls_name(RouteTls tls)
{
	static const char *const names[] = {
		[ROUTE_TLS_NEVER] = "never",
		[ROUTE_TLS_IF_POSSIBLE] = "if-possible",
		[ROUTE_TLS_REQUIRED] = "required",
		[ROUTE_TLS_IMPLICIT] = "implicit",
	};

	return names[tls];
}

const char *
route_kind_name(RouteKind kind)
{
	static const char *const names[] = {
		[ROUTE_SMARTHOST] = "smarthost",
		[ROUTE_DIRECT] = "direct",
	};

	return names[kind];
}
