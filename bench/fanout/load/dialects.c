/* What each kind of server speaks inside its frames. Bodies are chat JSON of about 135 bytes. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY                                                                                                           \
    "{\"from\":\"alice\",\"room\":\"lobby\",\"at\":1790000000000,\"text\":\"~%010lld~ Shall we meet at the tea house " \
    "by the lake at five, as always?\"}"
/* The classic envelope has the text in JSON in JSON; the server adds the rest. */
#define CLASSIC_TEXT "~%010lld~ Shall we meet at the tea house by the lake at five, as always?"

static void say(struct connection *c, const char *text)
{
    send_frame(c, 1, text, strlen(text));
}

void heartbeat_answered(struct connection *c)
{
    if (c->heartbeat_at == 0)
        return;
    if (messages.latencies && messages.latencies_count < messages.latencies_room)
        messages.latencies[messages.latencies_count++] = now() - c->heartbeat_at;
    c->heartbeat_at = 0;
    load.heartbeats_answered++;
}

static int is(const char *text, const char *data, size_t length)
{
    return strlen(text) == length && !memcmp(text, data, length);
}

static int begins(const char *text, const char *data, size_t length)
{
    return strlen(text) <= length && !memcmp(text, data, strlen(text));
}

static int message(struct connection *c, const char *data, size_t length)
{
    int64_t number;
    if (!find_number(data, length, &number))
        return 0;
    delivered(c, number);
    return 1;
}

/* raw: the server says "ready", then everybody gets whatever anybody sends; "ping" is answered with "pong". */

static void raw_opened(struct connection *c)
{
    (void)c;
}

static void raw_text(struct connection *c, char *data, size_t length)
{
    if (message(c, data, length))
        return;
    if (is("ready", data, length) && c->state == JOINING)
        became_ready(c);
    else if (is("pong", data, length))
        heartbeat_answered(c);
    else
        fault("unexpected: %.*s", (int)length, data);
}

static size_t raw_publish(char *into, size_t room, int64_t number)
{
    return snprintf(into, room, BODY, (long long)number);
}

/* quiet: as raw, but the answer to the handshake is all that says one is subscribed. For nchan. */

static void quiet_opened(struct connection *c)
{
    became_ready(c);
}

/* classic: the article's. Admitted is who is answered. */

static void classic_opened(struct connection *c)
{
    say(c, "ping");
}

static void classic_text(struct connection *c, char *data, size_t length)
{
    if (message(c, data, length))
        return;
    if (!is("pong", data, length))
        fault("unexpected: %.*s", (int)length, data);
    else if (c->state == JOINING)
        became_ready(c);
    else
        heartbeat_answered(c);
}

static size_t classic_publish(char *into, size_t room, int64_t number)
{
    return snprintf(into, room,
                    "{\"type\":\"demo-message-send\",\"content\":\"{\\\"text\\\":\\\"" CLASSIC_TEXT "\\\"}\"}",
                    (long long)number);
}

/* Centrifuge JSON, the present one: lines; {} is a ping of the server, and its answer. */

static void channel_of(struct connection *c, int i, char *into, size_t room)
{
    const char *name = load.channels[i], *place = strstr(name, "{n}");
    if (place)
        snprintf(into, room, "%.*s%d%s", (int)(place - name), name, c->number % load.tokens_count + 1, place + 3);
    else
        snprintf(into, room, "%s", name);
}

static void join(struct connection *c, const char *connect_format, const char *subscribe_format)
{
    char frame[4096], channel[256];
    size_t length = snprintf(frame, sizeof frame, connect_format, load.tokens[c->number % load.tokens_count]);
    for (int i = 0; i < load.channels_count; i++) {
        channel_of(c, i, channel, sizeof channel);
        length += snprintf(frame + length, sizeof frame - length, subscribe_format, i + 2, channel);
    }
    send_frame(c, 1, frame, length);
}

static void centrifuge_opened(struct connection *c)
{
    join(c, "{\"id\":1,\"connect\":{\"token\":\"%s\"}}", "\n{\"id\":%d,\"subscribe\":{\"channel\":\"%s\"}}");
}

static void centrifuge_line(struct connection *c, char *line, size_t length)
{
    if (message(c, line, length))
        return;
    if (is("{}", line, length)) {
        load.server_pings++;
        say(c, "{}");
    } else if (memmem(line, length, "\"error\":{", 9)) {
        fault("answered: %.*s", (int)length, line);
        if (c->state == JOINING)
            end_connection(c, "may not join");
    } else if (c->state == JOINING) {
        if (++c->answers == 1 + load.channels_count)
            became_ready(c);
    } else {
        heartbeat_answered(c);
    }
}

static void centrifuge_text(struct connection *c, char *data, size_t length)
{
    char *end = data + length;
    while (data < end && c->state != CLOSED) {
        char *stop = memchr(data, '\n', end - data);
        if (!stop)
            stop = end;
        if (stop > data)
            centrifuge_line(c, data, stop - data);
        data = stop + 1;
    }
}

static size_t centrifuge_publish(char *into, size_t room, int64_t number)
{
    return snprintf(into, room, "{\"id\":%lld,\"publish\":{\"channel\":\"%s\",\"data\":" BODY "}}",
                    (long long)number + 100, load.channels[0], (long long)number);
}

/* Centrifuge JSON as it was up to 2021: methods are numbers (1 subscribe, 3 publish, 7 ping), and the client pings. */

static void centrifuge1_opened(struct connection *c)
{
    join(c, "{\"id\":1,\"params\":{\"token\":\"%s\"}}", "\n{\"id\":%d,\"method\":1,\"params\":{\"channel\":\"%s\"}}");
}

static size_t centrifuge1_publish(char *into, size_t room, int64_t number)
{
    return snprintf(into, room, "{\"id\":%lld,\"method\":3,\"params\":{\"channel\":\"%s\",\"data\":" BODY "}}",
                    (long long)number + 100, load.channels[0], (long long)number);
}

/* Socket.IO 5 over Engine.IO 4, WebSocket only. The server pings. */

static void socketio_text(struct connection *c, char *data, size_t length)
{
    char answer[2048];
    if (message(c, data, length))
        return;
    if (is("2", data, length)) {
        load.server_pings++;
        say(c, "3");
    } else if (begins("0{", data, length)) {
        snprintf(answer, sizeof answer, "40{\"token\":\"%s\"}", load.tokens[c->number % load.tokens_count]);
        say(c, answer);
    } else if (begins("40", data, length) && c->state == JOINING) {
        became_ready(c);
    } else {
        char why[200];
        snprintf(why, sizeof why, "unexpected: %.*s", (int)length, data);
        end_connection(c, why);
    }
}

static size_t socketio_publish(char *into, size_t room, int64_t number)
{
    return snprintf(into, room, "42[\"m\"," BODY "]", (long long)number);
}

static const struct dialect DIALECTS[] = {
    {"raw", raw_opened, raw_text, raw_publish, "ping"},
    {"quiet", quiet_opened, raw_text, raw_publish, NULL},
    {"classic", classic_opened, classic_text, classic_publish, "ping"},
    {"centrifuge", centrifuge_opened, centrifuge_text, centrifuge_publish, NULL},
    {"centrifuge1", centrifuge1_opened, centrifuge_text, centrifuge1_publish, "{\"id\":99,\"method\":7}"},
    {"socketio", raw_opened, socketio_text, socketio_publish, NULL},
};

const struct dialect *dialect_named(const char *name)
{
    for (size_t i = 0; i < sizeof DIALECTS / sizeof *DIALECTS; i++)
        if (!strcmp(DIALECTS[i].name, name))
            return &DIALECTS[i];
    return NULL;
}
