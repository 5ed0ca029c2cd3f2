/* crash.c -- see crash.h. In a handler only what is safe there: no malloc, no stdio; the
 * unwinder is loaded beforehand. Under a sanitizer, faults are the sanitizer's. */
#include "common/crash.h"

#include <dirent.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/str.h"

enum {
	FRAMES = 48,
	STACK_BYTES = 64 << 10,
	THREADS_MAX = 32,
	THREAD_MS = 100, /* for another thread to show its stack */
	RESOLVE_MS = 2000,
	PATH_BYTES = 512,
};

static struct {
	const char *name;
	char program[PATH_BYTES];
	uintptr_t base;
	atomic_flag dying;
	atomic_int shown; /* threads that have shown their stack */
} crash;

static void put(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return; /* nowhere to complain */
}

static char *put_number(char *end, uint64_t n, unsigned base)
{
	do
		*--end = "0123456789abcdef"[n % base];
	while ((n /= base) > 0);
	return end;
}

static void put_head(pid_t thread, int signal)
{
	char number[24];

	number[23] = '\0';
	put("stack of ");
	put(crash.name);
	put(" thread ");
	put(put_number(number + 23, (uint64_t)thread, 10));
	if (signal != 0) {
		put(" at signal ");
		put(put_number(number + 23, (uint64_t)signal, 10));
	}
	put(":\n");
}

static void pause_ms(long ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void wait_for(pid_t child)
{
	for (int ms = 0; ms < RESOLVE_MS; ms += 10) {
		if (waitpid(child, NULL, WNOHANG) != 0)
			return;
		pause_ms(10);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* Our own frames once more, with function, file and line. */
static void resolve(void *const *frames, int count)
{
	static char texts[FRAMES][20];
	static char *argv[FRAMES + 5];
	int n = 0;
	pid_t child;

	argv[n++] = (char *)(uintptr_t) "addr2line";
	argv[n++] = (char *)(uintptr_t) "-Cfipe";
	argv[n++] = crash.program;
	for (int i = 0; i < count; i++) {
		uintptr_t at = (uintptr_t)frames[i] - crash.base;

		if ((uintptr_t)frames[i] <= crash.base || at > 1U << 28)
			continue; /* a library's */
		texts[i][19] = '\0';
		argv[n++] = put_number(texts[i] + 19, at - 1, 16);
	}
	argv[n] = NULL;
	child = _Fork();
	if (child == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execv("/usr/bin/addr2line", argv);
		_exit(1);
	}
	if (child > 0)
		wait_for(child);
}

static void show_stack(int signal)
{
	void *frames[FRAMES];
	int count = backtrace(frames, FRAMES);

	put_head((pid_t)syscall(SYS_gettid), signal);
	backtrace_symbols_fd(frames, count, STDERR_FILENO);
	resolve(frames, count);
}

static void on_ask(int signal)
{
	int saved = errno;

	(void)signal;
	show_stack(0);
	atomic_fetch_add(&crash.shown, 1);
	errno = saved;
}

/* One after the other, so that their lines do not mix. */
static void ask_thread(pid_t thread)
{
	int before = atomic_load(&crash.shown);

	if (syscall(SYS_tgkill, getpid(), thread, SIGUSR2) < 0)
		return;
	for (int ms = 0; ms < THREAD_MS || atomic_load(&crash.shown) > before; ms += 5) {
		if (atomic_load(&crash.shown) > before)
			return;
		pause_ms(5);
	}
}

/* Entries as getdents64 gives them; readdir would allocate. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short size;
	unsigned char type;
	char name[];
};

static void ask_threads(void)
{
	static _Alignas(struct entry) char room[4096];
	int fd = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC), asked = 0;
	pid_t self = (pid_t)syscall(SYS_gettid);
	long n = fd < 0 ? 0 : syscall(SYS_getdents64, fd, room, sizeof(room));

	for (long at = 0; at < n && asked < THREADS_MAX;) {
		const struct entry *e = (const struct entry *)(const void *)(room + at);
		uint64_t thread;

		if (str_to_u64(str_of(e->name), &thread) && (pid_t)thread != self) {
			ask_thread((pid_t)thread);
			asked++;
		}
		at += e->size;
	}
	if (fd >= 0)
		close(fd);
}

static void on_deadly(int signal)
{
	struct sigaction usual = { .sa_handler = SIG_DFL };

	if (atomic_flag_test_and_set(&crash.dying))
		for (;;)
			pause_ms(1000); /* another thread is at it, and ends us all */
	show_stack(signal);
	ask_threads();
	put("end of stacks\n");
	sigaction(signal, &usual, NULL);
	raise(signal);
}

static int note_base(struct dl_phdr_info *info, size_t size, void *ctx)
{
	(void)size;
	(void)ctx;
	crash.base = info->dlpi_addr;
	return 1; /* the first is the program itself */
}

static void handle(int signal, void (*handler)(int))
{
	struct sigaction a = { .sa_handler = handler,
			       .sa_flags = SA_ONSTACK | SA_RESTART };

	sigemptyset(&a.sa_mask);
	sigaction(signal, &a, NULL);
}

void crash_install(const char *name)
{
	static char stack[STACK_BYTES];
	const stack_t aside = { .ss_sp = stack, .ss_size = sizeof(stack) };
	ssize_t n = readlink("/proc/self/exe", crash.program, sizeof(crash.program) - 1);
	void *frame[1];

	crash.name = name;
	crash.program[n > 0 ? n : 0] = '\0';
	dl_iterate_phdr(note_base, NULL);
	backtrace(frame, 1); /* loads the unwinder */
	handle(SIGABRT, on_deadly);
	handle(SIGUSR2, on_ask);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	sigaltstack(&aside, NULL); /* the usual one may be what is at an end */
	handle(SIGSEGV, on_deadly);
	handle(SIGBUS, on_deadly);
	handle(SIGILL, on_deadly);
	handle(SIGFPE, on_deadly);
#else
	(void)aside;
#endif
}
