"""COBA-LIF in NEST (iaf_cond_exp: adaptive RKF45, NEST has no fixed step for this model). usage: see common.py"""
from common import DT, K, LIF as P, N, NE, SEED, serve  # before all others: it sets their threads

import nest

nest.set_verbosity("M_ERROR")
nest.SetKernelStatus({"resolution": DT, "local_num_threads": 1, "rng_seed": SEED, "print_time": False})
g_L = 10.0
group = nest.Create("iaf_cond_exp", N, params=dict(
    E_L=P["V_rest"], V_th=P["V_th"], V_reset=P["V_reset"], t_ref=P["t_ref"], g_L=g_L, C_m=g_L * P["tau_m"],
    E_ex=P["E_e"], E_in=P["E_i"], tau_syn_ex=P["tau_e"], tau_syn_in=P["tau_i"], I_e=P["I"] * g_L))
group.V_m = nest.random.normal(*P["V0"])
for source, name, weight in ((group[:NE], "exc", P["we"]), (group[NE:], "inh", -P["wi"])):
    nest.CopyModel("static_synapse_hom_w", name, {"weight": weight * g_L, "delay": DT})
    nest.Connect(source, group, {"rule": "pairwise_bernoulli", "p": K / N}, {"synapse_model": name})
recorders = [nest.Create("spike_recorder") for _ in range(2)]
nest.Connect(group[:NE], recorders[0])
nest.Connect(group[NE:], recorders[1])
nest.Prepare()
serve(nest.__version__, lambda: [r.n_events for r in recorders], lambda seconds: nest.Run(round(seconds * 1e3, 3)))
