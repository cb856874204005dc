"""Makes convolutions.npz: pictures, kernels, and what convolutions.bp must come to, by sums over windows of padded pictures.

Run it in this folder: python convolutions.py
"""

import numpy as np

random = np.random.default_rng(16030728)


def numbers(*shape):
    return np.round(random.normal(0.0, 1.0, shape), 3)


def convolved(picture, kernel, stride=1, padding=0, dilation=1, mode="constant"):
    """picture [in, rows, columns], kernel [out, in, rows, columns]"""
    picture = np.pad(picture, [(0, 0), (padding, padding), (padding, padding)], mode=mode)
    reach = [dilation * (n - 1) + 1 for n in kernel.shape[2:]]
    rows, columns = [(n - r) // stride + 1 for n, r in zip(picture.shape[1:], reach)]
    out = np.zeros((kernel.shape[0], rows, columns))
    for y in range(rows):
        for x in range(columns):
            top, left = y * stride, x * stride
            window = picture[:, top : top + reach[0] : dilation, left : left + reach[1] : dilation]
            out[:, y, x] = np.tensordot(kernel, window, axes=3)
    return out


def transposed(picture, kernel, rows, columns, stride=1, padding=0):
    """picture [in, rows, columns], kernel [in, out, rows, columns]: each pixel prints the kernel"""
    high, wide = kernel.shape[2:]
    out = np.zeros((kernel.shape[1], rows + 2 * padding + high, columns + 2 * padding + wide))
    for y in range(picture.shape[1]):
        for x in range(picture.shape[2]):
            print_ = np.tensordot(picture[:, y, x], kernel, axes=1)
            out[:, y * stride : y * stride + high, x * stride : x * stride + wide] += print_
    return out[:, padding : padding + rows, padding : padding + columns]


color = numbers(2, 6, 7)
grey = numbers(1, 6, 7)
row = numbers(1, 1, 12)
code = numbers(3, 3, 3)
full = numbers(3, 2, 3, 2)
single = numbers(3, 3)
single[1, 1] = 0.0
wide = numbers(2, 1, 5)
up = numbers(3, 2, 3, 3)
line = numbers(4)
known = {
    "color": color.ravel(),
    "grey": grey.ravel(),
    "row": row.ravel(),
    "code": code.ravel(),
    "full": full,
    "full_fortran": np.asfortranarray(full),
    "single": single,
    "wide": wide,
    "up": up,
    "line": line,
    "fires": (grey > 0).astype(float).ravel(),
}
one = single[None, None]
wanted = {
    "plain": convolved(color, full),
    "strided": convolved(color, full, stride=2, padding=1),
    "dilated": convolved(grey, one, padding=2, dilation=2),
    "round": convolved(grey, one, padding=1, mode="wrap"),
    "spiking": convolved((grey > 0).astype(float), one, padding=1),
    "enlarged": transposed(code, up, 6, 6, stride=2, padding=1),
    "rows": convolved(np.pad(row, [(0, 0), (0, 0), (2, 2)]), wide[:, :, None, :], stride=1),
    "rows_strided": convolved(row, line[None, None, None], stride=3),
    "pooled": convolved(color, np.array([np.eye(2)[o][:, None, None] * np.ones((2, 2)) / 4 for o in range(2)]), stride=2),
}
np.savez("convolutions.npz", **known, **{f"wanted_{name}": values.ravel() for name, values in wanted.items()})
for name, values in wanted.items():
    print(name, values.shape)
