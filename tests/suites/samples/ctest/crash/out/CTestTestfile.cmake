# As CMake writes it into a build folder, without its backtraces.
add_test(before "true")
add_test(segv "sh" "-c" "kill -SEGV $$")
add_test(after "true")
