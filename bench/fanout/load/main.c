/*
 * load --port N --path P --dialect D --connections N [...]: connects, says so on stdout, then obeys lines on stdin
 * until its end. Each answer is one JSON object on one line.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

struct load load = {.at_once = 64, .connect_seconds = 90, .connections = 1, .path = "/"};

double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

/* The first fault is told in words; all are counted. */
void fault(const char *format, ...)
{
    va_list arguments;
    if (load.faults++ == 0) {
        va_start(arguments, format);
        vsnprintf(load.fault, sizeof load.fault, format, arguments);
        va_end(arguments);
    }
}

void check(int result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static void read_tokens(const char *path)
{
    char line[4096];
    FILE *file = fopen(path, "r");
    check(file ? 0 : -1, path);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = 0;
        load.tokens = realloc(load.tokens, sizeof *load.tokens * (load.tokens_count + 1));
        load.tokens[load.tokens_count++] = strdup(line);
    }
    fclose(file);
}

static void read_channels(char *list)
{
    for (char *name = strtok(list, ","); name && load.channels_count < 8; name = strtok(NULL, ","))
        load.channels[load.channels_count++] = name;
}

static void read_options(int count, char **arguments)
{
    static const struct option options[] = {
        {"port", 1, 0, 'p'},     {"path", 1, 0, 'u'},        {"dialect", 1, 0, 'd'},
        {"tokens", 1, 0, 't'},   {"connections", 1, 0, 'n'}, {"at-once", 1, 0, 'a'},
        {"channels", 1, 0, 'c'}, {"publish-path", 1, 0, 'P'}, {"connect-seconds", 1, 0, 's'},
        {0, 0, 0, 0},
    };
    for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
        switch (option) {
        case 'p': load.port = atoi(optarg); break;
        case 'u': load.path = optarg; break;
        case 'd': load.dialect = dialect_named(optarg); break;
        case 't': read_tokens(optarg); break;
        case 'n': load.connections = atoi(optarg); break;
        case 'a': load.at_once = atoi(optarg); break;
        case 'c': read_channels(optarg); break;
        case 'P': load.publish_path = optarg; break;
        case 's': load.connect_seconds = atof(optarg); break;
        default: exit(2);
        }
    }
    if (!load.dialect || !load.port || load.connections < 1) {
        fprintf(stderr, "load: a port, a known dialect and connections are needed\n");
        exit(2);
    }
    if (!load.tokens_count) {
        static char *nobody[] = {""};
        load.tokens = nobody;
        load.tokens_count = 1;
    }
}

/* Serves the connections until a whole line is there; 0 at the end of stdin. */
static int next_command(char *line, size_t room)
{
    size_t length = 0;
    for (;;) {
        ssize_t got = read(0, line + length, 1);
        if (got == 0 || length + 1 == room)
            return 0;
        if (got < 0) {
            serve(1000);
            continue;
        }
        if (line[length] == '\n') {
            line[length] = 0;
            return 1;
        }
        length++;
    }
}

int main(int count, char **arguments)
{
    char line[200];
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    read_options(count, arguments);
    load.all = calloc(load.connections, sizeof *load.all);
    check(load.epoll = epoll_create1(0), "epoll");
    check(fcntl(0, F_SETFL, O_NONBLOCK), "stdin");
    struct epoll_event commands = {.events = EPOLLIN, .data.ptr = NULL};
    check(epoll_ctl(load.epoll, EPOLL_CTL_ADD, 0, &commands), "stdin");

    double start = now();
    connect_all();
    report_ready(now() - start);
    while (next_command(line, sizeof line))
        run_command(line);
    return 0;
}
