// Hand-written COBA-LIF (W1) and COBA-HH (W2), exponential Euler, float, one thread: what a compiler could reach
// on this machine. No peer, a bound.
// usage: ref_kernels W1|W2 N SECONDS SEED      prints one JSON object; spikes are those of 0.2 s to 1 s
// build: g++ -O3 -march=native -ffast-math -fopenmp-simd -mprefer-vector-width=512 ref_kernels.cpp
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <vector>
using V = std::vector<float>;
static double cpu() { timespec t; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }
__attribute__((always_inline)) static inline float lin(float x, float s) {          // x / (exp(x/s) - 1)
    float y = x / s;
    float e = std::exp(y) - 1.f;
    return std::fabs(y) < 1e-4f ? s * (1.f - .5f * y) : x / e;
}
int main(int c, char** v) {
    if (c != 5) return fprintf(stderr, "usage: ref_kernels W1|W2 N SECONDS SEED\n"), 2;
    const bool hh = !strcmp(v[1], "W2");
    const int n = atoi(v[2]), ne = n * 4 / 5, K = 80;
    const float dt = 0.1f;
    const int steps = (int)std::lround(atof(v[3]) * 1000 / dt);
    std::mt19937 rng(atoi(v[4]));
    auto t0 = std::chrono::steady_clock::now();
    std::vector<uint32_t> tgt((size_t)n * K);
    { uint64_t s = rng(); for (auto& x : tgt) { s += 0x9E3779B97F4A7C15ull; uint64_t z = s; z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull; z = (z ^ (z >> 27)) * 0x94D049BB133111EBull; z ^= z >> 31; x = (uint32_t)(((z >> 32) * (uint64_t)n) >> 32); } }
    const int N = (n + 15) / 16 * 16;
    V vm(N), ge(N), gi(N), m(N, .0268633f), h(N, .9913058f), nn(N, .0604340f);
    std::vector<int32_t> ref(N, 0);
    std::vector<uint8_t> sp(N, 0);
    std::uniform_real_distribution<float> U(-60, -50);
    std::normal_distribution<float> G(0, 1);
    for (int i = 0; i < n; i++) {
        if (hh) { vm[i] = -65 + 5 * G(rng); ge[i] = std::max(0.f, 40 + 15 * G(rng)); gi[i] = std::max(0.f, 200 + 120 * G(rng)); }
        else vm[i] = U(rng);
    }
    for (int i = n; i < N; i++) { vm[i] = -60; ref[i] = 1 << 30; }
    const float we = hh ? 6.f : .6f, wi = hh ? 67.f : 6.7f, de = std::exp(-dt / 5.f), di = std::exp(-dt / 10.f);
    double build = std::chrono::duration<double>(std::chrono::steady_clock::now() - t0).count();
    std::vector<int32_t> idx(N);
    long ce = 0, ci = 0;
    auto a = std::chrono::steady_clock::now(); double ca = cpu();
    for (int s = 0; s < steps; s++) {
        float *__restrict__ pv = vm.data(), *__restrict__ pe = ge.data(), *__restrict__ pi = gi.data(), *__restrict__ pm = m.data(), *__restrict__ ph = h.data(), *__restrict__ pn = nn.data();
        int32_t* __restrict__ pr = ref.data(); uint8_t* __restrict__ ps = sp.data();
        if (!hh) {
#pragma omp simd
            for (int i = 0; i < N; i++) {
                float gt = 1.f + pe[i] + pi[i], vi = (-40.f - 80.f * pi[i]) / gt;
                float x = vi + (pv[i] - vi) * std::exp(-dt / 20.f * gt);
                int rf = pr[i] > 0;
                x = rf ? pv[i] : x;
                int spk = !rf && x >= -50.f;
                pr[i] = spk ? 50 : pr[i] - rf;
                pv[i] = spk ? -60.f : x;
                ps[i] = (uint8_t)spk;
                pe[i] *= de; pi[i] *= di;
            }
        } else {
#pragma omp simd
            for (int i = 0; i < N; i++) {
                float x = pv[i] + 63.f, mm = pm[i], hh_ = ph[i], kk = pn[i];
                float gm = 20000.f * mm * mm * mm * hh_, gn = 6000.f * kk * kk * kk * kk, gt = 10.f + gm + gn + pe[i] + pi[i];
                float vi = (-600.f + 50.f * gm - 90.f * gn - 80.f * pi[i]) / gt;
                float y = vi + (pv[i] - vi) * std::exp(-dt / 200.f * gt);
                float al = .32f * lin(13.f - x, 4.f), be = .28f * lin(x - 40.f, 5.f), S = al + be, f = al / S;
                pm[i] = f + (mm - f) * std::exp(-dt * S);
                al = .128f * std::exp((17.f - x) / 18.f); be = 4.f / (1.f + std::exp((40.f - x) / 5.f)); S = al + be; f = al / S;
                ph[i] = f + (hh_ - f) * std::exp(-dt * S);
                al = .032f * lin(15.f - x, 5.f); be = .5f * std::exp((10.f - x) / 40.f); S = al + be; f = al / S;
                pn[i] = f + (kk - f) * std::exp(-dt * S);
                ps[i] = (uint8_t)(pv[i] < -20.f && y >= -20.f);
                pv[i] = y;
                pe[i] *= de; pi[i] *= di;
            }
        }
        int k = 0, counted = s >= 2000 && s < 10000;
        const uint64_t* q = (const uint64_t*)ps;
        for (int b = 0; b < N / 8; b++) if (q[b]) for (int j = b * 8; j < b * 8 + 8; j++) if (ps[j] && j < n) idx[k++] = j;
        for (int j = 0; j < k; j++) {
            const int id = idx[j]; const uint32_t* t = &tgt[(size_t)id * K];
            if (id < ne) { ce += counted; for (int z = 0; z < K; z++) pe[t[z]] += we; }
            else { ci += counted; for (int z = 0; z < K; z++) pi[t[z]] += wi; }
        }
    }
    printf("{\"init_s\": %.4f, \"wall_s\": %.6f, \"cpu_s\": %.6f, \"spikes\": {\"E\": %ld, \"I\": %ld}}\n", build,
           std::chrono::duration<double>(std::chrono::steady_clock::now() - a).count(), cpu() - ca, ce, ci);
}
