/*
 * What is measured. A command is one line:
 *
 *   fanout WINDOW SECONDS WARM_SECONDS   one sender with WINDOW messages outstanding
 *   latency PER_SECOND SECONDS           each delivery, from before the sending to after the reading
 *   heartbeats send|answer SECONDS       each connection one a second, evenly spread; or the server's, answered
 *   toall COUNT                          one message at a time, until the last connection has it
 *   hold SECONDS                         nothing but being there
 */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const double DRAIN_SECONDS = 30;
/* A slow peer needs more than the given time for its first messages, and a figure of none would say nothing. */
static const double LONGEST_SECONDS = 30;
static const double TO_ALL_SECONDS = 60;

static double cpu_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void print_text(const char *name, const char *text)
{
    printf(",\"%s\":\"", name);
    for (; *text; text++)
        if ((unsigned char)*text >= 32 && (unsigned char)*text < 127)
            printf(*text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    printf("\"");
}

/* The end of every answer: what went wrong since the last one, and how busy this program itself was. */
static void print_end(double busy)
{
    printf(",\"connections\":%d,\"faults\":%lld", load.ready, (long long)load.faults);
    if (load.faults)
        print_text("fault", load.fault);
    if (busy >= 0)
        printf(",\"load_busy\":%.3f", busy);
    printf("}\n");
    fflush(stdout);
    load.faults = 0;
}

void report_ready(double seconds)
{
    printf("{\"phase\":\"connect\",\"asked\":%d,\"seconds\":%.4f,\"per_second\":%.1f", load.connections, seconds,
           load.ready / seconds);
    print_end(cpu_seconds() / seconds);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void begin_latencies(size_t room)
{
    messages.latencies_room = room;
    messages.latencies_count = 0;
    messages.latencies = malloc(room * sizeof *messages.latencies);
}

static void print_latencies(void)
{
    static const struct {
        const char *name;
        double share;
    } shares[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}};
    double *all = messages.latencies;
    size_t count = messages.latencies_count;
    qsort(all, count, sizeof *all, ascending);
    printf(",\"latency_ms\":{\"count\":%zu", count);
    for (size_t i = 0; count && i < sizeof shares / sizeof *shares; i++)
        printf(",\"%s\":%.3f", shares[i].name, all[(size_t)((count - 1) * shares[i].share)] * 1000);
    if (count)
        printf(",\"max\":%.3f", all[count - 1] * 1000);
    printf("}");
    free(all);
    messages.latencies = NULL;
}

/* Until all that was sent has arrived; whether it has. */
static int drain(double seconds)
{
    double end = now() + seconds;
    while (outstanding() && now() < end)
        serve(10);
    return outstanding() == 0;
}

static void print_counts(int drained)
{
    printf(",\"sent\":%lld,\"delivered\":%lld,\"lost\":%lld,\"doubled\":%lld,\"drained\":%s", (long long)messages.sent,
           (long long)messages.delivered, (long long)messages.lost, (long long)messages.doubled,
           drained ? "true" : "false");
}

static void fanout(int window, double seconds, double warm)
{
    int64_t delivered_before = 0, bytes_before = 0;
    double start = now(), from = 0, cpu_before = 0;
    int64_t first = messages.sent;
    begin_messages();
    while (now() < start + warm + seconds || (messages.done < first + window && now() < start + LONGEST_SECONDS)) {
        if (!from && now() >= start + warm) {
            from = now();
            delivered_before = messages.delivered;
            bytes_before = load.bytes_read;
            cpu_before = cpu_seconds();
        }
        /* Each in a write of its own: a batch made here would be a gift to servers that coalesce. */
        while (outstanding() < window)
            publish_next();
        serve(10);
    }
    double took = now() - from, busy = (cpu_seconds() - cpu_before) / took;
    int64_t count = messages.delivered - delivered_before, bytes = load.bytes_read - bytes_before;
    int drained = drain(DRAIN_SECONDS);
    printf("{\"phase\":\"fanout\",\"window\":%d,\"seconds\":%.4f,\"deliveries_per_second\":%.1f,\"bytes_each\":%.1f",
           window, took, count / took, count ? (double)bytes / count : 0);
    print_counts(drained);
    print_end(busy);
}

static void latency(double per_second, double seconds)
{
    double start = now(), cpu_before = cpu_seconds();
    int count = (int)(per_second * seconds), sent = 0;
    begin_messages();
    begin_latencies((size_t)count * load.connections);
    while (sent < count) {
        double due = start + sent / per_second;
        if (now() >= due) {
            publish_next();
            sent++;
        }
        double wait = start + sent / per_second - now();
        serve(wait <= 0 ? 0 : wait > 0.1 ? 100 : (int)(wait * 1000) + 1);
    }
    int drained = drain(DRAIN_SECONDS);
    double took = now() - start;
    printf("{\"phase\":\"latency\",\"per_second\":%g,\"seconds\":%.4f", per_second, took);
    print_latencies();
    print_counts(drained);
    print_end((cpu_seconds() - cpu_before) / took);
}

static int64_t beat(int64_t sent)
{
    struct connection *c = &load.all[sent % load.connections];
    if (c->state != READY || c->heartbeat_at != 0)
        return 0; /* One that is not answered is not followed by another. */
    c->heartbeat_at = now();
    if (load.dialect->heartbeat)
        send_frame(c, 1, load.dialect->heartbeat, strlen(load.dialect->heartbeat));
    else
        send_frame(c, 9, "", 0);
    flush(c);
    return 1;
}

static void heartbeats(int are_sent_here, double seconds)
{
    double start = now(), cpu_before = cpu_seconds();
    int64_t due = 0, sent = 0, pings_before = load.server_pings;
    load.heartbeats_answered = 0;
    begin_latencies((size_t)(seconds + 1) * load.connections);
    while (now() < start + seconds) {
        for (; are_sent_here && due < (now() - start) * load.connections; due++)
            sent += beat(due);
        serve(1);
    }
    double took = now() - start;
    int64_t count = are_sent_here ? load.heartbeats_answered : load.server_pings - pings_before;
    printf("{\"phase\":\"heartbeats\",\"sent_by\":\"%s\",\"seconds\":%.4f,\"due\":%lld,\"sent\":%lld,\"answered\":%lld,"
           "\"per_second\":%.1f",
           are_sent_here ? "client" : "server", took, (long long)due, (long long)sent, (long long)count, count / took);
    print_latencies();
    print_end((cpu_seconds() - cpu_before) / took);
}

static void to_all(int count)
{
    begin_messages();
    printf("{\"phase\":\"toall\",\"asked\":%d,\"ms\":[", load.connections);
    int arrived = 1;
    for (int i = 0; i < count && arrived; i++) {
        double start = now();
        publish_next();
        arrived = drain(TO_ALL_SECONDS);
        printf("%s%.3f", i ? "," : "", (now() - start) * 1000);
        for (double until = now() + 0.2; now() < until;)
            serve(20);
    }
    printf("]");
    print_counts(arrived);
    print_end(-1);
}

static void hold(double seconds)
{
    double until = now() + seconds;
    while (now() < until)
        serve(20);
    printf("{\"phase\":\"hold\"");
    print_end(-1);
}

void run_command(char *line)
{
    char word[20] = "";
    int window, count;
    double a, b;
    if (sscanf(line, "fanout %d %lf %lf", &window, &a, &b) == 3)
        fanout(window, a, b);
    else if (sscanf(line, "latency %lf %lf", &a, &b) == 2)
        latency(a, b);
    else if (sscanf(line, "heartbeats %19s %lf", word, &a) == 2)
        heartbeats(!strcmp(word, "send"), a);
    else if (sscanf(line, "toall %d", &count) == 1)
        to_all(count);
    else if (sscanf(line, "hold %lf", &a) == 1)
        hold(a);
    else {
        printf("{\"phase\":\"unknown\"");
        print_end(-1);
    }
}
