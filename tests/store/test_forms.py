"""Layers in the form that is asked for."""

from __future__ import annotations

import pytest

from dockerlang.oci import media
from dockerlang.oci.compression import Compression, open_decompressed
from dockerlang.oci.forms import Form
from dockerlang.store.blobs import open_blob
from dockerlang.store.forms import layer_in_form, stored_form
from dockerlang.store.store import Store
from tests.store.making import add_layer

FORMS = [Form(Compression.NONE), Form(Compression.GZIP), Form(Compression.GZIP, 9), Form(Compression.ZSTD, 1)]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_the_same_layer(store: Store, form: Form) -> None:
    with store.operation("test") as operation:
        layer = add_layer(operation, {"f": b"content " * 1000})
        blob = layer_in_form(operation, layer, form)
        assert blob.media_type == form.media_type
        with open_blob(store.layout, blob.digest) as file, open_decompressed(file) as plain:
            assert layer.names(plain.read())
        assert layer_in_form(operation, layer, form) == blob


def test_a_compressed_layer_of_a_base_stays_as_it_is_unless_it_must_not(store: Store) -> None:
    with store.operation("test") as operation:
        layer = add_layer(operation, {"f": b"x"})
        zstd = layer_in_form(operation, layer, Form(Compression.ZSTD))
        assert layer_in_form(operation, layer, Form(Compression.GZIP), keeps_compressed=True) == zstd
        assert layer_in_form(operation, layer, Form(Compression.GZIP)).media_type == media.OCI_LAYER_GZIP
        assert stored_form(operation, layer).media_type == media.OCI_LAYER
