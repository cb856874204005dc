/* The network of ../coba_lif.bp inside a C program: steps it, changes a parameter while it runs,
 * injects spikes, and reads rates and states.
 *
 * usage: embed [seed [milliseconds]]
 */
#include "coba_lif.h"

#include <stdio.h>
#include <stdlib.h>

/* Says what the network says, and ends the program. */
static void fail(const coba_lif *net, const char *what) {
    fprintf(stderr, "%s: %s\n", what, coba_lif_last_error(net));
    exit(1);
}

/* Runs for some time and prints the rate of a population during it. */
static void run_and_print_rate(coba_lif *net, const char *population, double milliseconds) {
    int32_t handle = coba_lif_population_handle(population);
    uint64_t before = coba_lif_spike_count(net, handle);
    if (coba_lif_run(net, milliseconds) < 0)
        fail(net, "run");
    double spikes = (double)(coba_lif_spike_count(net, handle) - before);
    double rate = spikes / (double)coba_lif_population_size(handle) / (milliseconds / 1000.0);
    printf("%6.0f ms  rate of %s %.2f Hz\n", coba_lif_time(net), population, rate);
}

/* The hash of all spikes so far: equal hashes, equal spike trains. */
static void print_hash(const coba_lif *net) {
    uint8_t hash[16];
    coba_lif_spike_hash(net, hash);
    printf("spike_hash ");
    for (size_t i = 0; i < sizeof hash; i++)
        printf("%02x", hash[i]);
    printf("\n");
}

/* The mean of a state, read where the network keeps it. */
static double mean(coba_lif *net, const char *name) {
    uint64_t length = 0;
    int32_t element = 0;
    void *values = coba_lif_state(net, coba_lif_state_handle(name), &length, &element);
    if (!values)
        fail(net, name);
    double sum = 0.0;
    for (uint64_t i = 0; i < length; i++)
        sum += element == 0 ? (double)((float *)values)[i] : ((double *)values)[i];
    return sum / (double)length;
}

int main(int argc, char **argv) {
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 42;
    double milliseconds = argc > 2 ? strtod(argv[2], NULL) : 1000.0;

    char error[256];
    coba_lif *net = coba_lif_create(seed, NULL, 1, error, sizeof error);
    if (!net) {
        fprintf(stderr, "create: %s\n", error);
        return 1;
    }
    printf("%s, %llu synapses\n", coba_lif_version(), (unsigned long long)coba_lif_synapse_count(net));

    /* Only counts are wanted here; otherwise spikes are kept for coba_lif_take_spikes. */
    int32_t excitatory = coba_lif_population_handle("E");
    if (coba_lif_keep_spikes(net, excitatory, 0) < 0
        || coba_lif_keep_spikes(net, coba_lif_population_handle("I"), 0) < 0)
        fail(net, "keep_spikes");

    /* The same bits as `bpc run` with this seed, duration and precision. */
    run_and_print_rate(net, "E", milliseconds);
    print_hash(net);

    /* A parameter may change between any two steps. */
    int32_t tau = coba_lif_parameter_handle("E.tau");
    double old_tau = coba_lif_get_parameter(net, tau);
    if (coba_lif_set_parameter(net, tau, 2.0 * old_tau) < 0)
        fail(net, "set_parameter");
    printf("E.tau from %g ms to %g ms\n", old_tau, coba_lif_get_parameter(net, tau));
    run_and_print_rate(net, "E", milliseconds);

    /* What cannot be is refused, with a reason, and changes nothing. */
    if (coba_lif_set_parameter(net, tau, 0.0) < 0)
        printf("refused: %s\n", coba_lif_last_error(net));

    /* A volley from outside: these neurons' targets receive it after the usual delay. */
    uint32_t volley[100];
    for (uint32_t i = 0; i < 100; i++)
        volley[i] = i;
    double quiet = mean(net, "E.V");
    if (coba_lif_inject_spikes(net, excitatory, volley, 100) < 0 || coba_lif_step(net, 20) < 0)
        fail(net, "inject_spikes");
    printf("mean E.V from %.3f mV to %.3f mV within 20 steps of the volley\n", quiet, mean(net, "E.V"));

    coba_lif_destroy(net);
    return 0;
}
