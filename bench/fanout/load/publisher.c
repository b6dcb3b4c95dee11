/* Publishing by HTTP POST over one connection that is kept open; requests do not wait for answers. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static int fd = -1;

void publisher_open(void)
{
    int on = 1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(load.port)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &load};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(fd = socket(AF_INET, SOCK_STREAM, 0), "socket");
    check(connect(fd, (struct sockaddr *)&to, sizeof to), "connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    check(epoll_ctl(load.epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

void publisher_send(const char *body, size_t length)
{
    char request[4096];
    int size = snprintf(request, sizeof request,
                        "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n%.*s",
                        load.publish_path, length, (int)length, body);
    check((int)send(fd, request, size, 0), "publishing");
}

void publisher_readable(void)
{
    static char answers[65536];
    static const char begin[] = "HTTP/1.1 ";
    ssize_t got = recv(fd, answers, sizeof answers, 0);
    if (got <= 0) {
        fault("the publishing connection ended");
        epoll_ctl(load.epoll, EPOLL_CTL_DEL, fd, NULL);
        return;
    }
    for (char *at = answers; (at = memmem(at, answers + got - at, begin, sizeof begin - 1)); at++)
        if (at + 9 < answers + got && at[9] != '2')
            fault("publishing was answered %.*s", 20, at);
}
