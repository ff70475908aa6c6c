package mixed

import "testing"

func TestPasses(t *testing.T) {}

func TestFails(t *testing.T) {
	t.Error("a\x1b[31mred\x01 <&]]>")
}

func TestTable(t *testing.T) {
	t.Run("good row", func(t *testing.T) {})
	t.Run("bad row", func(t *testing.T) { t.Fatal("boom") })
}
