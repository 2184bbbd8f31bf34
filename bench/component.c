/* The least that a component can cost (XEP-0114): expat reads every stanza whole, and every IQ is answered.
 *
 *     component PORT DOMAIN SECRET
 *
 * It finds node and secret of a publish and does nothing with them. It ends with its stream. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <expat.h>
#include <netinet/tcp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT = 4096, READ = 65536, OUT = 1 << 22 };

static int peer, depth, shaken, reading;
static const char *secret;
static char from[TEXT], to[TEXT], id[TEXT], node[TEXT], var[TEXT], value[TEXT], given[TEXT];
static int valuelen;
static char out[OUT];
static size_t outlen;

static void keep(char *into, const char *text) {
    strncpy(into, text, TEXT - 1);
}

static void say(const char *text) {
    outlen += snprintf(out + outlen, OUT - outlen, "%s", text);
}

static void flush(void) {
    for (size_t done = 0; done < outlen;) {
        ssize_t written = write(peer, out + done, outlen - done);
        if (written <= 0) exit(1);
        done += written;
    }
    outlen = 0;
}

static void shake(const char *stream) {
    char text[2 * TEXT], hex[2 * SHA_DIGEST_LENGTH + 1];
    unsigned char digest[SHA_DIGEST_LENGTH];
    snprintf(text, sizeof text, "%s%s", stream, secret);
    SHA1((unsigned char *)text, strlen(text), digest);
    for (int at = 0; at < SHA_DIGEST_LENGTH; at++) sprintf(hex + 2 * at, "%02x", digest[at]);
    say("<handshake>");
    say(hex);
    say("</handshake>");
}

static void on_start(void *nothing, const char *name, const char **attribute) {
    (void)nothing;
    const char *local = strrchr(name, ' ');
    local = local ? local + 1 : name;
    depth++;
    if (depth == 2) from[0] = to[0] = id[0] = node[0] = given[0] = 0;
    for (; *attribute; attribute += 2) {
        if (depth == 1 && !strcmp(*attribute, "id")) shake(attribute[1]);
        if (depth == 2 && !strcmp(*attribute, "from")) keep(from, attribute[1]);
        if (depth == 2 && !strcmp(*attribute, "to")) keep(to, attribute[1]);
        if (depth == 2 && !strcmp(*attribute, "id")) keep(id, attribute[1]);
        if (!strcmp(local, "publish") && !strcmp(*attribute, "node")) keep(node, attribute[1]);
        if (!strcmp(local, "field") && !strcmp(*attribute, "var")) keep(var, attribute[1]);
    }
    reading = !strcmp(local, "value");
    if (reading) valuelen = 0;
}

static void on_text(void *nothing, const char *text, int length) {
    (void)nothing;
    if (reading && valuelen + length < TEXT) {
        memcpy(value + valuelen, text, length);
        valuelen += length;
    }
}

static void on_end(void *nothing, const char *name) {
    (void)nothing, (void)name;
    if (reading) {
        value[valuelen] = 0;
        if (!strcmp(var, "secret")) keep(given, value);
        reading = 0;
    }
    if (--depth != 1) return;
    if (!shaken) {
        shaken = 1;
        return;
    }
    if (OUT - outlen < 4 * TEXT) flush();
    outlen += snprintf(out + outlen, OUT - outlen, "<iq type='result' from='%s' to='%s' id='%s'/>", to, from, id);
}

int main(int count, char **argument) {
    if (count != 4) {
        fprintf(stderr, "component PORT DOMAIN SECRET\n");
        return 2;
    }
    static char data[READ];
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argument[1]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(peer, (struct sockaddr *)&address, sizeof address)) {
        perror("connect");
        return 1;
    }
    setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    secret = argument[3];
    say("<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='");
    say(argument[2]);
    say("'>");
    XML_Parser parser = XML_ParserCreateNS("UTF-8", ' ');
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    for (;;) {
        flush();
        ssize_t length = read(peer, data, READ);
        if (length <= 0) return 0;
        if (XML_Parse(parser, data, length, 0) != XML_STATUS_OK) {
            fprintf(stderr, "%s\n", XML_ErrorString(XML_GetErrorCode(parser)));
            return 1;
        }
    }
}
