/*
 * Many WebSocket viewers in one thread, for benches: fast enough that the server is what is measured.
 *
 *     load-client PORT CONNECTIONS STALLED GROUPS-FILE
 *
 * GROUPS-FILE holds one line a group (room), two hexadecimal fields: the bytes of the upgrade request, and those to
 * send once the server has answered 101 (WebSocket frames, masked). Connection i belongs to group i mod groups.
 * The first STALLED connections read nothing after their upgrade.
 *
 * An update in what arrives is known by its mark, "@@" and 16 hexadecimal digits: CLOCK_MONOTONIC in nanoseconds at
 * the publisher, on the same machine. Commands on standard input, one line each: "reset" forgets what was counted,
 * "report" prints one line of JSON, "quit" ends. The first line printed is "connected" once all upgrades are done.
 *
 * Viewers are elsewhere, and no server pays for waking them. Here they are on the same machine, and a client that
 * waits in epoll_wait is woken by the very send() that is measured: at the server's cost, a third of it and more, and
 * the more often the slower the server sends. So this one looks every quarter of a millisecond instead, which is in
 * all latencies, and is never woken.
 */
#define _GNU_SOURCE
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

enum { MARK = 18, MAX_PENDING_CONNECTS = 128, BUCKETS_PER_DOUBLING = 16, BUCKETS = 30 * BUCKETS_PER_DOUBLING };
enum phase { UPGRADING, OPEN, STALLED, CLOSED };

struct group {
	unsigned char *request, *hello;
	size_t request_length, hello_length;
};

/* One viewer. A frame's header and a mark may be cut anywhere by TCP. */
struct viewer {
	int fd;
	uint32_t group;
	unsigned char phase;
	unsigned char header_length, header[14];
	uint64_t payload_left;
	unsigned char tail_length, tail[MARK - 1];
};

static struct {
	uint64_t updates, bytes, messages, pings, closes, sum_ns, max_ns, latency[BUCKETS];
	uint64_t close_codes[5000];
} counted;

static struct group *groups;
static struct viewer *viewers;
static uint32_t group_count, viewer_count, stalled_count, open_count, started_count, pending_count, closed_count;
static int epoll_fd;
static struct sockaddr_in server;
static unsigned char buffer[1 << 18];
/* With the kernel's slack of 50 microseconds. */
static const struct timespec between_looks = { .tv_nsec = 200000 };

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Log-linear: 16 buckets for each doubling of a microsecond, so a quantile is right to 5 %. */
static uint32_t bucket_of(uint64_t ns)
{
	uint64_t us = ns / 1000;
	if (us < BUCKETS_PER_DOUBLING) return (uint32_t)us;
	uint32_t doublings = 63 - (uint32_t)__builtin_clzll(us) - 4;
	uint32_t bucket = doublings * BUCKETS_PER_DOUBLING + (uint32_t)(us >> doublings);
	return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static double bucket_us(uint32_t bucket)
{
	if (bucket < 2 * BUCKETS_PER_DOUBLING) return bucket;
	uint32_t doublings = bucket / BUCKETS_PER_DOUBLING - 1;
	return (double)((uint64_t)(BUCKETS_PER_DOUBLING + bucket % BUCKETS_PER_DOUBLING) << doublings);
}

static double quantile_us(double share)
{
	uint64_t total = 0, seen = 0;
	for (uint32_t i = 0; i < BUCKETS; i++) total += counted.latency[i];
	for (uint32_t i = 0; i < BUCKETS; i++) {
		seen += counted.latency[i];
		if (total > 0 && (double)seen >= share * (double)total) return bucket_us(i);
	}
	return 0;
}

static void count_mark(const unsigned char *digits, uint64_t now)
{
	char text[17];
	memcpy(text, digits, 16);
	text[16] = 0;
	uint64_t sent = strtoull(text, NULL, 16);
	uint64_t ns = now > sent ? now - sent : 0;
	counted.updates++;
	counted.sum_ns += ns;
	if (ns > counted.max_ns) counted.max_ns = ns;
	counted.latency[bucket_of(ns)]++;
}

static size_t find_marks(const unsigned char *data, size_t length, uint64_t now)
{
	size_t at = 0;
	while (at + MARK <= length) {
		const unsigned char *found = memchr(data + at, '@', length - at - (MARK - 1));
		if (found == NULL) return length;
		at = (size_t)(found - data);
		if (data[at + 1] == '@') {
			count_mark(data + at + 2, now);
			at += MARK;
		} else {
			at++;
		}
	}
	return at;
}

/* Payload of a message, in as many pieces as it comes. */
static void take_payload(struct viewer *viewer, const unsigned char *data, size_t length, uint64_t now)
{
	if (viewer->tail_length > 0) {
		unsigned char joined[2 * MARK];
		size_t added = length < MARK ? length : MARK;
		memcpy(joined, viewer->tail, viewer->tail_length);
		memcpy(joined + viewer->tail_length, data, added);
		size_t total = viewer->tail_length + added;
		size_t scanned = find_marks(joined, total, now);
		if (scanned <= viewer->tail_length && added == length) {
			/* Still too short to tell: keep it all, but no more than a mark can be. */
			size_t keep = total < MARK - 1 ? total : MARK - 1;
			memcpy(viewer->tail, joined + total - keep, keep);
			viewer->tail_length = (unsigned char)keep;
			return;
		}
		size_t consumed = scanned > viewer->tail_length ? scanned - viewer->tail_length : 0;
		if (consumed > length) consumed = length;
		data += consumed;
		length -= consumed;
		viewer->tail_length = 0;
	}
	find_marks(data, length, now);
	/* A mark that has begun: only what starts at its first '@' can go on. */
	size_t from = length < MARK - 1 ? 0 : length - (MARK - 1);
	for (size_t at = from; at < length; at++) {
		if (data[at] != '@' || (at + 1 < length && data[at + 1] != '@')) continue;
		if (at > 0 && data[at - 1] == '@') continue;
		viewer->tail_length = (unsigned char)(length - at);
		memcpy(viewer->tail, data + at, viewer->tail_length);
		break;
	}
}

static void drop(struct viewer *viewer)
{
	if (viewer->phase == CLOSED) return;
	if (viewer->phase == UPGRADING) pending_count--;
	viewer->phase = CLOSED;
	close(viewer->fd);
	closed_count++;
	counted.closes++;
}

static void control(struct viewer *viewer, const unsigned char *payload, size_t length)
{
	unsigned char opcode = viewer->header[0] & 15;
	if (opcode == 8 && length >= 2) {
		unsigned code = (unsigned)payload[0] << 8 | payload[1];
		if (code < 5000) counted.close_codes[code]++;
	}
	if (opcode == 9 && length < 126) {
		/* A pong, masked with zeros. */
		unsigned char pong[6 + 125] = { 0x8a, (unsigned char)(0x80 | length) };
		memcpy(pong + 6, payload, length);
		if (write(viewer->fd, pong, 6 + length) < 0 && errno != EAGAIN) drop(viewer);
		counted.pings++;
	}
}

static void take_bytes(struct viewer *viewer, const unsigned char *data, size_t length, uint64_t now)
{
	while (length > 0 && viewer->phase == OPEN) {
		if (viewer->payload_left == 0) {
			viewer->header[viewer->header_length++] = *data++;
			length--;
			if (viewer->header_length < 2) continue;
			unsigned size = viewer->header[1] & 127;
			unsigned wanted = size == 126 ? 4 : size == 127 ? 10 : 2;
			if (viewer->header_length < wanted) continue;
			uint64_t payload = size;
			if (wanted > 2) {
				payload = 0;
				for (unsigned i = 2; i < wanted; i++) payload = payload << 8 | viewer->header[i];
			}
			viewer->payload_left = payload;
			viewer->header_length = 0;
			viewer->tail_length = 0;
			counted.messages++;
			if (payload == 0 && viewer->header[0] & 8) control(viewer, data, 0);
			continue;
		}
		size_t part = viewer->payload_left < length ? (size_t)viewer->payload_left : length;
		if (viewer->header[0] & 8) control(viewer, data, part);
		else take_payload(viewer, data, part, now);
		viewer->payload_left -= part;
		data += part;
		length -= part;
	}
}

static void upgraded(struct viewer *viewer, const unsigned char *answer, size_t length, uint64_t now)
{
	const unsigned char *end = memmem(answer, length, "\r\n\r\n", 4);
	if (length < 12 || memcmp(answer + 9, "101", 3) != 0 || end == NULL) {
		fprintf(stderr, "refused: %.*s\n", (int)(length < 200 ? length : 200), answer);
		exit(1);
	}
	const struct group *group = &groups[viewer->group];
	if (group->hello_length > 0 &&
	    write(viewer->fd, group->hello, group->hello_length) != (ssize_t)group->hello_length)
		fail("write");
	viewer->phase = OPEN;
	pending_count--;
	if (++open_count == viewer_count) {
		puts("connected");
		fflush(stdout);
	}
	size_t rest = length - (size_t)(end + 4 - answer);
	if (rest > 0) take_bytes(viewer, end + 4, rest, now);
	if ((uint32_t)(viewer - viewers) < stalled_count) {
		viewer->phase = STALLED;
		epoll_ctl(epoll_fd, EPOLL_CTL_DEL, viewer->fd, NULL);
	}
}

static void readable(struct viewer *viewer)
{
	ssize_t length = read(viewer->fd, buffer, sizeof buffer);
	if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
	if (length <= 0) {
		drop(viewer);
		return;
	}
	uint64_t now = now_ns();
	counted.bytes += (uint64_t)length;
	if (viewer->phase == UPGRADING) upgraded(viewer, buffer, (size_t)length, now);
	else take_bytes(viewer, buffer, (size_t)length, now);
}

static void start_viewer(uint32_t index)
{
	struct viewer *viewer = &viewers[index];
	viewer->group = index % group_count;
	viewer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (viewer->fd < 0) fail("socket");
	if (index < stalled_count) {
		/* A reader that stands still is felt sooner with little room in its kernel. */
		int room = 4096;
		setsockopt(viewer->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	}
	if (connect(viewer->fd, (struct sockaddr *)&server, sizeof server) < 0) fail("connect");
	const struct group *group = &groups[viewer->group];
	if (write(viewer->fd, group->request, group->request_length) != (ssize_t)group->request_length) fail("write");
	fcntl(viewer->fd, F_SETFL, O_NONBLOCK);
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = index };
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, viewer->fd, &event) < 0) fail("epoll_ctl");
	pending_count++;
}

static void report(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		     (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	printf("{\"updates\":%llu,\"bytes\":%llu,\"messages\":%llu,\"meanUs\":%.1f,\"p50Us\":%.1f,\"p95Us\":%.1f,"
	       "\"p99Us\":%.1f,\"maxUs\":%.1f,\"cpuS\":%.3f,\"open\":%u,\"closed\":%u,\"closeCodes\":{",
	       (unsigned long long)counted.updates, (unsigned long long)counted.bytes,
	       (unsigned long long)counted.messages,
	       counted.updates > 0 ? (double)counted.sum_ns / (double)counted.updates / 1e3 : 0.0, quantile_us(0.5),
	       quantile_us(0.95), quantile_us(0.99), (double)counted.max_ns / 1e3, cpu, open_count - closed_count,
	       closed_count);
	const char *comma = "";
	for (unsigned code = 0; code < 5000; code++) {
		if (counted.close_codes[code] == 0) continue;
		printf("%s\"%u\":%llu", comma, code, (unsigned long long)counted.close_codes[code]);
		comma = ",";
	}
	puts("}}");
	fflush(stdout);
}

static void command(void)
{
	char line[64];
	if (fgets(line, sizeof line, stdin) == NULL || strcmp(line, "quit\n") == 0) exit(0);
	if (strcmp(line, "reset\n") == 0) memset(&counted, 0, sizeof counted);
	if (strcmp(line, "report\n") == 0) report();
}

static unsigned char *from_hex(const char *hex, size_t *length)
{
	*length = strlen(hex) / 2;
	unsigned char *bytes = malloc(*length + 1);
	if (bytes == NULL) fail("malloc");
	for (size_t i = 0; i < *length; i++) {
		unsigned value;
		if (sscanf(hex + 2 * i, "%2x", &value) != 1) fail("hexadecimal digits");
		bytes[i] = (unsigned char)value;
	}
	return bytes;
}

static void read_groups(const char *path)
{
	FILE *file = fopen(path, "r");
	if (file == NULL) fail(path);
	static char request[65536], hello[65536];
	while (fscanf(file, "%65535s %65535s", request, hello) == 2) {
		groups = realloc(groups, (group_count + 1) * sizeof *groups);
		if (groups == NULL) fail("realloc");
		struct group *group = &groups[group_count++];
		group->request = from_hex(request, &group->request_length);
		group->hello = from_hex(strcmp(hello, "-") == 0 ? "" : hello, &group->hello_length);
	}
	fclose(file);
	if (group_count == 0) {
		fprintf(stderr, "%s: no groups\n", path);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: load-client PORT CONNECTIONS STALLED GROUPS-FILE\n");
		return 2;
	}
	server.sin_family = AF_INET;
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.sin_port = htons((uint16_t)atoi(argv[1]));
	viewer_count = (uint32_t)atoi(argv[2]);
	stalled_count = (uint32_t)atoi(argv[3]);
	read_groups(argv[4]);
	viewers = calloc(viewer_count, sizeof *viewers);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (viewers == NULL || epoll_fd < 0) fail("start");
	setvbuf(stdin, NULL, _IONBF, 0);
	struct epoll_event input = { .events = EPOLLIN, .data.u32 = UINT32_MAX };
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &input) < 0) fail("epoll_ctl");
	struct epoll_event events[512];
	for (;;) {
		while (started_count < viewer_count && pending_count < MAX_PENDING_CONNECTS) start_viewer(started_count++);
		int ready = epoll_wait(epoll_fd, events, 512, 0);
		if (ready == 0) nanosleep(&between_looks, NULL);
		for (int i = 0; i < ready; i++) {
			if (events[i].data.u32 == UINT32_MAX) command();
			else if (viewers[events[i].data.u32].phase < STALLED) readable(&viewers[events[i].data.u32]);
		}
	}
}
