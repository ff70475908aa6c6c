package cart

import "testing"

func TestAdds(t *testing.T) {
	t.Run("one and one", func(t *testing.T) {})
}
