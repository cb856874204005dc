// RUN: opt
// Every rule of connections, at the edges of what it allows.

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
  }
  // CHECK: rule "all_to_all"
  dynamics.connection @a from @E to @E rule "all_to_all" amount 0.0 delay 1 to 1 stream 0
  // CHECK: rule "one_to_one"
  dynamics.connection @b from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 1
  // CHECK: rule "fixed_probability" amount 0.000000e+00
  dynamics.connection @c from @E to @E rule "fixed_probability" amount 0.0 delay 1 to 1 stream 2
  // CHECK: rule "fixed_probability" amount 1.000000e+00
  dynamics.connection @d from @E to @E rule "fixed_probability" amount 1.0 delay 1 to 1 stream 3
  // CHECK: rule "fixed_in_degree" amount 8.000000e+01
  dynamics.connection @e from @E to @E rule "fixed_in_degree" amount 80.0 delay 7 to 7 stream 4
  // CHECK: rule "fixed_out_degree" amount 8.000000e+01
  dynamics.connection @f from @E to @E rule "fixed_out_degree" amount 80.0 delay 1 to 7 stream 5
}
