// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The name this machine has in mail. One rule for the daemon, its workers
 * and every client, so that no two of them complete an address differently.
 */
#ifndef MASQMAIL_COMMON_HOSTNAME_H
#define MASQMAIL_COMMON_HOSTNAME_H

#include "common/config.h"

/*
 * (transfer full). HostName of masqmail.conf, else the first line of
 * /etc/mailname, else what the kernel calls this machine.
 */
char *hostname_for_mail(const Config *config);

#endif
