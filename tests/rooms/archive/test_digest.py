"""Digests tell results apart, and nothing else."""

import hashlib
import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from runner.archive.digest import result_digest, table_digest
from runner.archive.parquet import read_table, write_table


def test_the_digest_is_what_the_docstring_says():
    """Packed by hand."""
    table = {
        "ts": np.array([1, -2]),
        "price": np.array([1.5, np.nan]),
        "side": np.array(["buy", "é"]),
        "ok": np.array([True, False]),
    }
    parts = [
        b"ts\0int64\x002\0" + struct.pack("<qq", 1, -2),
        b"price\0float64\x002\0" + struct.pack("<d", 1.5) + struct.pack("<Q", 0x7FF8000000000000),
        b"side\0text\x002\0" + struct.pack("<qq", 3, 2) + b"buy" + "é".encode(),
        b"ok\0bool\x002\0" + b"\x01\x00",
    ]

    assert table_digest(table) == hashlib.sha256(b"".join(parts)).hexdigest()


def test_names_types_values_and_order_matter_but_nan_payloads_do_not():
    """Any change is another digest; all NaNs are one."""
    base = {"a": np.array([1.0, 2.0]), "b": np.array([3.0])}
    others = [
        {"a": base["a"]},
        {"b": base["b"], "a": base["a"]},
        {"a": np.array([1, 2]), "b": base["b"]},
        {"a": np.array([2.0, 1.0]), "b": base["b"]},
    ]
    odd = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)

    assert len({table_digest(table) for table in [base, *others]}) == 5
    assert table_digest({"a": odd}) == table_digest({"a": np.array([np.nan])})


def test_the_result_digest_does_not_depend_on_the_order_of_names():
    """Tables are known by their names."""
    assert result_digest({"a": "1", "b": "2"}) == result_digest({"b": "2", "a": "1"})


@given(
    ts=hnp.arrays(np.int64, 5, elements=st.integers(0, 2**62)),
    price=hnp.arrays(np.float64, 5),
    text=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=5, max_size=5),
)
def test_a_table_survives_parquet(tmp_path_factory, ts, price, text):
    """What is read back has the digest of what was written."""
    table = {"ts": ts, "price": price, "text": np.array(text, dtype=str), "ok": price > 0}
    path = tmp_path_factory.mktemp("tables") / "t.parquet"

    write_table(path, table)

    assert table_digest(read_table(path)) == table_digest(table)
