/*
 * Plays real servers, all addresses of this machine at once:
 *
 *     servers PORT...
 *
 * It accepts connections on these ports and closes each when the other end has. Standard input tells it what to do, a line
 * each: `note` says every connection from then on, `rest` none; `close PORT` closes a port; `last PORT` does so once it has
 * accepted one more connection. Its end ends the program.
 *
 * It says `open` when all ports are; `got TIME ADDRESS` of a connection, with the address it was made to, in hexadecimal
 * digits; `closed TIME PORT`. Times are microseconds of CLOCK_MONOTONIC.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* What an event is about: a port has its index. */
enum { MOST_PORTS = 16, CONNECTION = MOST_PORTS, COMMANDS };
enum { MOST_EVENTS = 256 };

struct port {
    int number, socket, is_last;
};

static struct port ports[MOST_PORTS];
static int port_count, events, is_noting;
static char line[256];
static size_t line_length;

static void fail(const char *what)
{
    fprintf(stderr, "servers: %s: %s\n", what, strerror(errno));
    exit(1);
}

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

static void watch(int file, unsigned what)
{
    struct epoll_event event = { .events = EPOLLIN, .data.u64 = ((uint64_t)what << 32) | (unsigned)file };
    if (epoll_ctl(events, EPOLL_CTL_ADD, file, &event) != 0)
        fail("epoll");
}

static void open_port(int number)
{
    struct sockaddr_in all = { .sin_family = AF_INET, .sin_port = htons(number) };
    int one = 1, made = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (made < 0 || port_count == MOST_PORTS)
        fail("socket");
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(made, (struct sockaddr *)&all, sizeof all) != 0 || listen(made, 4096) != 0)
        fail("listen");
    watch(made, port_count);
    ports[port_count++] = (struct port){ number, made, 0 };
}

static void close_port(struct port *port)
{
    if (port->socket < 0)
        return;
    close(port->socket);
    port->socket = -1;
    printf("closed %lld %d\n", now(), port->number);
    fflush(stdout);
}

static void accept_all(struct port *port)
{
    struct sockaddr_in local;
    socklen_t length = sizeof local;
    while (port->socket >= 0) {
        int made = accept4(port->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (made < 0)
            return;
        if (is_noting && getsockname(made, (struct sockaddr *)&local, &length) == 0)
            printf("got %lld %08x\n", now(), ntohl(local.sin_addr.s_addr));
        watch(made, CONNECTION);
        if (port->is_last)
            close_port(port);
    }
}

static void obey(const char *command)
{
    int number = 0;
    if (strcmp(command, "note") == 0)
        is_noting = 1;
    else if (strcmp(command, "rest") == 0)
        is_noting = 0;
    for (int index = 0; index < port_count; index += 1) {
        if (sscanf(command, "close %d", &number) == 1 && ports[index].number == number)
            close_port(&ports[index]);
        if (sscanf(command, "last %d", &number) == 1 && ports[index].number == number)
            ports[index].is_last = 1;
    }
    fflush(stdout);
}

static void read_commands(void)
{
    ssize_t got = read(0, line + line_length, sizeof line - 1 - line_length);
    if (got <= 0)
        exit(0);
    line_length += got;
    line[line_length] = '\0';
    char *from = line;
    for (char *end = strchr(from, '\n'); end != NULL; end = strchr(from, '\n')) {
        *end = '\0';
        obey(from);
        from = end + 1;
    }
    line_length -= from - line;
    memmove(line, from, line_length);
}

static void read_connection(int file)
{
    char bytes[512];
    ssize_t got = read(file, bytes, sizeof bytes);
    if (got == 0 || (got < 0 && errno != EAGAIN))
        close(file);
}

int main(int count, char **words)
{
    static char output[1 << 16];
    struct epoll_event ready[MOST_EVENTS];
    setvbuf(stdout, output, _IOFBF, sizeof output);
    events = epoll_create1(EPOLL_CLOEXEC);
    for (int index = 1; index < count; index += 1)
        open_port(atoi(words[index]));
    watch(0, COMMANDS);
    printf("open\n");
    fflush(stdout);
    for (;;) {
        int found = epoll_wait(events, ready, MOST_EVENTS, -1);
        for (int index = 0; index < found; index += 1) {
            unsigned what = ready[index].data.u64 >> 32;
            int file = (int)(ready[index].data.u64 & 0xffffffff);
            if (what < MOST_PORTS)
                accept_all(&ports[what]);
            else if (what == COMMANDS)
                read_commands();
            else
                read_connection(file);
        }
    }
}
