package crash;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class HaltTest {
	@Test
	void a_passes() {
	}

	@Test
	void b_halts() {
		Runtime.getRuntime().halt(9);
	}

	@Test
	void c_never() {
	}
}
