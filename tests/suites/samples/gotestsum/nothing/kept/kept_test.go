package kept

import "testing"

func TestFast(t *testing.T) {}

func TestSlow(t *testing.T) {
	t.Fatal("not selected")
}
