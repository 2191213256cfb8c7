/* SPDX-License-Identifier: MIT */
#ifndef API_ORIGIN_H
#define API_ORIGIN_H

/*
 * Whether a browser sends a request for a page of somebody else's. A browser
 * adds a Basic password that it remembers to any page's requests, and
 * /v1/push takes any method, so such requests are refused.
 */

#include <stdbool.h>

/**
 * origin_is_foreign(site, origin, host):
 *
 *   shape    the headers Sec-Fetch-Site, Origin and Host, or NULL. Sec-Fetch-
 *            Site decides; a browser too old for it sends Origin
 *   returns  false also for what is no browser, which sends neither
 */
bool origin_is_foreign(const char *site, const char *origin, const char *host);

#endif /* API_ORIGIN_H */
