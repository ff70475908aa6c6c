# As CMake writes it into a build folder, without its backtraces.
add_test(fine "true")
add_test(fails "sh" "-c" "printf \"a\\033[31mred\\001 <&]]>\\n\"; exit 1")
add_test(exits_3 "sh" "-c" "exit 3")
add_test(times_out "sleep" "30")
set_tests_properties(times_out PROPERTIES TIMEOUT "1")
