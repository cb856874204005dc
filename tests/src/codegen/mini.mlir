// A network by hand, as the lowering would write it: 4096 neurons V' = drive - decay * V with a
// threshold, no connections. Population "E", state "E.V" (f32, offset 0), parameter "E.drive".
llvm.func @mini_derive(%context: !llvm.ptr) {
  llvm.return
}

// V = 0.
llvm.func @mini_init(%context: !llvm.ptr, %part: i32) {
  %lanes = llvm.mlir.constant(16 : i64) : i64
  %zero = llvm.mlir.constant(dense<0.0> : vector<16xf32>) : vector<16xf32>
  %state = llvm.load %context : !llvm.ptr -> !llvm.ptr
  %first_place = llvm.getelementptr %context[24] : (!llvm.ptr) -> !llvm.ptr, i8
  %ranges = llvm.load %first_place : !llvm.ptr -> !llvm.ptr
  %at = llvm.zext %part : i32 to i64
  %range = llvm.getelementptr %ranges[%at] : (!llvm.ptr, i64) -> !llvm.ptr, i32
  %range_end = llvm.getelementptr %range[1] : (!llvm.ptr) -> !llvm.ptr, i32
  %first32 = llvm.load %range : !llvm.ptr -> i32
  %end32 = llvm.load %range_end : !llvm.ptr -> i32
  %first = llvm.zext %first32 : i32 to i64
  %end = llvm.zext %end32 : i32 to i64
  llvm.br ^head(%first : i64)
^head(%i: i64):
  %more = llvm.icmp "ult" %i, %end : i64
  llvm.cond_br %more, ^body, ^exit
^body:
  %v_place = llvm.getelementptr %state[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  llvm.store %zero, %v_place {alignment = 64 : i64} : vector<16xf32>, !llvm.ptr
  %next = llvm.add %i, %lanes : i64
  llvm.br ^head(%next : i64)
^exit:
  llvm.return
}

llvm.func @mini_synapses(%context: !llvm.ptr, %projection: i32, %kind: i32, %source: i32, %count: i64, %targets: !llvm.ptr, %ordinals: !llvm.ptr, %values: !llvm.ptr) {
  llvm.return
}

llvm.func @mini_step(%context: !llvm.ptr, %step: i64, %part: i32) {
  %zero = llvm.mlir.constant(0 : i64) : i64
  %one = llvm.mlir.constant(1 : i64) : i64
  %two = llvm.mlir.constant(2 : i64) : i64
  %lanes = llvm.mlir.constant(16 : i64) : i64
  %padded = llvm.mlir.constant(4096 : i64) : i64
  %decay = llvm.mlir.constant(dense<0.99> : vector<16xf32>) : vector<16xf32>
  %slope = llvm.mlir.constant(dense<1.0e-6> : vector<16xf32>) : vector<16xf32>
  %theta = llvm.mlir.constant(1.0 : f32) : f32
  %reset = llvm.mlir.constant(0.0 : f32) : f32
  %offsets = llvm.mlir.constant(dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : vector<16xi32>) : vector<16xi32>
  %state = llvm.load %context : !llvm.ptr -> !llvm.ptr
  %parameters_place = llvm.getelementptr %context[8] : (!llvm.ptr) -> !llvm.ptr, i8
  %parameters = llvm.load %parameters_place : !llvm.ptr -> !llvm.ptr
  %drive64 = llvm.load %parameters : !llvm.ptr -> f64
  %drive32 = llvm.fptrunc %drive64 : f64 to f32
  %none = llvm.mlir.poison : vector<16xf32>
  %drive0 = llvm.insertelement %drive32, %none[%zero : i64] : vector<16xf32>
  %drive = llvm.shufflevector %drive0, %none [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] : vector<16xf32>
  %ranges_place = llvm.getelementptr %context[24] : (!llvm.ptr) -> !llvm.ptr, i8
  %ranges = llvm.load %ranges_place : !llvm.ptr -> !llvm.ptr
  %at = llvm.zext %part : i32 to i64
  %range = llvm.getelementptr %ranges[%at] : (!llvm.ptr, i64) -> !llvm.ptr, i32
  %range_end = llvm.getelementptr %range[1] : (!llvm.ptr) -> !llvm.ptr, i32
  %first32 = llvm.load %range : !llvm.ptr -> i32
  %end32 = llvm.load %range_end : !llvm.ptr -> i32
  %first = llvm.zext %first32 : i32 to i64
  %end = llvm.zext %end32 : i32 to i64
  llvm.br ^head(%first : i64)

^head(%i: i64):
  %more = llvm.icmp "ult" %i, %end : i64
  llvm.cond_br %more, ^body, ^search
^body:
  %v_place = llvm.getelementptr %state[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  %v = llvm.load %v_place {alignment = 64 : i64} : !llvm.ptr -> vector<16xf32>
  %i32 = llvm.trunc %i : i64 to i32
  %no_index = llvm.mlir.poison : vector<16xi32>
  %i0 = llvm.insertelement %i32, %no_index[%zero : i64] : vector<16xi32>
  %is = llvm.shufflevector %i0, %no_index [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] : vector<16xi32>
  %index = llvm.add %is, %offsets : vector<16xi32>
  %index_f = llvm.sitofp %index : vector<16xi32> to vector<16xf32>
  %own = llvm.fmul %index_f, %slope : vector<16xf32>
  %decayed = llvm.fmul %v, %decay : vector<16xf32>
  %driven = llvm.fadd %decayed, %drive : vector<16xf32>
  %new = llvm.fadd %driven, %own : vector<16xf32>
  llvm.store %new, %v_place {alignment = 64 : i64} : vector<16xf32>, !llvm.ptr
  %next = llvm.add %i, %lanes : i64
  llvm.br ^head(%next : i64)

^search:
  %spikes_place = llvm.getelementptr %context[32] : (!llvm.ptr) -> !llvm.ptr, i8
  %spikes = llvm.load %spikes_place : !llvm.ptr -> !llvm.ptr
  %ring = llvm.load %spikes : !llvm.ptr -> !llvm.ptr
  %counts_place = llvm.getelementptr %context[40] : (!llvm.ptr) -> !llvm.ptr, i8
  %counts = llvm.load %counts_place : !llvm.ptr -> !llvm.ptr
  %lengths = llvm.load %counts : !llvm.ptr -> !llvm.ptr
  %parts_place = llvm.getelementptr %context[72] : (!llvm.ptr) -> !llvm.ptr, i8
  %parts32 = llvm.load %parts_place : !llvm.ptr -> i32
  %parts = llvm.zext %parts32 : i32 to i64
  %slot = llvm.urem %step, %two : i64
  %slot_start = llvm.mul %slot, %padded : i64
  %list_start = llvm.add %slot_start, %first : i64
  %list = llvm.getelementptr %ring[%list_start] : (!llvm.ptr, i64) -> !llvm.ptr, i32
  llvm.br ^find(%first, %zero : i64, i64)
^find(%j: i64, %n: i64):
  %unseen = llvm.icmp "ult" %j, %end : i64
  llvm.cond_br %unseen, ^test, ^exit(%n : i64)
^test:
  %u_place = llvm.getelementptr %state[%j] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  %u = llvm.load %u_place : !llvm.ptr -> f32
  %j_next = llvm.add %j, %one : i64
  %above = llvm.fcmp "oge" %u, %theta : f32
  llvm.cond_br %above, ^spike, ^find(%j_next, %n : i64, i64)
^spike:
  %j32 = llvm.trunc %j : i64 to i32
  %free = llvm.getelementptr %list[%n] : (!llvm.ptr, i64) -> !llvm.ptr, i32
  llvm.store %j32, %free : i32, !llvm.ptr
  llvm.store %reset, %u_place : f32, !llvm.ptr
  %n_next = llvm.add %n, %one : i64
  llvm.br ^find(%j_next, %n_next : i64, i64)
^exit(%found: i64):
  %count_start = llvm.mul %slot, %parts : i64
  %count_at = llvm.add %count_start, %at : i64
  %count = llvm.getelementptr %lengths[%count_at] : (!llvm.ptr, i64) -> !llvm.ptr, i32
  %found32 = llvm.trunc %found : i64 to i32
  llvm.store %found32, %count : i32, !llvm.ptr
  llvm.return
}
