"""The benchmark: the cost of verification, compared with no verification and with other libraries."""
