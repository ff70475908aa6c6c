package filtered

import "testing"

func TestSlow(t *testing.T) {
	t.Fatal("not selected")
}
