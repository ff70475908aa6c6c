# As CMake writes it into a build folder, without its backtraces.
add_test(passes "true")
add_test(skips "sh" "-c" "exit 77")
set_tests_properties(skips PROPERTIES SKIP_RETURN_CODE "77")
add_test(off "true")
set_tests_properties(off PROPERTIES DISABLED "TRUE")
