# As CMake writes it into a build folder, without its backtraces.
add_test(search.same_title "sh" "-c" "test \"$(basename \"$PWD\")\" = search")
