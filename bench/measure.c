/*
 * Runs a command and says what it took, as one line of JSON on standard output:
 *
 *     measure INPUT OUTPUT PREFIX COMMAND [ARGUMENT...]
 *
 * INPUT is its standard input. Its standard output is a pipe, read at once and written to OUTPUT when the command has
 * ended; `-` keeps none of it. PREFIX is how the line begins whose arrival is timed; '' takes the first.
 *
 * Times are in microseconds, memory is in kilobytes (ru_maxrss).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CAPACITY = 32 << 20, PIECE = 1 << 16 };

static void fail(const char *what)
{
    fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
    exit(125);
}

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

static long long microseconds(struct timeval time)
{
    return time.tv_sec * 1000000LL + time.tv_usec;
}

/* In the child: becomes the command once a byte comes through `start`. */
static void become(char **command, const char *input, int start, int output)
{
    char byte;
    int file = open(input, O_RDONLY);
    if (file < 0)
        fail(input);
    dup2(file, 0);
    dup2(output, 1);
    if (read(start, &byte, 1) != 1)
        exit(125);
    execvp(command[0], command);
    fail(command[0]);
}

/* Whether a line of text[from..to) begins with the prefix; moves `from` to the line that is not whole yet. */
static int begins(const char *text, size_t *from, size_t to, const char *prefix)
{
    size_t length = strlen(prefix);
    for (;;) {
        const char *end = memchr(text + *from, '\n', to - *from);
        if (end == NULL)
            return 0;
        if (strncmp(text + *from, prefix, length) == 0)
            return 1;
        *from = end - text + 1;
    }
}

static void keep(const char *path, const char *text, size_t length)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || fwrite(text, 1, length, file) != length || fclose(file) != 0)
        fail(path);
}

int main(int count, char **words)
{
    int start[2], output[2], status;
    size_t length = 0, line = 0;
    long long began, ended, first = -1;
    struct rusage used;
    pid_t child;

    if (count < 5) {
        fprintf(stderr, "usage: measure INPUT OUTPUT PREFIX COMMAND [ARGUMENT...]\n");
        return 125;
    }
    if (pipe2(start, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0)
        fail("pipe");
    /* Before there is a buffer: ru_maxrss of the child counts what it was before it became the command. */
    child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0)
        become(words + 4, words[1], start[0], output[1]);
    close(output[1]);

    char *text = malloc(CAPACITY);
    if (text == NULL)
        fail("memory");
    /* Has it at hand: giving pages would count as the command's time. */
    memset(text, 1, CAPACITY);

    began = now();
    if (write(start[1], "", 1) != 1)
        fail("start");
    for (;;) {
        size_t room = CAPACITY - length;
        ssize_t got = read(output[0], text + length, room < PIECE ? room : PIECE);
        if (got < 0)
            fail("read");
        if (got == 0)
            break;
        length += got;
        if (first < 0 && begins(text, &line, length, words[3]))
            first = now() - began;
    }
    if (wait4(child, &status, 0, &used) != child)
        fail("wait");
    ended = now();
    if (length == CAPACITY) {
        fprintf(stderr, "measure: more output than there is room for\n");
        return 125;
    }
    if (strcmp(words[2], "-") != 0)
        keep(words[2], text, length);
    printf("{\"wall\":%lld,\"user\":%lld,\"system\":%lld,\"memory\":%ld,\"first\":%lld,\"bytes\":%zu,\"status\":%d}\n",
           ended - began, microseconds(used.ru_utime), microseconds(used.ru_stime), used.ru_maxrss,
           first, length, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
