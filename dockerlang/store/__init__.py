"""The local image store: blobs, layers, images, names and container records, shared by many processes at once.

`store.Store` is the door, `operation.Operation` what a process does in it. The layout is drawn in `layout.py`, the
tables in `schema.py`; the rules that keep both true through crashes are stated where they are kept: write order in
`blobs.py`, pins in `operation.py`, removal in `sweep.py`.
"""
