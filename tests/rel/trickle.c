/* Stands before libc by LD_PRELOAD: reads and writes move fewer bytes than asked for, as they may.
 * TRICKLE_SEED says how many. Only calls of more than 64 bytes are cut, so that it ends. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/types.h>

static atomic_ulong state;

__attribute__((constructor)) static void start(void)
{
    const char* seed = getenv("TRICKLE_SEED");
    state = (seed != NULL ? strtoul(seed, NULL, 10) : 1) * 2654435761UL + 1;
}

/* A number from 1 to `size`, most often close to a third of it. */
static size_t less(size_t size)
{
    unsigned long x = state;
    if (size <= 64) return size;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    state = x;
    return 1 + x % (size / (1 + x / 7 % 3));
}

#define CUT(type, name, parameters, arguments)                                                     \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*next) parameters;                                                             \
        if (next == NULL) next = (type(*) parameters)dlsym(RTLD_NEXT, #name);                      \
        size = less(size);                                                                         \
        return next arguments;                                                                     \
    }

CUT(ssize_t, read, (int fd, void* data, size_t size), (fd, data, size))
CUT(ssize_t, write, (int fd, const void* data, size_t size), (fd, data, size))
CUT(ssize_t, pread, (int fd, void* data, size_t size, off_t at), (fd, data, size, at))
CUT(ssize_t, pwrite, (int fd, const void* data, size_t size, off_t at), (fd, data, size, at))
CUT(ssize_t, pread64, (int fd, void* data, size_t size, off64_t at), (fd, data, size, at))
CUT(ssize_t, pwrite64, (int fd, const void* data, size_t size, off64_t at), (fd, data, size, at))
