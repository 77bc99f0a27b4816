"""Understanding what citizens write (语义理解): a library of its own, without I/O but its files.

The usual entrance is `intents.understand.Understander`; the modules also stand alone.
"""
