"""Cases that never were (样例办件), for development databases and benchmarks: `shenban seed`."""

VERSION = 1  # another one when what is seeded changes: a benchmark then seeds anew
