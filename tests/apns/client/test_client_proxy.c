/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "rig_clock.h"
#include "tests/support/unit.h"
#include "tunnel.h"

static struct rig rig;
static struct tunnel tunnel;
static char url[64];
static int n_asks, n_looks; /* that are interrupted */

/* What the linker gives for the client's calls; and the tunnel's, which asks
 * after the client has, and never only looks. */
ssize_t __real_send(int fd, const void *bytes, size_t len, int flags);
ssize_t __real_recv(int fd, void *bytes, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t len, int flags);

static bool
is_interrupted(int *n)
{
    if (*n == 0)
        return false;
    errno = --*n % 2 != 0 ? EAGAIN : EINTR;
    return true;
}

ssize_t
__wrap_send(int fd, const void *bytes, size_t len, int flags)
{
    return is_interrupted(&n_asks) ? -1 : __real_send(fd, bytes, len, flags);
}

ssize_t
__wrap_recv(int fd, void *bytes, size_t len, int flags)
{
    return (flags & MSG_PEEK) != 0 && is_interrupted(&n_looks)
               ? -1
               : __real_recv(fd, bytes, len, flags);
}

static void
begin(const char *login)
{
    rig_start(&rig, NULL);
    tunnel_open(&tunnel, rig.loop);
    snprintf(url, sizeof url, "http://%s127.0.0.1:%u", login, tunnel.port);
    rig.config.proxy = url;
}

static void
end(void)
{
    apns_client_free(rig.client);
    rig.client = NULL;
    tunnel_close(&tunnel);
    rig_end(&rig);
}

/* A push that does not get through; why. */
static const char *
await_backoff(void)
{
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 1);
    rig_until(&rig, rig_is_backed_off);
    rig_end_deadlines(&rig);
    rig_finish(&rig);
    assert_int_equal(rig.pushes[0].class_, APNS_CLASS_NO_ANSWER);
    assert_int_equal(rig.event.state, APNS_IDENTITY_BACKOFF);
    return rig.event.why;
}

TEST(pushes_go_through_the_proxy)
{
    char ask[64];

    begin("");
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 2000);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 2000);
    snprintf(ask, sizeof ask, "CONNECT 127.0.0.1:%u HTTP/1.1", rig.sim->port);
    assert_memory_equal(tunnel.last, ask, strlen(ask));
    assert_null(strstr(tunnel.last, "Proxy-Authorization"));
    rig_check_ledger(&rig);
    end();
}

TEST(proxy_gets_its_password)
{
    begin("user:pass@");
    tunnel.login = "dXNlcjpwYXNz";
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 10);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 10);
    end();
}

TEST(interrupted_calls_are_made_again)
{
    begin("");
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    n_asks = n_looks = 2;
    rig_add(&rig, 10);
    rig_finish(&rig);
    assert_int_equal(n_asks + n_looks, 0);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 10);
    assert_int_equal(tunnel.n_asked, 1);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    end();
}

TEST(wrong_password_backs_off_and_says_so)
{
    begin("");
    tunnel.login = "dXNlcjpwYXNz";
    assert_string_equal(await_backoff(), "proxy: authentication required");
    end();
}

/* Or people would look at the way to APNs. */
TEST(proxy_that_is_not_reached_is_told_apart_from_apns)
{
    static const struct {
        const char *proxy;
        const char *why;
    } ways[] = {
        {"http://127.0.0.1:9", "proxy: connect refused"},
        {"http://proxy.test:9", "proxy: resolve: "},
    };

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        begin("");
        rig.config.proxy = ways[i].proxy;
        rig.config.dns_servers = "127.0.0.1:9";
        assert_memory_equal(await_backoff(), ways[i].why, strlen(ways[i].why));
        end();
    }
}

TEST(other_port_is_tried_when_the_proxy_refuses_the_first)
{
    begin("");
    rig.config.port = 443;
    rig.config.fallback_port = rig.sim->port;
    tunnel.refused_port = 443;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 10);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 10);
    assert_int_equal(tunnel.n_asked, 2);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    /* What worked is remembered: the next one asks for it at once. */
    sim_proc_tell(rig.sim, "close");
    rig_add(&rig, 10);
    rig_finish(&rig);
    rig_until(&rig, rig_is_open);
    assert_int_equal(tunnel.n_asked, 3);
    end();
}

TEST(hostile_proxy_is_no_tunnel)
{
    static const char *const replies[] = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 200",
        "HTTP/1.1 302 Found\r\nLocation: x\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        begin("");
        tunnel.reply = replies[i];
        assert_memory_equal(await_backoff(), "proxy: ", 7);
        end();
    }
}
