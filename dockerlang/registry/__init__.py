"""Registries of images: pulling, pushing and searching over HTTP, without any store."""
