# As CMake writes it into a build folder, without its backtraces.
add_test(filtered "false")
set_tests_properties(filtered PROPERTIES LABELS "slow")
add_test(kept "true")
set_tests_properties(kept PROPERTIES LABELS "fast")
