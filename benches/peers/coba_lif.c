// Hand-written COBA-LIF, float, one thread: what is possible on this machine. No peer, a bound.
// usage: coba_lif N SECONDS SEED      prints one JSON object; spikes are those of 0.2 s to 1 s
// build: gcc -O3 -march=native -ffast-math coba_lif.c -lm
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
typedef float real;

static uint64_t s[2] = {0x9E3779B97F4A7C15ull, 0xD1B54A32D192ED03ull};
static inline uint64_t rnd(void) {
    uint64_t a = s[0], b = s[1];
    s[0] = b;
    a ^= a << 23;
    s[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
    return s[1] + b;
}
static double u(void) { return (rnd() >> 11) * 0x1p-53; }
static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}
int main(int c, char **v) {
    if (c != 4) return fprintf(stderr, "usage: coba_lif N SECONDS SEED\n"), 2;
    int N = atoi(v[1]), NE = N * 4 / 5;
    double secs = atof(v[2]), p = 80.0 / N;
    s[0] ^= strtoull(v[3], 0, 10) * 0xBF58476D1CE4E5B9ull;
    for (int i = 0; i < 64; i++) rnd();
    real *V = aligned_alloc(64, sizeof(real) * (N + 64)), *ge = aligned_alloc(64, sizeof(real) * (N + 64)),
         *gi = aligned_alloc(64, sizeof(real) * (N + 64));
    int32_t *ref = aligned_alloc(64, 4 * (N + 64));
    uint32_t *row = malloc(8 * (N + 2)), *col = malloc((size_t)4 * N * 100), *sp = malloc(4 * N);
    uint64_t k = 0;
    double lq = log1p(-p), begin = now(CLOCK_MONOTONIC);
    for (int i = 0; i < N; i++) {
        row[i] = k;
        for (int64_t j = -1;;) {
            j += 1 + (int64_t)(log(u() + 1e-300) / lq);
            if (j >= N) break;
            col[k++] = j;
        }
    }
    row[N] = k;
    for (int i = 0; i < N; i++) {
        double g = sqrt(-2 * log(u() + 1e-300)) * cos(6.28318530718 * u());
        V[i] = -55 + 2 * g;
        ge[i] = gi[i] = 0;
        ref[i] = 0;
    }
    const real dt = .1, ae = exp(-dt / 5), ai = exp(-dt / 10), we = .6, wi = 6.7;
    int steps = secs * 1e4 + .5;
    uint64_t nE = 0, nI = 0;
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    for (int t = 0; t < steps; t++) {
        int ns = 0;
#pragma GCC ivdep
        for (int i = 0; i < N; i++) { // forward Euler for V
            real Isyn = ge[i] * (0 - V[i]) + gi[i] * (-80 - V[i]) + 20;
            real dv = (Isyn - (V[i] + 60)) * (dt / 20);
            int r = ref[i];
            real nv = r > 0 ? V[i] : V[i] + dv;
            int f = nv >= -50;
            V[i] = f ? -60 : nv;
            ref[i] = f ? 50 : (r > 0 ? r - 1 : 0);
            ge[i] *= ae;
            gi[i] *= ai;
            ref[i] |= f ? 0x40000000 : 0;
        }
        for (int i = 0; i < N; i++)
            if (ref[i] & 0x40000000) ref[i] &= ~0x40000000, sp[ns++] = i;
        int counted = t >= 2000 && t < 10000;
        for (int q = 0; q < ns; q++) {
            int i = sp[q];
            real *g = i < NE ? ge : gi, w = i < NE ? we : wi;
            if (i < NE) nE += counted;
            else nI += counted;
            for (uint32_t j = row[i]; j < row[i + 1]; j++) g[col[j]] += w;
        }
    }
    printf("{\"init_s\": %.4f, \"wall_s\": %.6f, \"cpu_s\": %.6f, \"spikes\": {\"E\": %llu, \"I\": %llu}}\n", wall - begin,
           now(CLOCK_MONOTONIC) - wall, now(CLOCK_PROCESS_CPUTIME_ID) - cpu, (unsigned long long)nE, (unsigned long long)nI);
}
