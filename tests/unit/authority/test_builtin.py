from eseal.authority.asking.builtin import BuiltInAuthority
from eseal.authority.asking.checking import check_answer
from eseal.authority.asking.protocol import KnownKeys, SubjectAuthority
from eseal.authority.word.keys import AuthorityKeys, KeyNames
from eseal.keys.files import FileKeyRepository
from eseal.keys.kek import KeyEncryptionKey
from eseal.keys.software import SoftwareKeyStore
from tests.authorities import ASK, FOUNDED, GERMAN, REGISTRY, Clock


def test_it_proves_for_every_country_with_keys_of_the_store(tmp_path):
    store = SoftwareKeyStore(FileKeyRepository(tmp_path), KeyEncryptionKey(bytes(32)))
    names = KeyNames.generate(store)
    keys = AuthorityKeys(store, names)
    authority: SubjectAuthority = BuiltInAuthority(keys, REGISTRY, Clock())
    known = KnownKeys(keys.attest_key, keys.account)
    for ask in (ASK, GERMAN, FOUNDED):
        answer = authority.prove(ask)
        check_answer(ask, answer, lambda _key: known, REGISTRY)
        assert answer.record is None
    again = AuthorityKeys(
        SoftwareKeyStore(FileKeyRepository(tmp_path), KeyEncryptionKey(bytes(32))), names
    )
    assert BuiltInAuthority(again, REGISTRY, Clock()).prove(ASK).proof == authority.prove(ASK).proof
    authority.close()
