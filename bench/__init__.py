"""The benchmark: what verification costs, beside no verification and beside the rivals."""
