"""Objects found by walking through a file."""

from eseal.documents.pdf.inventory import walk


def test_data_that_looks_like_objects_is_passed_over_by_its_length():
    data = b"endstream 7 0 obj << /JS (x) >> endobj"
    font = b"1 0 obj\n<< /Length1 3 /Length %d >>\nstream\n%b\nendstream\nendobj\n"
    file = b"%PDF-1.7\n" + font % (len(data), data) + b"2 0 obj\nnull\nendobj\n"
    assert [entry.number for entry in walk(file, 0, {})] == [1, 2]


def test_data_of_another_length_ends_where_it_says_so():
    data = b"endstream 7 0 obj << /JS (x) >> endobj"
    file = b"1 0 obj\n<< /Length 3 >>\nstream\nabc%b\nendstream\nendobj\n" % data
    assert [entry.number for entry in walk(file, 0, {})] == [1, 7]
