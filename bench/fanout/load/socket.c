/* Connecting, the handshake and frames (RFC 6455). Fragments, extensions and masked frames of a server are faults. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* The key and the answer of RFC 6455 §1.3: always the same, so no SHA-1 is needed here. */
static const char KEY[] = "dGhlIHNhbXBsZSBub25jZQ==";
static const char ACCEPT[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/* An address has about 28,000 ports. */
static const int PER_ADDRESS = 8000;
static const int FAULTS_BEFORE_GIVING_UP = 20;

static unsigned char buffer[1 << 20];

static void watch(struct connection *c, uint32_t events, int operation)
{
    struct epoll_event event = {.events = events, .data.ptr = c};
    check(epoll_ctl(load.epoll, operation, c->fd, &event), "epoll_ctl");
}

void start_connecting(struct connection *c)
{
    int on = 1;
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(load.port)};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + c->number / PER_ADDRESS);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    check(bind(c->fd, (struct sockaddr *)&from, sizeof from), "bind");
    c->state = CONNECTING;
    load.opening++;
    if (connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
        end_connection(c, strerror(errno));
        return;
    }
    c->waits_to_write = 1;
    watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
}

void connect_all(void)
{
    int started = 0;
    double end = now() + load.connect_seconds;
    for (int i = 0; i < load.connections; i++)
        load.all[i].fd = -1;
    if (load.publish_path)
        publisher_open();
    while (load.ready + load.closed < load.connections && now() < end && load.faults < FAULTS_BEFORE_GIVING_UP) {
        while (load.opening < load.at_once && started < load.connections) {
            load.all[started].number = started;
            start_connecting(&load.all[started++]);
        }
        serve(20);
    }
}

void end_connection(struct connection *c, const char *why)
{
    if (c->state == CLOSED)
        return;
    if (c->state == READY) {
        load.ready--;
        forget_connection(c);
    } else {
        load.opening--;
    }
    c->state = CLOSED;
    load.closed++;
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    fault("connection %d: %s", c->number, why);
}

void became_ready(struct connection *c)
{
    c->state = READY;
    c->expected = messages.sent;
    load.opening--;
    load.ready++;
}

/* Writing. */

static void append(struct connection *c, const void *data, size_t length)
{
    if (c->out_length + length > c->out_room) {
        c->out_room = c->out_length + length + 512;
        c->out = realloc(c->out, c->out_room);
    }
    memcpy(c->out + c->out_length, data, length);
    c->out_length += length;
}

void send_frame(struct connection *c, int opcode, const char *data, size_t length)
{
    unsigned char head[8] = {0x80 | opcode};
    unsigned char masked[4096];
    static uint32_t seed = 2463534242u;
    size_t head_length = 2;
    if (length > sizeof masked) {
        fault("a frame of %zu bytes is too long for this client", length);
        return;
    }
    if (length < 126) {
        head[1] = 0x80 | length;
    } else {
        head[1] = 0x80 | 126;
        head[2] = length >> 8;
        head[3] = length & 255;
        head_length = 4;
    }
    seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
    memcpy(head + head_length, &seed, 4);
    for (size_t i = 0; i < length; i++)
        masked[i] = data[i] ^ head[head_length + (i & 3)];
    append(c, head, head_length + 4);
    append(c, masked, length);
}

void flush(struct connection *c)
{
    if (c->fd < 0 || c->state == CONNECTING || !c->out_length)
        return;
    ssize_t sent = send(c->fd, c->out, c->out_length, 0);
    if (sent < 0 && errno != EAGAIN) {
        end_connection(c, strerror(errno));
        return;
    }
    if (sent > 0) {
        c->out_length -= sent;
        memmove(c->out, c->out + sent, c->out_length);
    }
    int waits = c->out_length > 0;
    if (waits != c->waits_to_write)
        watch(c, EPOLLIN | (waits ? EPOLLOUT : 0), EPOLL_CTL_MOD);
    c->waits_to_write = waits;
}

static void connected(struct connection *c)
{
    char request[4096], path[2048];
    const char *token = load.tokens[c->number % load.tokens_count];
    const char *place = strstr(load.path, "{token}");
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        end_connection(c, strerror(error));
        return;
    }
    if (place)
        snprintf(path, sizeof path, "%.*s%s%s", (int)(place - load.path), load.path, token, place + 7);
    else
        snprintf(path, sizeof path, "%s", load.path);
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n",
                          path, load.port, KEY);
    c->state = HANDSHAKE;
    append(c, request, length);
}

/* Reading. */

/* The bytes of the answer's head, 0 when it is not whole yet. */
static size_t handshake(struct connection *c, unsigned char *data, size_t length)
{
    unsigned char *end = memmem(data, length, "\r\n\r\n", 4);
    if (!end)
        return 0;
    if (length < 12 || memcmp(data, "HTTP/1.1 101", 12) || !memmem(data, end - data, ACCEPT, sizeof ACCEPT - 1)) {
        char why[200];
        snprintf(why, sizeof why, "refused: %.*s", (int)strcspn((char *)data, "\r\n"), data);
        end_connection(c, why);
        return 0;
    }
    c->state = JOINING;
    load.dialect->opened(c);
    flush(c);
    return end + 4 - data;
}

static void closed_by_server(struct connection *c, const unsigned char *data, size_t length)
{
    char why[200];
    int code = length >= 2 ? data[0] << 8 | data[1] : 1005;
    snprintf(why, sizeof why, "closed with %d %.*s", code, length > 2 ? (int)length - 2 : 0, data + 2);
    end_connection(c, why);
}

static void one_frame(struct connection *c, int opcode, unsigned char *data, size_t length)
{
    switch (opcode) {
    case 1: load.dialect->text(c, (char *)data, length); break;
    case 8: closed_by_server(c, data, length); break;
    case 9:
        load.server_pings++;
        send_frame(c, 10, (char *)data, length);
        break;
    case 10: heartbeat_answered(c); break;
    default: end_connection(c, "a frame that is neither text nor control");
    }
}

/* The bytes of the whole frames in `data`. */
static size_t frames(struct connection *c, unsigned char *data, size_t length)
{
    size_t used = 0;
    while (c->state != CLOSED && length - used >= 2) {
        unsigned char *frame = data + used;
        size_t head = 2, size = frame[1] & 127;
        if (size == 126) {
            if (length - used < 4)
                break;
            size = frame[2] << 8 | frame[3];
            head = 4;
        } else if (size == 127) {
            if (length - used < 10)
                break;
            size = 0;
            for (int i = 2; i < 10; i++)
                size = size << 8 | frame[i];
            head = 10;
        }
        if ((frame[0] & 0xF0) != 0x80 || frame[1] & 0x80 || size > sizeof buffer / 2) {
            end_connection(c, "a frame that is a fragment, compressed, masked or too long");
            break;
        }
        if (length - used < head + size)
            break;
        one_frame(c, frame[0] & 15, frame + head, size);
        used += head + size;
    }
    flush(c);
    return used;
}

static void readable(struct connection *c)
{
    size_t have = c->rest_length;
    memcpy(buffer, c->rest, have);
    ssize_t got = recv(c->fd, buffer + have, sizeof buffer - have, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            end_connection(c, got ? strerror(errno) : "ended without a close frame");
        return;
    }
    load.bytes_read += got;
    have += got;
    size_t used = c->state == HANDSHAKE ? handshake(c, buffer, have) : 0;
    if (c->state >= JOINING && c->state != CLOSED)
        used += frames(c, buffer + used, have - used);
    if (c->state == CLOSED)
        return;
    if (have - used > c->rest_length)
        c->rest = realloc(c->rest, have - used);
    c->rest_length = have - used;
    memcpy(c->rest, buffer + used, c->rest_length);
}

/* One round of events; what comes on stdin only ends the waiting. */
void serve(int timeout_ms)
{
    struct epoll_event events[128];
    int count = epoll_wait(load.epoll, events, 128, timeout_ms);
    for (int i = 0; i < count; i++) {
        struct connection *c = events[i].data.ptr;
        if (!c)
            continue;
        if ((void *)c == (void *)&load) {
            publisher_readable();
            continue;
        }
        if (c->state == CLOSED)
            continue;
        if (c->state == CONNECTING)
            connected(c);
        if (events[i].events & EPOLLOUT)
            flush(c);
        if (c->state != CLOSED && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
            readable(c);
    }
}
