"""Edits that several rules offer as fixes."""
