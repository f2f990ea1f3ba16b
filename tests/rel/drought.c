/* Stands before libc by LD_PRELOAD: the DROUGHT_AT-th allocation fails, and with
 * DROUGHT_MODE=sticky all that follow. Counting begins when main() prepares its process, by
 * prctl(PR_SET_DUMPABLE). With DROUGHT_COUNT=FILE none fails, and FILE gets their number. A crash
 * is explained on standard error: the signal, then the file and the offset of each call that led to
 * it, innermost first. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* data, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

static atomic_int is_armed;
static atomic_long count;
static long at = -1;
static int is_sticky;
static const char* count_file;

static int is_denied(void)
{
    long number;
    if (!is_armed) return 0;
    number = ++count;
    return at > 0 && (number == at || (is_sticky && number > at));
}

void* malloc(size_t size)
{
    return is_denied() ? NULL : __libc_malloc(size);
}
void* calloc(size_t n, size_t size)
{
    return is_denied() ? NULL : __libc_calloc(n, size);
}
void* realloc(void* data, size_t size)
{
    return is_denied() ? NULL : __libc_realloc(data, size);
}
void* aligned_alloc(size_t alignment, size_t size)
{
    return is_denied() ? NULL : __libc_memalign(alignment, size);
}

static void explain(int number)
{
    void* frames[64];
    char text[600];
    Dl_info info;
    int i;
    int size;
    int length = snprintf(text, sizeof text, "\nDROUGHT: signal %d\n", number);
    is_armed = 0;
    if (write(2, text, (size_t)length) != length) _exit(99);
    size = backtrace(frames, 64);
    for (i = 2; i < size; ++i) {
        if (!dladdr(frames[i], &info) || info.dli_fname == NULL) continue;
        length = snprintf(text, sizeof text, "DROUGHT: at %s %#lx\n", info.dli_fname,
                          (unsigned long)((char*)frames[i] - (char*)info.dli_fbase) - 1);
        if (length < (int)sizeof text && write(2, text, (size_t)length) != length) _exit(99);
    }
    signal(number, SIG_DFL);
    raise(number);
}

__attribute__((constructor)) static void start(void)
{
    const char* number = getenv("DROUGHT_AT");
    const char* mode = getenv("DROUGHT_MODE");
    const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};
    void* frame;
    size_t i;
    at = number != NULL ? atol(number) : -1;
    is_sticky = mode != NULL && strcmp(mode, "sticky") == 0;
    count_file = getenv("DROUGHT_COUNT");
    backtrace(&frame, 1); /* loads what it needs while there is memory */
    for (i = 0; i < sizeof signals / sizeof signals[0]; ++i) signal(signals[i], explain);
}

__attribute__((destructor)) static void finish(void)
{
    char text[32];
    FILE* file;
    is_armed = 0;
    if (count_file == NULL) return;
    snprintf(text, sizeof text, "%ld", (long)count);
    file = fopen(count_file, "w");
    if (file != NULL) {
        fputs(text, file);
        fclose(file);
    }
}

int prctl(int option, ...)
{
    static int (*next)(int, ...);
    unsigned long values[4];
    va_list list;
    int i;
    va_start(list, option);
    for (i = 0; i < 4; ++i) values[i] = va_arg(list, unsigned long);
    va_end(list);
    if (next == NULL) next = (int (*)(int, ...))dlsym(RTLD_NEXT, "prctl");
    if (option == PR_SET_DUMPABLE) is_armed = 1;
    return next(option, values[0], values[1], values[2], values[3]);
}
