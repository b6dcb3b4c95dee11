/*
 * Numbered messages. Each carries ~NUMBER~ in its text; each connection has to receive every number once and in order.
 * A message is done when all connections that were there when it was sent have it.
 */
#include "load.h"

#include <string.h>

enum { RING = 4096 }; /* more than any window */

struct messages messages;

static struct {
    int received, needed;
    double sent_at;
} ring[RING];

/* All that was sent so far is forgotten: who has not got it yet will not be waited for. */
void begin_messages(void)
{
    messages.done = messages.sent;
    messages.delivered = messages.lost = messages.doubled = 0;
    for (int i = 0; i < load.connections; i++)
        load.all[i].expected = messages.sent;
}

int64_t outstanding(void)
{
    return messages.sent - messages.done;
}

void publish_next(void)
{
    char frame[2048];
    int64_t number = messages.sent++;
    ring[number % RING].received = 0;
    ring[number % RING].needed = load.ready;
    ring[number % RING].sent_at = now();
    size_t length = load.dialect->publish(frame, sizeof frame, number);
    if (load.publish_path) {
        publisher_send(frame, length);
    } else {
        send_frame(&load.all[0], 1, frame, length);
        flush(&load.all[0]);
    }
}

int find_number(const char *data, size_t length, int64_t *number)
{
    const char *mark = memchr(data, '~', length);
    if (!mark || mark + 11 >= data + length || mark[11] != '~')
        return 0;
    int64_t value = 0;
    for (int i = 1; i <= 10; i++)
        value = value * 10 + (mark[i] - '0');
    *number = value;
    return 1;
}

static void count_done(void)
{
    while (messages.done < messages.sent && ring[messages.done % RING].received >= ring[messages.done % RING].needed)
        messages.done++;
}

void delivered(struct connection *c, int64_t number)
{
    if (number < c->expected || number >= messages.sent) {
        messages.doubled++;
        return;
    }
    for (; c->expected < number; c->expected++) {
        messages.lost++;
        ring[c->expected % RING].needed--;
    }
    c->expected = number + 1;
    messages.delivered++;
    ring[number % RING].received++;
    if (messages.latencies && messages.latencies_count < messages.latencies_room)
        messages.latencies[messages.latencies_count++] = now() - ring[number % RING].sent_at;
    if (number == messages.done)
        count_done();
}

void forget_connection(struct connection *c)
{
    for (int64_t number = c->expected; number < messages.sent; number++)
        ring[number % RING].needed--;
    count_done();
}
