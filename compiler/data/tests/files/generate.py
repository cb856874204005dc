"""Writes the files of this folder. Needs numpy and scipy; run it here."""

import numpy as np
import scipy.io
import scipy.sparse as sparse

A = np.array([[1.5, -2.0, 0.0], [0.1, 4.0, 1e-300]])
np.save("c_order.npy", A)
np.save("fortran_order.npy", np.asfortranarray(A))
np.save("big_endian.npy", A.astype(">f8"))
np.save("single.npy", np.array([0.1, 2.5], dtype=np.float32))
for kind in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
    values = np.array([0, 7, np.iinfo(kind).max if kind[1] != "8" else 2**53], dtype=kind)
    np.save(f"{kind}.npy", values)
np.save("truth.npy", np.array([True, False]))
T = np.arange(24.0).reshape(2, 3, 4)
np.save("tensor.npy", T)
np.save("tensor_fortran.npy", np.asfortranarray(T.reshape(2, 3, 2, 2)))
np.savez("plain.npz", W=A, x=np.arange(4))
np.savez_compressed("packed.npz", W=A, x=np.arange(4))

S = sparse.coo_array(([1.0, 2.0, 3.0, 4.0], ([0, 2, 0, 1], [1, 0, 3, 2])), shape=(3, 4))
for kind in ["csr", "csc", "coo"]:
    sparse.save_npz(f"{kind}.npz", S.asformat(kind))
scipy.io.mmwrite("coordinate.mtx", S)
scipy.io.mmwrite("array.mtx", A)
symmetric = np.array([[2.0, 1.0], [1.0, 3.0]])
scipy.io.mmwrite("symmetric.mtx", sparse.coo_array(symmetric), symmetry="symmetric")
scipy.io.mmwrite("symmetric_array.mtx", symmetric, symmetry="symmetric")
np.savetxt("matrix.csv", A, delimiter=",", header="a comment of numpy")

# What is refused.
np.save("complex.npy", np.array([1j]))
np.save("text.npy", np.array(["abc"]))
np.save("object.npy", np.array([{}], dtype=object), allow_pickle=True)
np.save("structure.npy", np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]))
np.save("half.npy", np.array([0.5], dtype=np.float16))
np.save("nan.npy", np.array([1.0, np.nan]))
np.save("infinite.npy", np.array([[1.0, -np.inf]]))
np.save("five.npy", np.zeros((1, 2, 1, 2, 1)))
np.save("scalar.npy", np.float64(1))
np.save("inexact.npy", np.array([2**53 + 1]))


def npy(header, data=b""):
    header = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data


huge = "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296, 16), }"
open("overflow.npy", "wb").write(npy(huge))
