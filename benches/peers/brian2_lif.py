"""COBA-LIF in Brian2. usage: see common.py"""
from common import LIF as P, N  # before all others: it sets their threads

import brian2 as b
from brian2 import ms, mV
from brian2_network import COUNT, project, serve


def build():
    ns = dict(taum=P["tau_m"] * ms, taue=P["tau_e"] * ms, taui=P["tau_i"] * ms, El=P["V_rest"] * mV, Ee=P["E_e"] * mV,
              Ei=P["E_i"] * mV, Iext=P["I"] * mV, Vt=P["V_th"] * mV, Vr=P["V_reset"] * mV, we=P["we"], wi=P["wi"])
    equations = """dv/dt = (ge*(Ee-v) + gi*(Ei-v) - (v-El) + Iext)/taum : volt (unless refractory)
    dge/dt = -ge/taue : 1
    dgi/dt = -gi/taui : 1
    counted : integer"""
    group = b.NeuronGroup(N, equations, threshold="v >= Vt", reset="v = Vr; " + COUNT, refractory=P["t_ref"] * ms,
                          method="exponential_euler", namespace=ns)
    group.v = "(%g + %g*randn())*mV" % P["V0"]
    return group, project(group, ns)


serve(build)
