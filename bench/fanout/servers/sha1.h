/* SHA-1 (RFC 3174) of short texts, and with it the answer to a WebSocket handshake (RFC 6455 §4.2.2). */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t turn(uint32_t value, int bits)
{
    return value << bits | value >> (32 - bits);
}

static void sha1_block(uint32_t state[5], const unsigned char *block)
{
    static const uint32_t K[] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 80; i++)
        w[i] = i < 16 ? (uint32_t)block[i * 4] << 24 | block[i * 4 + 1] << 16 | block[i * 4 + 2] << 8 | block[i * 4 + 3]
                      : turn(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
        uint32_t next = turn(a, 5) + f + e + K[i / 20] + w[i];
        e = d, d = c, c = turn(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

static void websocket_accept(const char *key, char *into)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    unsigned char text[192] = {0}, digest[21] = {0};
    size_t length = snprintf((char *)text, 120, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    size_t blocks = (length + 8) / 64 + 1;
    text[length] = 0x80;
    text[blocks * 64 - 2] = length * 8 >> 8;
    text[blocks * 64 - 1] = length * 8 & 255;
    for (size_t i = 0; i < blocks; i++)
        sha1_block(state, text + i * 64);
    for (int i = 0; i < 20; i++)
        digest[i] = state[i / 4] >> (24 - i % 4 * 8);
    for (int i = 0; i < 21; i += 3) {
        uint32_t bits = digest[i] << 16 | digest[i + 1] << 8 | digest[i + 2];
        for (int j = 0; j < 4; j++)
            *into++ = letters[bits >> (18 - 6 * j) & 63];
    }
    into[-1] = '=';
    *into = 0;
}
