"""The receipt's code: nobody guesses one, and people can read it off a photograph."""

import math

from kiosk.runtime.submission import RECEIPT_ALPHABET, new_receipt


def test_a_receipt_holds_at_least_128_random_bits() -> None:
    receipts = {new_receipt() for _ in range(200)}
    assert len(receipts) == 200
    assert all(len(receipt) * math.log2(len(RECEIPT_ALPHABET)) >= 128 for receipt in receipts)
    assert {sign for receipt in receipts for sign in receipt} == set(RECEIPT_ALPHABET)


def test_no_sign_of_a_receipt_looks_like_another() -> None:
    assert len(set(RECEIPT_ALPHABET)) == 32
    assert not set(RECEIPT_ALPHABET) & set("01IO")
