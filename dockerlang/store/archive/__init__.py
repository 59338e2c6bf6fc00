"""Images as files: written by `save`, read back by `load`, or made of a bare root file system by `importing`."""
