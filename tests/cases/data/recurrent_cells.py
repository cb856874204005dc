"""Makes recurrent_cells.npz: weights, tokens, and what the recurrent cells of recurrent_cells.bp come to.

Each layer is computed token by token, as its paper has it, without any delay between layers: row k of an array is the
layer's state after token k. Run it in this folder: python recurrent_cells.py
"""

import numpy as np

random = np.random.default_rng(20140603)
TOKENS, INPUTS, RNN, GRU, LSTM = 40, 3, 5, 4, 6


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def weights(rows, columns):
    return random.normal(0.0, 1.3 / np.sqrt(rows), (rows, columns))


known = {"tokens": random.normal(0.0, 1.0, (TOKENS, INPUTS))}
for name, size, gates in [("rnn", RNN, [""]), ("gru", GRU, "zrn"), ("lstm", LSTM, "ifgo")]:
    for gate in gates:
        end = f"_{gate}" if gate else ""
        known[f"{name}_input{end}"] = weights(INPUTS, size)
        known[f"{name}_units{end}"] = weights(size, size)
known["rnn_bias"] = random.normal(0.0, 0.5, RNN)
known["gru_bias"] = random.normal(0.0, 0.5, (4, GRU))
known["lstm_bias"] = random.normal(0.0, 0.5, (4, LSTM))
known["stack_input"] = weights(LSTM, 2)
known = {name: np.round(values, 6) for name, values in known.items()}


def rnn(tokens, h):
    states = []
    for x in tokens:
        h = np.tanh(x @ known["rnn_input"] + h @ known["rnn_units"] + known["rnn_bias"])
        states.append(h)
    return np.array(states)


def gru(tokens, h):
    b_z, b_r, b_n, b_h = known["gru_bias"]
    states = []
    for x in tokens:
        z = sigmoid(x @ known["gru_input_z"] + h @ known["gru_units_z"] + b_z)
        r = sigmoid(x @ known["gru_input_r"] + h @ known["gru_units_r"] + b_r)
        n = np.tanh(x @ known["gru_input_n"] + b_n + r * (h @ known["gru_units_n"] + b_h))
        h = (1 - z) * n + z * h
        states.append(h)
    return np.array(states)


def lstm(tokens, h, c):
    hidden, cells = [], []
    for x in tokens:
        gate = {g: x @ known[f"lstm_input_{g}"] + h @ known[f"lstm_units_{g}"] + b for g, b in zip("ifgo", known["lstm_bias"])}
        c = sigmoid(gate["f"]) * c + sigmoid(gate["i"]) * np.tanh(gate["g"])
        h = sigmoid(gate["o"]) * np.tanh(c)
        hidden.append(h)
        cells.append(c)
    return np.array(hidden), np.array(cells)


# The first thing that a layer sees is the initial value of its input, 0.
tokens = np.vstack([np.zeros(INPUTS), known["tokens"]])
hidden, cells = lstm(tokens, np.zeros(LSTM), np.zeros(LSTM))
stack = np.tanh(hidden @ known["stack_input"] + 0.5 * tokens[:, :2])
outcome = {
    "wanted_rnn": rnn(tokens, np.zeros(RNN)),
    "wanted_gru": gru(tokens, np.zeros(GRU)),
    "wanted_lstm": hidden,
    "wanted_lstm_cell": cells,
    "wanted_stack": stack,
}
np.savez("recurrent_cells.npz", **known, **outcome)
