/*
 * What the kernel takes for prepared messages, from a program that does nothing else:
 *
 *     floor FILE
 *
 * FILE holds messages for the family IPVS, one behind the other. They are sent 256 in a datagram, of which the last asks
 * for an ACK, and that is awaited. Prints the microseconds from the first datagram to the last ACK.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_BYTES = 64 << 20, GROUP = 256, REPLY_BYTES = 1 << 17 };

static char reply[REPLY_BYTES];

static void fail(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

static void transmit(int link, const char *bytes, size_t length)
{
    if (send(link, bytes, length, 0) != (ssize_t)length)
        fail("send");
}

/* Reads replies until the ACK; returns the family's id if there is one among them. */
static int await_ack(int link)
{
    int id = 0;
    for (;;) {
        int left = recv(link, reply, sizeof reply, 0);
        struct nlmsghdr *message = (struct nlmsghdr *)reply;
        if (left < 0)
            fail("receive");
        for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
            if (message->nlmsg_type == NLMSG_ERROR) {
                errno = -((struct nlmsgerr *)NLMSG_DATA(message))->error;
                if (errno != 0)
                    fail("the kernel refused a message");
                return id;
            }
            char *at = (char *)NLMSG_DATA(message) + GENL_HDRLEN;
            char *end = (char *)message + message->nlmsg_len;
            while (at + NLA_HDRLEN <= end) {
                struct nlattr *attribute = (struct nlattr *)at;
                if (attribute->nla_type == CTRL_ATTR_FAMILY_ID)
                    id = *(unsigned short *)(at + NLA_HDRLEN);
                at += NLA_ALIGN(attribute->nla_len);
            }
        }
    }
}

static int family(int link)
{
    struct {
        struct nlmsghdr header;
        struct genlmsghdr generic;
        struct nlattr attribute;
        char name[8];
    } question = {
        {sizeof question, GENL_ID_CTRL, NLM_F_REQUEST | NLM_F_ACK, 1, 0},
        {CTRL_CMD_GETFAMILY, 1, 0},
        {NLA_HDRLEN + sizeof "IPVS", CTRL_ATTR_FAMILY_NAME},
        "IPVS",
    };
    transmit(link, (char *)&question, sizeof question);
    return await_ack(link);
}

/* Reads the file, and makes its messages this kernel's. */
static size_t prepare(const char *path, char *bytes, int id)
{
    FILE *file = fopen(path, "r");
    size_t length, at;
    if (file == NULL)
        fail(path);
    length = fread(bytes, 1, MOST_BYTES, file);
    fclose(file);
    for (at = 0; at < length;) {
        struct nlmsghdr *message = (struct nlmsghdr *)(bytes + at);
        message->nlmsg_type = id;
        message->nlmsg_flags = NLM_F_REQUEST;
        at += NLMSG_ALIGN(message->nlmsg_len);
    }
    return length;
}

int main(int count, char **words)
{
    int link = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
    char *bytes = malloc(MOST_BYTES);
    size_t length, at = 0;
    long long began;

    if (link < 0 || bytes == NULL || count != 2)
        fail("one file is needed, and a netlink socket");
    length = prepare(words[1], bytes, family(link));
    began = now();
    while (at < length) {
        size_t start = at;
        struct nlmsghdr *last = NULL;
        int number;
        for (number = 0; number < GROUP && at < length; number++) {
            last = (struct nlmsghdr *)(bytes + at);
            at += NLMSG_ALIGN(last->nlmsg_len);
        }
        last->nlmsg_flags |= NLM_F_ACK;
        transmit(link, bytes + start, at - start);
        await_ack(link);
    }
    printf("%lld\n", now() - began);
    return 0;
}
