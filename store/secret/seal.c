/* SPDX-License-Identifier: MIT */
#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apns/base/hex.h"
#include "store/core.h"

#define SEAL_VERSION 1
#define HEX_LEN      ((size_t)2 * SEAL_KEY_LEN)
#define FILE_MAX     (HEX_LEN + 2) /* a line end */

static bool
read_key(struct seal *seal, const uint8_t *bytes, size_t len)
{
    if (len == SEAL_KEY_LEN) {
        memcpy(seal->key, bytes, len);
        return true;
    }
    while (len > HEX_LEN && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r'))
        len--;
    return len == HEX_LEN && hex_read((const char *)bytes, HEX_LEN, seal->key);
}

enum store_err
seal_load(struct seal *seal, const char *path, char *why)
{
    uint8_t bytes[FILE_MAX + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = -1;
    bool is_key;

    if (fd >= 0) {
        len = read(fd, bytes, sizeof bytes);
        close(fd);
    }
    if (len < 0) {
        snprintf(why, STORE_WHY_LEN, "master key %.110s: %s", path,
                 strerror(errno));
        return STORE_EKEY;
    }
    is_key = read_key(seal, bytes, (size_t)len);
    OPENSSL_cleanse(bytes, sizeof bytes);
    if (is_key)
        return STORE_OK;
    snprintf(why, STORE_WHY_LEN,
             "master key %.110s: neither 32 raw bytes nor 64 hex digits", path);
    return STORE_EKEY;
}

static bool
write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static bool
make_text(char *text)
{
    uint8_t key[SEAL_KEY_LEN];

    if (RAND_priv_bytes(key, sizeof key) != 1)
        return false;
    hex_write(key, sizeof key, text);
    text[HEX_LEN] = '\n'; /* in the NUL's place */
    OPENSSL_cleanse(key, sizeof key);
    return true;
}

/* Under another name first: a half-written key must never be found. */
enum store_err
seal_make(const char *path, char *why)
{
    char text[HEX_LEN + 1], part[PATH_MAX];
    int fd, saved;
    bool is_written;

    if ((size_t)snprintf(part, sizeof part, "%s.part", path) >= sizeof part ||
        !make_text(text)) {
        snprintf(why, STORE_WHY_LEN, "cannot create a master key");
        return STORE_EKEY;
    }
    unlink(part);
    fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    is_written = fd >= 0 && fchmod(fd, 0600) == 0 &&
                 write_all(fd, text, sizeof text) && fsync(fd) == 0;
    saved = errno;
    OPENSSL_cleanse(text, sizeof text);
    if (fd >= 0)
        close(fd);
    if (is_written && link(part, path) != 0) {
        saved = errno;
        is_written = false;
    }
    unlink(part);
    if (is_written)
        return STORE_OK;
    snprintf(why, STORE_WHY_LEN, "master key %.150s: %s", path,
             strerror(saved));
    return saved == ENOSPC || saved == EDQUOT ? STORE_EFULL : STORE_EDIR;
}

void
seal_fini(struct seal *seal)
{
    OPENSSL_cleanse(seal, sizeof *seal);
}

/* The associated data: version, name, NUL, fingerprint. */
static bool
associate(EVP_CIPHER_CTX *gcm, bool is_closing, const char *name,
          const char *print)
{
    static const unsigned char version = SEAL_VERSION;
    int (*update)(EVP_CIPHER_CTX *, unsigned char *, int *,
                  const unsigned char *, int) =
        is_closing ? EVP_EncryptUpdate : EVP_DecryptUpdate;
    int n;

    return update(gcm, NULL, &n, &version, 1) == 1 &&
           update(gcm, NULL, &n, (const unsigned char *)name,
                  (int)strlen(name) + 1) == 1 &&
           update(gcm, NULL, &n, (const unsigned char *)print,
                  (int)strlen(print)) == 1;
}

bool
seal_close(const struct seal *seal, const char *name, const char *print,
           const uint8_t *plain, size_t len, uint8_t *sealed)
{
    uint8_t *nonce = sealed + 1, *tag = nonce + SEAL_NONCE_LEN;
    uint8_t *body = tag + SEAL_TAG_LEN;
    EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
    int n;
    bool is_closed;

    sealed[0] = SEAL_VERSION;
    is_closed =
        gcm != NULL && len <= INT_MAX &&
        RAND_bytes(nonce, SEAL_NONCE_LEN) == 1 &&
        EVP_EncryptInit_ex(gcm, EVP_aes_256_gcm(), NULL, seal->key, nonce) ==
            1 &&
        associate(gcm, true, name, print) &&
        EVP_EncryptUpdate(gcm, body, &n, plain, (int)len) == 1 &&
        EVP_EncryptFinal_ex(gcm, body + n, &n) == 1 &&
        EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_GCM_GET_TAG, SEAL_TAG_LEN, tag) == 1;
    EVP_CIPHER_CTX_free(gcm);
    return is_closed;
}

bool
seal_open(const struct seal *seal, const char *name, const char *print,
          const uint8_t *sealed, size_t len, uint8_t *plain)
{
    uint8_t tag[SEAL_TAG_LEN];
    EVP_CIPHER_CTX *gcm;
    int n;
    bool is_open;

    if (len < SEAL_OVERHEAD || len > INT_MAX || sealed[0] != SEAL_VERSION)
        return false;
    memcpy(tag, sealed + 1 + SEAL_NONCE_LEN, SEAL_TAG_LEN);
    gcm = EVP_CIPHER_CTX_new();
    is_open = gcm != NULL &&
              EVP_DecryptInit_ex(gcm, EVP_aes_256_gcm(), NULL, seal->key,
                                 sealed + 1) == 1 &&
              associate(gcm, false, name, print) &&
              EVP_DecryptUpdate(gcm, plain, &n, sealed + SEAL_OVERHEAD,
                                (int)(len - SEAL_OVERHEAD)) == 1 &&
              EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_GCM_SET_TAG, SEAL_TAG_LEN,
                                  tag) == 1 &&
              EVP_DecryptFinal_ex(gcm, plain + n, &n) == 1;
    EVP_CIPHER_CTX_free(gcm);
    return is_open;
}
