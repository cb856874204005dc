// The whole dialect: what mlir-tblgen and melior read.
#ifndef DYNAMICS_TD
#define DYNAMICS_TD

include "DynamicsBase.td"
include "DynamicsModelOps.td"
include "DynamicsStepOps.td"
include "DynamicsValueOps.td"

#endif
