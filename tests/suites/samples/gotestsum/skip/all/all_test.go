package all

import "testing"

func TestSkips(t *testing.T) {
	t.Skip("later")
}
