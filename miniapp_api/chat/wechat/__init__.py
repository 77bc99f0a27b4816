"""The assistant in WeChat (微信消息): pushes come in, are acknowledged at once, and are answered.

`inbox` keeps a push once, however often it is sent; `worker` takes one user's work at a time, so
that everybody is answered in order; `answering` asks the chat and `sending` sends the pieces, each
at most once. See ADR 15.
"""
