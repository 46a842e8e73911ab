from eseal.ledger.contracts.addresses import created_address


def test_the_address_of_a_created_contract():
    # the example every explanation of the rule uses: the first contracts of one known account
    creator = bytes.fromhex("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0")
    assert created_address(creator, 0).hex() == "cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"
    assert created_address(creator, 1).hex() == "343c43a37d37dff08ae8c4a11544c718abb4fcf8"
