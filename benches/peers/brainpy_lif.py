"""COBA-LIF in BrainPy. usage: see common.py"""
from common import LIF as P, N  # before all others: it sets their threads

import brainpy as bp
from brainpy_network import Network, serve_network

neurons = bp.dyn.LifRefLTC(N, V_rest=P["V_rest"], V_th=P["V_th"], V_reset=P["V_reset"], tau=P["tau_m"],
                           tau_ref=P["t_ref"], V_initializer=bp.init.Normal(*P["V0"]))
serve_network(Network(neurons, P, P["I"]))
