"""The numbers of documents: each kind has its form, and no refusal quotes a number."""

import pytest

from rules.documents import DocumentError, DocumentKind, parse_document

K = DocumentKind


@pytest.mark.parametrize(
    ("kind", "typed", "number"),
    [
        (K.ID_CARD, "11010519491231002x", "11010519491231002X"),
        (K.ID_CARD, "usa100000000001", "USA100000000001"),
        (K.PASSPORT, "e 1234 567", "E1234567"),
        (K.PASSPORT, "Ｅ１２３４５６７", "E1234567"),
        (K.HM_PERMIT, "h12345678", "H12345678"),
        (K.HM_PERMIT, "M1234567802", "M12345678"),
        (K.TAIWAN_PERMIT, "01234567", "01234567"),
    ],
)
def test_a_number_is_stored_in_one_form(kind: K, typed: str, number: str) -> None:
    assert parse_document(kind, typed).number == number


@pytest.mark.parametrize(
    ("kind", "typed", "fault"),
    [
        (K.ID_CARD, "110105194912310021", "check_digit"),
        (K.ID_CARD, "E1234567", "length"),
        (K.PASSPORT, "1234567890", "form"),
        (K.PASSPORT, "PASSPORT", "form"),
        (K.PASSPORT, "", "form"),
        (K.HM_PERMIT, "X12345678", "form"),
        (K.HM_PERMIT, "H1234567890123", "form"),
        (K.TAIWAN_PERMIT, "0123456", "form"),
        (K.TAIWAN_PERMIT, "011010519491231002X", "form"),
    ],
)
def test_what_no_document_of_its_kind_has_is_refused_unquoted(kind: K, typed: str, fault: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_document(kind, typed)
    assert caught.value.fault == fault
    assert len(typed) < 5 or typed not in str(caught.value)
