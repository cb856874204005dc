//! The functions that the runtime exports and that generated wrappers and the JIT call.
//!
//! A generated library exports each of [`API`] as `<network>_<name>`, a thin call of
//! `bpc_rt3_<name>` (the number is [`crate::ABI_VERSION`]); the C header declares them.

/// The prefix of the runtime's symbols.
pub const PREFIX: &str = "bpc_rt3_";

/// A function of the C interface: name, C result, C arguments, one line of documentation.
///
/// `NET *` is the handle. The first function of the table, `create`, takes the network's
/// constant as a hidden first argument that the wrapper supplies; so do those whose first
/// argument is `NETWORK`.
pub struct ApiFunction {
    /// Without prefix.
    pub name: &'static str,
    /// The C type of the result.
    pub result: &'static str,
    /// The C arguments. `NET` stands for the network's own handle type, `NETWORK` for the hidden constant.
    pub arguments: &'static [(&'static str, &'static str)],
    /// What it does, its units, its errors.
    pub doc: &'static str,
}

/// The C interface of every generated network. Functions that can fail return 0 for success and
/// a negative number otherwise; `last_error` then has the text.
pub const API: &[ApiFunction] = &[
    ApiFunction {
        name: "version",
        result: "const char *",
        arguments: &[("NETWORK", "network")],
        doc: "Compiler version and ABI, such as \"bpc 0.1.0 abi 3\".",
    },
    ApiFunction {
        name: "create",
        result: "NET *",
        arguments: &[
            ("NETWORK", "network"),
            ("uint64_t", "seed"),
            ("const double *", "parameters"),
            ("uint32_t", "threads"),
            ("char *", "error"),
            ("size_t", "error_size"),
        ],
        doc: "Builds the network. `parameters` is NULL for defaults, or one value for each parameter in its declared unit, NaN keeping a default. `threads` of 0 means 1. On failure returns NULL and writes the reason to `error` (may be NULL).",
    },
    ApiFunction {
        name: "destroy",
        result: "void",
        arguments: &[("NET *", "net")],
        doc: "Frees everything. NULL is allowed.",
    },
    ApiFunction {
        name: "last_error",
        result: "const char *",
        arguments: &[("const NET *", "net")],
        doc: "The text of the last failure on this handle; empty if none. Valid until the next call.",
    },
    ApiFunction {
        name: "parameter_count",
        result: "int32_t",
        arguments: &[("NETWORK", "network")],
        doc: "How many parameters there are.",
    },
    ApiFunction {
        name: "parameter_name",
        result: "int32_t",
        arguments: &[
            ("NETWORK", "network"),
            ("int32_t", "parameter"),
            ("char *", "name"),
            ("size_t", "name_size"),
            ("char *", "unit"),
            ("size_t", "unit_size"),
        ],
        doc: "Writes name and unit of a parameter; -1 if there is no such parameter, -2 if a buffer is too small.",
    },
    ApiFunction {
        name: "parameter_handle",
        result: "int32_t",
        arguments: &[("NETWORK", "network"), ("const char *", "name")],
        doc: "The handle of a parameter such as \"E.tau\", or -1.",
    },
    ApiFunction {
        name: "get_parameter",
        result: "double",
        arguments: &[("const NET *", "net"), ("int32_t", "parameter")],
        doc: "Its value in its declared unit; NaN for a bad handle.",
    },
    ApiFunction {
        name: "set_parameter",
        result: "int32_t",
        arguments: &[("NET *", "net"), ("int32_t", "parameter"), ("double", "value")],
        doc: "Sets a parameter in its declared unit, from the next step on. Fails for a bad handle, a parameter that is computed from others, a value that is not finite, or zero where something divides by it.",
    },
    ApiFunction {
        name: "step",
        result: "int32_t",
        arguments: &[("NET *", "net"), ("uint64_t", "steps")],
        doc: "Makes steps. Fails with -3 if a state is no longer finite; `last_error` has population, neuron, variable, time and last finite value. All numbers are looked at from time to time, and with `steps` 0 at once.",
    },
    ApiFunction {
        name: "run",
        result: "int32_t",
        arguments: &[("NET *", "net"), ("double", "milliseconds")],
        doc: "Makes the whole number of steps nearest to the time; fails if it is more than 1e-6 steps off.",
    },
    ApiFunction {
        name: "step_count",
        result: "uint64_t",
        arguments: &[("const NET *", "net")],
        doc: "Steps made since creation.",
    },
    ApiFunction { name: "time", result: "double", arguments: &[("const NET *", "net")], doc: "Simulated time in ms." },
    ApiFunction {
        name: "population_count",
        result: "int32_t",
        arguments: &[("NETWORK", "network")],
        doc: "How many populations there are.",
    },
    ApiFunction {
        name: "population_handle",
        result: "int32_t",
        arguments: &[("NETWORK", "network"), ("const char *", "name")],
        doc: "The handle of a population, or -1.",
    },
    ApiFunction {
        name: "population_size",
        result: "uint64_t",
        arguments: &[("NETWORK", "network"), ("int32_t", "population")],
        doc: "How many neurons it has; 0 for a bad handle.",
    },
    ApiFunction {
        name: "synapse_count",
        result: "uint64_t",
        arguments: &[("const NET *", "net")],
        doc: "How many synapses the network has.",
    },
    ApiFunction {
        name: "projection_handle",
        result: "int32_t",
        arguments: &[("NETWORK", "network"), ("const char *", "name")],
        doc: "The handle of a projection, or -1.",
    },
    ApiFunction {
        name: "projection_synapse_count",
        result: "uint64_t",
        arguments: &[("const NET *", "net"), ("int32_t", "projection")],
        doc: "How many synapses a projection has; 0 for a bad handle.",
    },
    ApiFunction {
        name: "get_synapses",
        result: "int32_t",
        arguments: &[
            ("NET *", "net"),
            ("int32_t", "projection"),
            ("uint32_t *", "sources"),
            ("uint32_t *", "targets"),
            ("uint32_t *", "delays"),
            ("uint64_t", "count"),
        ],
        doc: "Writes source, target and delay in steps of each synapse of a projection, by source, then delay, then target: the order of all values of synapses, for any number of threads. `count` is the projection's number of synapses; an array that is not wanted may be NULL.",
    },
    ApiFunction {
        name: "synapse_state_handle",
        result: "int32_t",
        arguments: &[("NETWORK", "network"), ("const char *", "name")],
        doc: "The handle of a state that each synapse has, such as \"stdp.c\", or of weights that each synapse has, such as \"stdp.weight\"; or -1.",
    },
    ApiFunction {
        name: "get_synapse_state",
        result: "int32_t",
        arguments: &[("NET *", "net"), ("int32_t", "synapse_state"), ("double *", "values"), ("uint64_t", "count")],
        doc: "Writes a state or the weight of each synapse, in the order of get_synapses and in the coherent unit. `count` is the projection's number of synapses.",
    },
    ApiFunction {
        name: "set_synapse_state",
        result: "int32_t",
        arguments: &[
            ("NET *", "net"),
            ("int32_t", "synapse_state"),
            ("const double *", "values"),
            ("uint64_t", "count"),
        ],
        doc: "Sets a state or the weight of each synapse, as get_synapse_state writes them, from the next step on. Fails for weights without plasticity, and for a value that is not finite; then nothing changes.",
    },
    ApiFunction {
        name: "state_handle",
        result: "int32_t",
        arguments: &[("NETWORK", "network"), ("const char *", "name")],
        doc: "The handle of a state such as \"E.V\", or -1.",
    },
    ApiFunction {
        name: "state",
        result: "void *",
        arguments: &[("NET *", "net"), ("int32_t", "state"), ("uint64_t *", "length"), ("int32_t *", "element")],
        doc: "The values of a state, to read and write between steps: `element` 0 is float, 1 double, 2 int32_t. Valid until destroy.",
    },
    ApiFunction {
        name: "input_handle",
        result: "int32_t",
        arguments: &[("NETWORK", "network"), ("const char *", "name")],
        doc: "The handle of an input such as \"E.I\", or -1.",
    },
    ApiFunction {
        name: "set_input",
        result: "int32_t",
        arguments: &[("NET *", "net"), ("int32_t", "input"), ("const double *", "values"), ("uint64_t", "length")],
        doc: "Adds these values (coherent unit, one for each neuron) to an input in every following step; NULL and 0 end it.",
    },
    ApiFunction {
        name: "inject_spikes",
        result: "int32_t",
        arguments: &[
            ("NET *", "net"),
            ("int32_t", "population"),
            ("const uint32_t *", "neurons"),
            ("uint64_t", "count"),
        ],
        doc: "Lets these neurons spike now, as if at the end of the step just made: their targets receive it after the usual delay. They are not reset and not counted. A neuron that already spikes in this step is left as it is. Fails where a spike changes states of its neuron (short-term plasticity, saturating synapses, traces of plasticity): make those spike through an input.",
    },
    ApiFunction {
        name: "take_spikes",
        result: "int64_t",
        arguments: &[
            ("NET *", "net"),
            ("int32_t", "population"),
            ("uint64_t *", "steps"),
            ("uint32_t *", "neurons"),
            ("uint64_t", "capacity"),
        ],
        doc: "Moves up to `capacity` spikes of a population since the last call, oldest first, and returns how many; with capacity 0 only returns how many there are.",
    },
    ApiFunction {
        name: "keep_spikes",
        result: "int32_t",
        arguments: &[("NET *", "net"), ("int32_t", "population"), ("int32_t", "keep")],
        doc: "Whether spikes of a population are kept for take_spikes (they are, unless switched off).",
    },
    ApiFunction {
        name: "spike_count",
        result: "uint64_t",
        arguments: &[("const NET *", "net"), ("int32_t", "population")],
        doc: "Spikes of a population since creation.",
    },
    ApiFunction {
        name: "spike_hash",
        result: "int32_t",
        arguments: &[("const NET *", "net"), ("uint8_t *", "hash")],
        doc: "Writes 16 bytes: the hash of all (step, population, neuron) in order since creation.",
    },
    ApiFunction {
        name: "record",
        result: "int32_t",
        arguments: &[
            ("NET *", "net"),
            ("int32_t", "state"),
            ("uint64_t", "first"),
            ("uint64_t", "last"),
            ("uint64_t", "every"),
        ],
        doc: "Records elements first..last of a state at the end of every `every`-th step; returns the recorder's handle or a negative number.",
    },
    ApiFunction {
        name: "record_synapse_state",
        result: "int32_t",
        arguments: &[
            ("NET *", "net"),
            ("int32_t", "synapse_state"),
            ("uint64_t", "first"),
            ("uint64_t", "last"),
            ("uint64_t", "every"),
        ],
        doc: "The same for a state or the weight of synapses first..last in the order of get_synapses.",
    },
    ApiFunction {
        name: "record_aggregate",
        result: "int32_t",
        arguments: &[
            ("NET *", "net"),
            ("int32_t", "state"),
            ("int32_t", "aggregate"),
            ("uint64_t", "first"),
            ("uint64_t", "last"),
            ("uint64_t", "every"),
        ],
        doc: "As record, but a sample is one number: of these elements the mean (aggregate 0), sum (1), least (2), greatest (3), standard deviation (4) or variance (5), both divided by n. Sums are made in double precision with compensation, in the order of the elements, for any number of threads.",
    },
    ApiFunction {
        name: "record_synapse_aggregate",
        result: "int32_t",
        arguments: &[
            ("NET *", "net"),
            ("int32_t", "synapse_state"),
            ("int32_t", "aggregate"),
            ("uint64_t", "first"),
            ("uint64_t", "last"),
            ("uint64_t", "every"),
        ],
        doc: "The same for a state or the weight of synapses first..last in the order of get_synapses.",
    },
    ApiFunction {
        name: "record_spike_count",
        result: "int32_t",
        arguments: &[
            ("NET *", "net"),
            ("int32_t", "population"),
            ("uint64_t", "first"),
            ("uint64_t", "last"),
            ("uint64_t", "every"),
        ],
        doc: "Records how many spikes neurons first..last have had, at the end of every `every`-th step since the sample before (or since this call, or `load`).",
    },
    ApiFunction {
        name: "take_record",
        result: "int64_t",
        arguments: &[("NET *", "net"), ("int32_t", "recorder"), ("double *", "values"), ("uint64_t", "capacity")],
        doc: "Moves up to `capacity` recorded values (whole samples only), oldest first, and returns how many; with capacity 0 only returns how many there are.",
    },
    ApiFunction {
        name: "save_size",
        result: "uint64_t",
        arguments: &[("const NET *", "net")],
        doc: "Bytes that `save` needs now.",
    },
    ApiFunction {
        name: "save",
        result: "int32_t",
        arguments: &[("NET *", "net"), ("void *", "buffer"), ("uint64_t", "size")],
        doc: "Writes the whole state: continuing after `load` gives the same bits, for any number of threads.",
    },
    ApiFunction {
        name: "load",
        result: "int32_t",
        arguments: &[("NET *", "net"), ("const void *", "buffer"), ("uint64_t", "size")],
        doc: "Restores what `save` wrote, from the same network with the same seed; anything else is refused and changes nothing.",
    },
];
