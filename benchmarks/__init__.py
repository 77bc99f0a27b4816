"""Speed (性能基准): ours beside a bare floor, measured in one run. `make bench [ONLY=name]`."""
