"""XML-RPC by hand, against the standard library's."""

from __future__ import annotations

import xmlrpc.client
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.programs.rpc import Fault, Garbage, decode, encode

# XML has no way to write most control characters; supervisord's own library would send them as they are.
texts = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="￾￿"))
scalars = st.none() | st.booleans() | st.integers(-(2**31), 2**31 - 1) | texts | st.floats(allow_nan=False, width=32)
values: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=20
)


@given(values)
def test_decodes_what_the_standard_library_encodes(value: Any) -> None:
    body = xmlrpc.client.dumps((value,), methodresponse=True, allow_none=True).encode()
    assert decode(body) == value


@given(st.lists(texts | st.integers(-(2**31), 2**31 - 1) | st.booleans(), max_size=3))
def test_encodes_what_the_standard_library_decodes(params: list[str | int | bool]) -> None:
    read, method = xmlrpc.client.loads(encode("supervisor.startProcess", tuple(params)))
    assert (list(read), method) == (params, "supervisor.startProcess")


def test_a_fault_is_raised_with_code_and_text() -> None:
    body = xmlrpc.client.dumps(xmlrpc.client.Fault(10, "BAD_NAME: x"), methodresponse=True).encode()
    with pytest.raises(Fault) as caught:
        decode(body)
    assert (caught.value.code, caught.value.text) == (10, "BAD_NAME: x")


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_garbage(body: bytes) -> None:
    with pytest.raises(Garbage):
        decode(body)


@given(
    st.lists(
        st.sampled_from(
            [
                "<value>",
                "</value>",
                "<array>",
                "</array>",
                "<data>",
                "<struct>",
                "</struct>",
                "<member>",
                "</member>",
                "<name>",
                "</name>",
                "<int>",
                "7",
                "</int>",
                "<fault>",
                "</fault>",
                "</data>",
                "<params>",
                "</params>",
                "<b/>",
            ]
        ),
        max_size=30,
    )
)
def test_tags_in_any_order_give_a_value_or_garbage(tags: list[str]) -> None:
    body = f"<methodResponse>{''.join(tags)}</methodResponse>".encode()
    try:
        decode(body)
    except (Garbage, Fault):
        return


def test_control_characters_and_foreign_encodings_do_not_break_an_answer() -> None:
    value = b"caf\xe9 \x1b[31m red"  # as supervisord under Python 2 hands them on
    body = b"<methodResponse><params><param><value><string>%s</string></value></param></params></methodResponse>"
    assert decode(body % value) == "caf� [31m red"


def test_a_document_type_is_refused() -> None:
    kind = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    answer = "<methodResponse><params><param><value>&a;</value></param></params></methodResponse>"
    with pytest.raises(Garbage):
        decode((kind + answer).encode())
