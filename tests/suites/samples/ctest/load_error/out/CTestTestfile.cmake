# As CMake writes it into a build folder, without its backtraces.
add_test(fine "true")
add_test(missing "/nowhere/program")
