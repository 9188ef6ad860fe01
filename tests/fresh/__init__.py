"""The README on bare machines: see run.sh."""
