"""Calls of package managers as typed values: what is done to which packages, from where, and in which version."""

from dockerlang.semantics.packages.calls import package_call, package_calls
from dockerlang.semantics.packages.values import Action, Option, Package, PackageCall, PackageSource

__all__ = ["Action", "Option", "Package", "PackageCall", "PackageSource", "package_call", "package_calls"]
