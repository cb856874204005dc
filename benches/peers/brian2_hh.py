"""COBA-HH in Brian2. usage: see common.py"""
from common import HH as P, N  # before all others: it sets their threads

import brian2 as b
from brian2 import ms
from brian2_network import COUNT, project, serve


def build():
    ns = {name: P[name] for name in ("Cm", "gl", "gna", "gk", "El", "ENa", "EK", "VT", "we", "wi")}
    ns.update(taue=P["tau_e"] * ms, taui=P["tau_i"] * ms, Ee=P["E_e"], Ei=P["E_i"])
    equations = """dv/dt = (gl*(El-v) + ge*(Ee-v) + gi*(Ei-v) - gna*(m*m*m)*h*(v-ENa) - gk*(n*n*n*n)*(v-EK))/Cm/ms : 1
    dm/dt = (alpha_m*(1-m) - beta_m*m)/ms : 1
    dn/dt = (alpha_n*(1-n) - beta_n*n)/ms : 1
    dh/dt = (alpha_h*(1-h) - beta_h*h)/ms : 1
    dge/dt = -ge/taue : 1
    dgi/dt = -gi/taui : 1
    alpha_m = 0.32*4/exprel((13-v+VT)/4) : 1
    beta_m = 0.28*5/exprel((v-VT-40)/5) : 1
    alpha_n = 0.032*5/exprel((15-v+VT)/5) : 1
    alpha_h = 0.128*exp((17-v+VT)/18) : 1
    beta_h = 4./(1+exp((40-v+VT)/5)) : 1
    beta_n = .5*exp((10-v+VT)/40) : 1
    counted : integer"""
    group = b.NeuronGroup(N, equations, threshold=f"v > {P['V_spk']}", reset=COUNT, refractory=3 * ms,
                          method="exponential_euler", namespace=ns)
    group.v = "%g + %g*randn()" % P["V0"]
    group.ge = "clip(%g + %g*randn(), 0, inf)" % P["ge0"]
    group.gi = "clip(%g + %g*randn(), 0, inf)" % P["gi0"]
    return group, project(group, ns)


serve(build)
