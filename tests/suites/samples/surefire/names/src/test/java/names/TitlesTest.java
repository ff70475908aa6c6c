package names;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class TitlesTest {
	@Test
	@DisplayName("with space")
	void t0() {
	}

	@Test
	@DisplayName("<&\"'>")
	void t1() {
	}

	@Test
	@DisplayName("(a+b)? [x] {y} ^$|")
	void t2() {
	}

	@Test
	@DisplayName("#hash")
	void t3() {
	}

	@Test
	@DisplayName("ünï 日本")
	void t4() {
	}

	@Test
	@DisplayName("]]>")
	void t5() {
	}
}
