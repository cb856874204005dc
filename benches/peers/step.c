// Steps a network that `bpc compile --kind shared` wrote, as an application would, and takes the time.
// usage: step LIBRARY SYMBOL SEED THREADS STEPS...      STEPS: 2000 10000 runs to the 2,000th, then to the 10,000th
// out:   one JSON object: init_s, for each mark the time since creation and the spikes of E and I, spike_hash
// build: cc -O2 step.c -ldl
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void *library;
static const char *symbol;

static void *function(const char *name) {
    char full[256];
    snprintf(full, sizeof full, "%s_%s", symbol, name);
    void *address = dlsym(library, full);
    if (!address) fprintf(stderr, "%s\n", dlerror()), exit(1);
    return address;
}

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

int main(int count, char **arguments) {
    if (count < 6) return fprintf(stderr, "usage: step LIBRARY SYMBOL SEED THREADS STEPS...\n"), 2;
    library = dlopen(arguments[1], RTLD_NOW);
    if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
    symbol = arguments[2];
    void *(*create)(uint64_t, const double *, uint32_t, char *, size_t) = function("create");
    int32_t (*step)(void *, uint64_t) = function("step");
    int32_t (*population)(const char *) = function("population_handle");
    uint64_t (*spikes)(void *, int32_t) = function("spike_count");
    int32_t (*keep)(void *, int32_t, int32_t) = function("keep_spikes");
    int32_t (*spike_hash)(void *, uint8_t *) = function("spike_hash");
    const char *(*last_error)(void *) = function("last_error");

    char error[512];
    double begin = now(CLOCK_MONOTONIC);
    void *net = create(strtoull(arguments[3], 0, 10), 0, (uint32_t)atoi(arguments[4]), error, sizeof error);
    if (!net) return fprintf(stderr, "%s\n", error), 1;
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    printf("{\"init_s\": %.6f, \"marks\": [", wall - begin);
    int32_t e = population("E"), i = population("I");
    keep(net, e, 0);
    keep(net, i, 0);
    uint64_t done = 0;
    for (int a = 5; a < count; a++) {
        uint64_t mark = strtoull(arguments[a], 0, 10);
        if (step(net, mark - done) < 0) return fprintf(stderr, "%s\n", last_error(net)), 1;
        done = mark;
        printf("%s{\"wall_s\": %.6f, \"cpu_s\": %.6f, \"spikes\": {\"E\": %llu, \"I\": %llu}}", a > 5 ? ", " : "",
               now(CLOCK_MONOTONIC) - wall, now(CLOCK_PROCESS_CPUTIME_ID) - cpu, (unsigned long long)spikes(net, e),
               (unsigned long long)spikes(net, i));
    }
    uint8_t hash[16];
    spike_hash(net, hash);
    printf("], \"spike_hash\": \"");
    for (int b = 0; b < 16; b++) printf("%02x", hash[b]);
    printf("\"}\n");
}
