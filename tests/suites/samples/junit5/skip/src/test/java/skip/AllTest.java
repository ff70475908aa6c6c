package skip;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class AllTest {
	@Test
	@Disabled("later")
	void later() {
	}
}
