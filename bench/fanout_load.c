/* Clients of a feed's audience, as many as asked for in one process: `fanout_load PORT CLIENTS`.

   Each opens a websocket, joins /feed, answers pings and counts events. "ready" is printed once all have joined. When
   standard input ends, one line of JSON follows: events, holes in their numbers, connections that ended, milliseconds
   from the `sent` of an event (nanoseconds of the monotonic clock, 20 digits) to its arrival, and the processor time
   used since "ready". One reads what has come with one system call, so that this is never what is measured. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE 50       /* handshakes under way */
#define BUFFER 16384     /* longer than any frame of the bench */
#define LATENCIES 20000000

enum state { UPGRADING, JOINING, JOINED, ENDED };

struct client {
  int fd;
  enum state state;
  int have;
  long expected;
  char *buffer;
};

static struct client *clients;
static int count, port, begun, joined, ended, stopped;
static long events, timed, holes;
static uint32_t *latencies; /* microseconds */
static int epoll;

static void die(const char *what) { perror(what); exit(1); }

static int64_t now_ns(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static double cpu_s(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void say(struct client *one, const char *text) {
  unsigned char frame[64] = {0x81};
  size_t length = strlen(text);
  frame[1] = 0x80 | length; /* the mask is zero */
  memcpy(frame + 6, text, length);
  if (write(one->fd, frame, 6 + length) < 0 && errno != EPIPE && errno != ECONNRESET) die("write");
}

static void begin(struct client *one) {
  static const char upgrade[] =
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
      "Upgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = one};
  int yes = 1;
  one->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (one->fd < 0 || connect(one->fd, (struct sockaddr *)&where, sizeof where)) die("connect");
  setsockopt(one->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (write(one->fd, upgrade, sizeof upgrade - 1) < 0) die("write");
  fcntl(one->fd, F_SETFL, O_NONBLOCK);
  one->buffer = malloc(BUFFER);
  one->expected = -1;
  epoll_ctl(epoll, EPOLL_CTL_ADD, one->fd, &wanted);
}

static void end(struct client *one) {
  if (one->state == ENDED) return;
  one->state = ENDED;
  ended++;
  close(one->fd);
}

/* One text of the server; `at`: when it was read. */
static void text(struct client *one, char *said, int length, int64_t at) {
  char *sent, *n;
  said[length] = 0; /* the first byte of the next frame, which the caller puts back */
  if (length == 1 && *said == '2') say(one, "3");
  else if (*said == '0') say(one, "40/feed,");
  else if (!strncmp(said, "40", 2)) { one->state = JOINED; joined++; }
  else if (!strncmp(said, "42", 2) && (n = strstr(said, "\"n\":"))) {
    long number = atol(n + 4);
    if (one->expected >= 0 && number != one->expected) holes++;
    one->expected = number + 1;
    if ((sent = strstr(said, "\"sent\":\"")) && timed < LATENCIES)
      latencies[timed++] = (at - atoll(sent + 8)) / 1000;
    events++;
  }
}

/* Take whole frames from the front of the buffer; returns 0 at the end of the connection. */
static int frames(struct client *one, int64_t at) {
  unsigned char *from = (unsigned char *)one->buffer;
  int left = one->have;
  while (left >= 2) {
    int head = from[1] == 126 ? 4 : 2, length = from[1] == 126 ? (left < 4 ? BUFFER : from[2] << 8 | from[3]) : from[1];
    if (from[1] == 127 || (length != BUFFER && head + length > BUFFER - 1)) { fprintf(stderr, "a long frame\n"); exit(1); }
    if (left < head + length) break;
    unsigned char next = from[head + length];
    if ((from[0] & 15) == 8) return 0;
    if ((from[0] & 15) == 1) text(one, (char *)from + head, length, at);
    from[head + length] = next;
    from += head + length;
    left -= head + length;
  }
  memmove(one->buffer, from, left);
  one->have = left;
  return 1;
}

static void ready(struct client *one) {
  for (;;) {
    int got = read(one->fd, one->buffer + one->have, BUFFER - 1 - one->have);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) { end(one); return; }
    int64_t at = now_ns();
    int space = BUFFER - 1 - one->have;
    one->have += got;
    if (one->state == UPGRADING) {
      one->buffer[one->have] = 0;
      char *body = strstr(one->buffer, "\r\n\r\n");
      if (!body) continue;
      if (!strstr(one->buffer, " 101 ")) { fprintf(stderr, "%s\n", one->buffer); exit(1); }
      one->state = JOINING;
      one->have -= body + 4 - one->buffer;
      memmove(one->buffer, body + 4, one->have);
    }
    if (!frames(one, at)) { end(one); return; }
    if (got < space) return;
  }
}

static int by_size(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

int main(int words, char **word) {
  struct epoll_event found[256], input = {.events = EPOLLIN, .data.ptr = NULL};
  if (words != 3) return 2;
  port = atoi(word[1]);
  count = atoi(word[2]);
  clients = calloc(count, sizeof *clients);
  latencies = malloc(LATENCIES * sizeof *latencies);
  epoll = epoll_create1(0);
  epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &input);
  double before = 0;
  int told = 0;
  while (!stopped) {
    while (begun < count && begun - joined - ended < AT_ONCE) begin(&clients[begun++]);
    int ready_now = epoll_wait(epoll, found, 256, 100);
    for (int i = 0; i < ready_now; i++) {
      char nothing[64];
      if (found[i].data.ptr) ready(found[i].data.ptr);
      else if (read(0, nothing, sizeof nothing) <= 0) stopped = 1;
    }
    if (!told && joined + ended >= count) {
      told = 1;
      before = cpu_s();
      printf("ready\n");
      fflush(stdout);
    }
  }
  double used = cpu_s() - before;
  qsort(latencies, timed, sizeof *latencies, by_size);
#define AT(share) (timed ? latencies[(long)((timed - 1) * (share))] / 1000.0 : 0)
  printf("{\"events\": %ld, \"holes\": %ld, \"ended\": %d, \"p50\": %.2f, \"p99\": %.2f, \"longest\": %.2f, \"cpu_s\": %.2f}\n",
         events, holes, ended, AT(0.5), AT(0.99), AT(1), used);
  return 0;
}
