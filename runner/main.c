/* main.c - the program's way in. */
#include "runner/commands/commands.h"
#include "runner/junit/read.h"

int main(int argc, char **argv)
{
	int code;

	junit_init();
	code = commands_main(argc, argv);
	junit_deinit();
	return code;
}
