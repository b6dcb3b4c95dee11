/*
 * The least a broadcaster can do, in C: one thread, one epoll, each message encoded once. bare PORT [coalesce]
 *
 * Without `coalesce` each frame is one send to each connection; with it, what came in one round of events leaves in one
 * send. It verifies no token, which is all that sets it apart from the others' work: the handshake, the frames and
 * three channels a connection (lobby, site and one of its own) are real.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sha1.h"

struct connection {
    int fd, is_open, is_closed, place[2]; /* its place in lobby and site */
    unsigned char *in, *out;
    size_t in_length, out_length;
};

struct channel {
    struct connection **members;
    size_t count, room;
    unsigned char *pending;
    size_t pending_length, pending_room;
};

static struct channel channels[2]; /* lobby, site; the channel of one's own is the connection itself */
static struct connection *ended[4096];
static int epoll, coalesces, ended_count;
static unsigned char buffer[1 << 18];

static void watch(struct connection *c, uint32_t events, int operation)
{
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(epoll, operation, c->fd, &event);
}

static void subscribe(struct connection *c, int which)
{
    struct channel *channel = &channels[which];
    if (channel->count == channel->room) {
        channel->room = channel->room ? channel->room * 2 : 1024;
        channel->members = realloc(channel->members, channel->room * sizeof *channel->members);
    }
    c->place[which] = channel->count;
    channel->members[channel->count++] = c;
}

static void unsubscribe(struct connection *c, int which)
{
    struct channel *channel = &channels[which];
    struct connection *last = channel->members[--channel->count];
    channel->members[c->place[which]] = last;
    last->place[which] = c->place[which];
}

/* It is freed after the round, whose later events may name it. */
static void end(struct connection *c)
{
    if (c->is_closed)
        return;
    c->is_closed = 1;
    close(c->fd);
    for (int i = 0; c->is_open && i < 2; i++)
        unsubscribe(c, i);
    if (ended_count < 4096)
        ended[ended_count++] = c;
}

static void keep(struct connection *c, const unsigned char *data, size_t length)
{
    if (!c->out_length)
        watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    c->out = realloc(c->out, c->out_length + length);
    memcpy(c->out + c->out_length, data, length);
    c->out_length += length;
}

static void write_to(struct connection *c, const unsigned char *data, size_t length)
{
    ssize_t sent = c->out_length ? 0 : send(c->fd, data, length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        return; /* Reading will say that it has ended. */
    if (sent < (ssize_t)length)
        keep(c, data + (sent > 0 ? sent : 0), length - (sent > 0 ? sent : 0));
}

static void write_rest(struct connection *c)
{
    ssize_t sent = send(c->fd, c->out, c->out_length, MSG_NOSIGNAL);
    if (sent <= 0)
        return;
    memmove(c->out, c->out + sent, c->out_length - sent);
    c->out_length -= sent;
    if (!c->out_length)
        watch(c, EPOLLIN, EPOLL_CTL_MOD);
}

static void to_members(struct channel *channel, const unsigned char *data, size_t length)
{
    for (size_t i = 0; i < channel->count; i++)
        write_to(channel->members[i], data, length);
}

static size_t encode(unsigned char *into, int opcode, const unsigned char *data, size_t length)
{
    size_t head = length < 126 ? 2 : 4;
    into[0] = 0x80 | opcode;
    into[1] = length < 126 ? length : 126;
    if (head == 4) {
        into[2] = length >> 8;
        into[3] = length & 255;
    }
    memcpy(into + head, data, length);
    return head + length;
}

static void publish(struct channel *channel, const unsigned char *data, size_t length)
{
    unsigned char frame[65600];
    size_t size = encode(frame, 1, data, length);
    if (!coalesces) {
        to_members(channel, frame, size);
        return;
    }
    if (channel->pending_length + size > channel->pending_room) {
        channel->pending_room = (channel->pending_length + size) * 2;
        channel->pending = realloc(channel->pending, channel->pending_room);
    }
    memcpy(channel->pending + channel->pending_length, frame, size);
    channel->pending_length += size;
}

static void write_pending(void)
{
    for (int i = 0; i < 2; i++) {
        if (!channels[i].pending_length)
            continue;
        to_members(&channels[i], channels[i].pending, channels[i].pending_length);
        channels[i].pending_length = 0;
    }
}

static void receive(struct connection *c, int opcode, unsigned char *data, size_t length)
{
    unsigned char answer[130];
    if (opcode == 8)
        end(c);
    else if (opcode == 9 && length < 126)
        write_to(c, answer, encode(answer, 10, data, length));
    else if (opcode == 1 && length == 4 && !memcmp(data, "ping", 4))
        write_to(c, answer, encode(answer, 1, (const unsigned char *)"pong", 4));
    else if (opcode == 1)
        publish(&channels[0], data, length);
}

static size_t frames(struct connection *c, unsigned char *data, size_t length)
{
    size_t used = 0;
    while (!c->is_closed && length - used >= 6) {
        unsigned char *frame = data + used;
        size_t size = frame[1] & 127, head = size == 126 ? 8 : 6;
        if (size == 127 || !(frame[1] & 0x80)) {
            end(c);
            break;
        }
        if (length - used < head)
            break;
        if (size == 126)
            size = frame[2] << 8 | frame[3];
        if (length - used < head + size)
            break;
        for (size_t i = 0; i < size; i++)
            frame[head + i] ^= frame[head - 4 + (i & 3)];
        receive(c, frame[0] & 15, frame + head, size);
        used += head + size;
    }
    return used;
}

static size_t shake_hands(struct connection *c, unsigned char *data, size_t length)
{
    char answer[300], accept[40], key[100];
    unsigned char *stop = memmem(data, length, "\r\n\r\n", 4), *at;
    if (!stop)
        return 0;
    *stop = 0;
    at = (unsigned char *)strcasestr((char *)data, "sec-websocket-key: ");
    if (!at || sscanf((char *)at + 19, "%60s", key) != 1) {
        end(c);
        return 0;
    }
    websocket_accept(key, accept);
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\n\r\n%c%cready",
                        accept, 0x81, 5);
    c->is_open = 1;
    subscribe(c, 0);
    subscribe(c, 1);
    write_to(c, (unsigned char *)answer, size);
    return stop + 4 - data;
}

static void readable(struct connection *c)
{
    memcpy(buffer, c->in, c->in_length);
    ssize_t got = recv(c->fd, buffer + c->in_length, sizeof buffer - c->in_length, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            end(c);
        return;
    }
    size_t have = c->in_length + got, used = c->is_open ? 0 : shake_hands(c, buffer, have);
    if (c->is_open && !c->is_closed)
        used += frames(c, buffer + used, have - used);
    if (have - used > c->in_length)
        c->in = realloc(c->in, have - used);
    c->in_length = have - used;
    memcpy(c->in, buffer + used, c->in_length);
}

static void accept_all(int listener)
{
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct connection *c = calloc(1, sizeof *c);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        c->fd = fd;
        watch(c, EPOLLIN, EPOLL_CTL_ADD);
    }
}

static int listen_on(int port)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 4096) < 0) {
        perror("bare");
        exit(1);
    }
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    return fd;
}

int main(int count, char **arguments)
{
    struct epoll_event events[256];
    coalesces = count > 2 && !strcmp(arguments[2], "coalesce");
    epoll = epoll_create1(0);
    int listener = listen_on(count > 1 ? atoi(arguments[1]) : 0);
    for (;;) {
        int many = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < many; i++) {
            struct connection *c = events[i].data.ptr;
            if (!c)
                accept_all(listener);
            else if (!c->is_closed && events[i].events & EPOLLOUT)
                write_rest(c);
            if (c && !c->is_closed && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
                readable(c);
        }
        write_pending();
        while (ended_count) {
            struct connection *c = ended[--ended_count];
            free(c->in);
            free(c->out);
            free(c);
        }
    }
}
