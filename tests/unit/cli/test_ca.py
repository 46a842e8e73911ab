"""``eseal ca``."""

from cryptography import x509

from eseal.config import Settings
from eseal.service.service import Service

PUBLIC = "https://seals.example.com"


def test_the_issuing_ca_gets_addresses_and_its_seals_carry_them(eseal, data_dir):
    made = eseal("ca", "reissue", "--json", ESEAL_PUBLIC_URL=PUBLIC + "/").json
    root = eseal("ledger", "show", "--json").json["root"]
    named = f"{PUBLIC}/pki/root-{root}"
    assert (made["crl"], made["issuer"]) == (f"{named}.crl", f"{named}.cer")
    assert made["seals"] == 2
    with Service.open(Settings.load(data_dir=data_dir)) as service:
        issuing = service.ca.chain[0]
        assert f"{x509.load_der_x509_certificate(issuing).serial_number:x}" == made["serial"]
        assert {seal.chain for seal in service.directory.seals()} == {service.ca.chain}


def test_it_says_that_a_running_service_is_to_be_started_again(eseal):
    shown = eseal("ca", "reissue", ESEAL_PUBLIC_URL=PUBLIC)
    assert shown.code == 0
    assert "Start a running service again" in shown.out


def test_lists_may_lie_elsewhere_than_the_service(eseal):
    urls = {"ESEAL_PUBLIC_URL": PUBLIC, "ESEAL_PKI_URL": "http://pki.example.com"}
    made = eseal("ca", "reissue", "--json", **urls).json
    assert made["crl"].startswith("http://pki.example.com/pki/root-")


def test_without_a_public_url_there_is_nothing_to_name(eseal):
    shown = eseal("ca", "reissue", ESEAL_PUBLIC_URL=None)
    assert shown.code == 1
    assert "set ESEAL_PUBLIC_URL" in shown.err
