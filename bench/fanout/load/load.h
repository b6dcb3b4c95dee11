/*
 * The load generator: one thread, one epoll, many WebSocket connections to one server on loopback.
 *
 * main.c       options, and the commands that come on stdin
 * phases.c     what is measured, one JSON line on stdout each
 * messages.c   numbered messages: which of them have reached whom
 * dialects.c   what each kind of server speaks inside its frames
 * publisher.c  sending by HTTP POST, for servers that are published to in that way
 * socket.c     connecting, the handshake and frames (RFC 6455)
 */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>

enum state { NEW, CONNECTING, HANDSHAKE, JOINING, READY, CLOSED };

struct connection {
    int fd;
    int number;
    enum state state;
    int answers;         /* of the server, while joining */
    int64_t expected;    /* the number of the message that comes next */
    double heartbeat_at; /* when one was sent that is not answered yet; else 0 */
    unsigned char *rest; /* the beginning of a frame whose end is not there yet */
    size_t rest_length;
    unsigned char *out; /* what the kernel has not taken yet */
    size_t out_length, out_room;
    int waits_to_write;
};

struct dialect {
    const char *name;
    void (*opened)(struct connection *);
    void (*text)(struct connection *, char *, size_t);
    /* One frame that publishes the message of this number; its length. */
    size_t (*publish)(char *into, size_t room, int64_t number);
    /* NULL where the client's heartbeat is a ping frame, or where only the server sends heartbeats. */
    const char *heartbeat;
};

struct load {
    const struct dialect *dialect;
    int port;
    const char *path;
    const char *publish_path;
    int connections, at_once;
    double connect_seconds;
    char **tokens;
    int tokens_count;
    char *channels[8];
    int channels_count;

    struct connection *all;
    int epoll, ready, opening, closed;
    int64_t server_pings, heartbeats_answered;
    int64_t bytes_read;
    int64_t faults;
    char fault[300];
};

extern struct load load;

/* main.c */
double now(void);
void fault(const char *format, ...) __attribute__((format(printf, 1, 2)));
void check(int result, const char *what);

/* socket.c */
void connect_all(void);
void start_connecting(struct connection *);
void serve(int timeout_ms);
void send_frame(struct connection *, int opcode, const char *data, size_t length);
void flush(struct connection *);
void end_connection(struct connection *, const char *why);
void became_ready(struct connection *);

/* publisher.c */
void publisher_open(void);
void publisher_send(const char *body, size_t length);
void publisher_readable(void);

/* messages.c */
extern struct messages {
    int64_t sent, done, delivered, lost, doubled;
    double *latencies; /* where to note each delivery's, or NULL */
    size_t latencies_count, latencies_room;
} messages;
void publish_next(void);
int64_t outstanding(void);
int find_number(const char *data, size_t length, int64_t *number);
void delivered(struct connection *, int64_t number);
void forget_connection(struct connection *);
void begin_messages(void);

/* phases.c */
void report_ready(double seconds);
void run_command(char *line);

/* dialects.c */
const struct dialect *dialect_named(const char *);
void heartbeat_answered(struct connection *);

#endif
