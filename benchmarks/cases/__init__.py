"""One benchmark a file: a function with @benchmark("name"); the file's presence registers it."""
