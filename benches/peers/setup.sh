#!/bin/bash
# Makes the virtual environments of the peer simulators with pip, as configured on this machine.
# usage: benches/peers/setup.sh [brian2 nest brainpy ...]     into ${BENCH_PEERS:-target/bench-peers}
set -eu
cd "$(dirname "$0")/../.."
folder=${BENCH_PEERS:-target/bench-peers}
make_environment() { # name packages...
    local environment=$folder/venv-$1
    shift
    [ -d "$environment" ] || python3 -m venv "$environment"
    "$environment/bin/pip" install -q "$@"
}
for peer in ${*:-brian2 nest brainpy}; do
    echo "== $peer"
    case $peer in
    brian2) make_environment brian2 Brian2==2.9.0 Cython==3.3.1 'numpy==2.3.*' setuptools ;; # fails to import with numpy 2.4
    nest) make_environment nest nest-simulator==3.10.0 ;;
    brainpy) make_environment brainpy brainpy==2.8.2 brainevent==0.2.1 brainstate==0.5.4 brainunit==0.5.2 \
        braintools==0.3.0 brainpy_state==0.1.0 jax==0.10.2 jaxlib==0.10.2 numba==0.68.1 scipy==1.17.1 optax ;;
    *) echo "no peer '$peer': brian2, nest or brainpy" >&2 && exit 2 ;;
    esac
done
