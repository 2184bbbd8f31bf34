/* A push network that is quick enough not to matter: HTTP/2 over TLS by nghttp2, one thread, epoll.
 *
 *     sink PORT CERTIFICATE KEY COUNTERS
 *
 * Every request is answered 200 with its own apns-id. COUNTERS is a file that holds, at all times, three numbers of
 * 64 bits in the machine's order: requests, distinct apns-ids among them, connections. It ends when it is killed. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STREAMS = 1000, RECORD = 16384, ID = 36 };

struct counters {
    uint64_t requests, distinct, connections;
};
static volatile struct counters *counters;

static void give_up(const char *what) {
    perror(what);
    exit(1);
}

/* The ids that were seen: open addressing over pairs of halves, never more than half full. */

struct seen {
    uint64_t high, low;
};
static struct seen *table;
static size_t slots, taken;

static int insert(struct seen *into, size_t size, struct seen id) {
    for (size_t at = (id.high ^ id.low * 0x9E3779B97F4A7C15u) & (size - 1);; at = (at + 1) & (size - 1)) {
        if (!into[at].high && !into[at].low) {
            into[at] = id;
            return 1;
        }
        if (into[at].high == id.high && into[at].low == id.low) return 0;
    }
}

static int is_new(struct seen id) {
    if (taken * 2 >= slots) {
        size_t larger = slots ? slots * 2 : 1 << 16;
        struct seen *moved = calloc(larger, sizeof *moved);
        if (!moved) give_up("calloc");
        for (size_t at = 0; at < slots; at++)
            if (table[at].high || table[at].low) insert(moved, larger, table[at]);
        free(table);
        table = moved;
        slots = larger;
    }
    int new = insert(table, slots, id);
    taken += new;
    return new;
}

static struct seen parse(const char *text) {
    uint64_t half[2] = {0, 0};
    int digits = 0;
    for (; *text; text++) {
        int digit = *text >= '0' && *text <= '9' ? *text - '0' : (*text | 32) >= 'a' && (*text | 32) <= 'f' ? (*text | 32) - 'a' + 10 : -1;
        if (digit >= 0 && digits < 32) half[digits / 16] = half[digits / 16] << 4 | digit, digits++;
    }
    return (struct seen){half[0], half[1]};
}

/* One connection. */

struct connection {
    int fd, shaken, dead;
    SSL *tls;
    nghttp2_session *http;
    uint8_t *out;
    size_t begin, end, size;
};
static int epoll;
static SSL_CTX *context;

static void watch(struct connection *c, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(epoll, operation, c->fd, &event);
}

static void answer(nghttp2_session *http, int32_t stream) {
    const char *id = nghttp2_session_get_stream_user_data(http, stream);
    counters->requests++;
    if (id && is_new(parse(id))) counters->distinct++;
    nghttp2_nv headers[] = {
        {(uint8_t *)":status", (uint8_t *)"200", 7, 3, NGHTTP2_NV_FLAG_NONE},
        {(uint8_t *)"apns-id", (uint8_t *)id, 7, id ? strlen(id) : 0, NGHTTP2_NV_FLAG_NONE},
    };
    nghttp2_submit_response(http, stream, headers, id ? 2 : 1, NULL);
}

static int on_header(nghttp2_session *http, const nghttp2_frame *frame, const uint8_t *name, size_t namelen,
                     const uint8_t *value, size_t valuelen, uint8_t flags, void *c) {
    (void)flags, (void)c;
    if (namelen == 7 && !memcmp(name, "apns-id", 7) && valuelen <= ID)
        nghttp2_session_set_stream_user_data(http, frame->hd.stream_id, strndup((const char *)value, valuelen));
    return 0;
}

static int on_frame(nghttp2_session *http, const nghttp2_frame *frame, void *c) {
    (void)c;
    int opens = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
    if (opens && frame->hd.flags & NGHTTP2_FLAG_END_STREAM) answer(http, frame->hd.stream_id);
    return 0;
}

static int on_close(nghttp2_session *http, int32_t stream, uint32_t code, void *c) {
    (void)code, (void)c;
    free(nghttp2_session_get_stream_user_data(http, stream));
    return 0;
}

static ssize_t on_send(nghttp2_session *http, const uint8_t *data, size_t length, int flags, void *to) {
    (void)http, (void)flags;
    struct connection *c = to;
    if (c->end + length > c->size) {
        c->size = (c->end + length) * 2;
        c->out = realloc(c->out, c->size);
        if (!c->out) give_up("realloc");
    }
    memcpy(c->out + c->end, data, length);
    c->end += length;
    return length;
}

static void speak(struct connection *c) {
    nghttp2_session_callbacks *callbacks;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_send_callback(callbacks, on_send);
    nghttp2_session_server_new(&c->http, callbacks, c);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS}};
    nghttp2_submit_settings(c->http, NGHTTP2_FLAG_NONE, settings, 1);
}

/* Whether TLS only wants to be asked again later; else the connection is dead. */
static int is_later(struct connection *c, int result) {
    int error = SSL_get_error(c->tls, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return 1;
    c->dead = 1;
    return 0;
}

static void flush(struct connection *c) {
    if (nghttp2_session_send(c->http)) {
        c->dead = 1;
        return;
    }
    while (c->begin < c->end) {
        size_t length = c->end - c->begin > RECORD ? RECORD : c->end - c->begin;
        int written = SSL_write(c->tls, c->out + c->begin, length);
        if (written <= 0) {
            if (is_later(c, written)) watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return;
        }
        c->begin += written;
    }
    c->begin = c->end = 0;
    watch(c, EPOLL_CTL_MOD, EPOLLIN);
    if (!nghttp2_session_want_read(c->http) && !nghttp2_session_want_write(c->http)) c->dead = 1;
}

static void go_on(struct connection *c) {
    static uint8_t data[RECORD];
    if (!c->shaken) {
        int result = SSL_accept(c->tls);
        if (result != 1) {
            is_later(c, result);
            return;
        }
        c->shaken = 1;
        speak(c);
    }
    for (;;) {
        int length = SSL_read(c->tls, data, sizeof data);
        if (length <= 0) {
            is_later(c, length);
            break;
        }
        if (nghttp2_session_mem_recv(c->http, data, length) < 0) {
            c->dead = 1;
            break;
        }
    }
    if (!c->dead) flush(c);
}

static void end(struct connection *c) {
    close(c->fd);
    nghttp2_session_del(c->http);
    SSL_free(c->tls);
    free(c->out);
    free(c);
}

static void welcome(int listening) {
    int fd, on = 1;
    while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *c = calloc(1, sizeof *c);
        if (!c) give_up("calloc");
        c->fd = fd;
        c->tls = SSL_new(context);
        SSL_set_fd(c->tls, fd);
        counters->connections++;
        watch(c, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static int choose(SSL *tls, const unsigned char **chosen, unsigned char *length, const unsigned char *offered,
                  unsigned size, void *nothing) {
    (void)tls, (void)nothing;
    int found = SSL_select_next_proto((unsigned char **)chosen, length, (const unsigned char *)"\x02h2", 3, offered, size);
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int main(int count, char **argument) {
    if (count != 5) {
        fprintf(stderr, "sink PORT CERTIFICATE KEY COUNTERS\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    int file = open(argument[4], O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, sizeof *counters)) give_up(argument[4]);
    counters = mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (counters == MAP_FAILED) give_up("mmap");
    context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context, argument[2]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, argument[3], SSL_FILETYPE_PEM) != 1) {
        fprintf(stderr, "the certificate or its key cannot be used\n");
        return 1;
    }
    SSL_CTX_set_alpn_select_cb(context, choose, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);

    int listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argument[1]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listening, (struct sockaddr *)&address, sizeof address) || listen(listening, 100)) give_up("bind");
    epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listening, &event);
    for (;;) {
        struct epoll_event events[64];
        int happened = epoll_wait(epoll, events, 64, -1);
        for (int at = 0; at < happened; at++) {
            struct connection *c = events[at].data.ptr;
            if (!c) {
                welcome(listening);
                continue;
            }
            go_on(c);
            if (c->dead) end(c);
        }
    }
}
