"""The citizen's client on H5: the built pages of miniapp/, served at /."""
