package some

import "testing"

func TestPasses(t *testing.T) {}

func TestSkips(t *testing.T) {
	t.Skip("later")
}
