/* main.c - the program's way in. */
int main(void)
{
	return 0;
}
