from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

COMPANY = "uscc:91330100799655058B"


def test_issue_with_label_code_and_algorithm(eseal):
    shown = eseal(
        *("seal", "issue", "--company", COMPANY, "--type", "invoice", "--label", "no. 2"),
        *("--code", "3301000012345", "--algorithm", "rsa3072", "--json"),
    )
    assert shown.code == 0
    seal = shown.json
    assert (seal["type"], seal["label"], seal["state"]) == ("invoice", "no. 2", "active")
    assert seal["physical_code"] == "3301000012345"
    assert len(seal["handle"]) == 64


def test_a_second_seal_of_a_type_needs_a_label(eseal):
    shown = eseal("seal", "issue", "--company", COMPANY, "--type", "contract")
    assert shown.code == 1
    assert "another label" in shown.err


def test_an_unknown_company_or_type(eseal):
    assert eseal("seal", "issue", "--company", "nobody", "--type", "contract").code == 1
    assert eseal("seal", "issue", "--company", COMPANY, "--type", "wax").code == 2


def test_list_all_and_of_a_company(eseal, seals):
    shown = eseal("seal", "list", "--company", COMPANY)
    assert all(seal_id in shown.out for seal_id in seals.values())
    (company,) = eseal("company", "list", "--json").json
    assert shown.out.count(company["name"]) == len(seals)
    added = ("company", "add", "--name", "Other", "--id", "lei:213800KUD8LAJWSQ9D15")
    other = eseal(*added, "--country", "GB", "--json")
    assert eseal("seal", "list", "--company", other.json["id"], "--json").json == []
    assert eseal("seal", "list", "--company", other.json["id"]).out == "no seals\n"


def test_the_life_of_a_seal(eseal, seals):
    seal = seals["finance"]
    suspended = eseal("seal", "suspend", seal, "--reason", "loss", "--json").json
    assert (suspended["state"], suspended["reason"]) == ("suspended", "loss")
    assert eseal("seal", "suspend", seal).code == 1
    assert eseal("seal", "resume", suspended["handle"], "--json").json["state"] == "active"
    revoked = eseal("seal", "revoke", seal, "--reason", "superseded")
    assert revoked.code == 0
    assert "revoked" in revoked.out
    again = eseal("seal", "resume", seal)
    assert again.code == 1
    assert again.err.startswith("error: ")


@pytest.mark.parametrize("reason", ["none", "boredom", ""])
def test_revoking_needs_a_reason_that_counts(eseal, seals, reason):
    shown = eseal("seal", "revoke", seals["contract"], "--reason", reason)
    assert shown.code == 2
    assert "licence_revoked" in shown.err


def test_revoking_without_a_reason_is_wrong_usage(eseal, seals):
    assert eseal("seal", "revoke", seals["contract"]).code == 2


def certify(csr_pem: bytes) -> tuple[x509.Certificate, x509.Certificate]:
    """What another authority does with a request: the seal's certificate, and its own."""
    csr = x509.load_pem_x509_csr(csr_pem)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Another CA")])
    now = datetime.now(UTC) - timedelta(minutes=1)

    def build(subject, public_key, *, ca: bool) -> x509.Certificate:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(name)
        builder = builder.public_key(public_key).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=365))
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), True)
        usage = x509.KeyUsage(
            **dict.fromkeys(KEY_USAGES, False)
            | {"key_cert_sign" if ca else "content_commitment": True}
        )
        return builder.add_extension(usage, True).sign(key, hashes.SHA256())

    authority = build(name, key.public_key(), ca=True)
    return build(csr.subject, csr.public_key(), ca=False), authority


KEY_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def test_a_seal_certified_by_another_authority(eseal, tmp_path):
    csr, pem = tmp_path / "seal.csr", tmp_path / "seal.pem"
    asked = eseal(
        *("seal", "request", "--company", COMPANY, "--type", "customs", "--out", csr, "--json")
    )
    assert asked.code == 0
    own, authority = certify(csr.read_bytes())
    pem.write_bytes(own.public_bytes(Encoding.PEM))
    (tmp_path / "ca.der").write_bytes(authority.public_bytes(Encoding.DER))
    made = eseal(
        *("seal", "import", asked.json["id"], "--certificate", pem),
        *("--chain", tmp_path / "ca.der", "--json"),
    )
    assert made.code == 0, made.err
    assert (made.json["type"], made.json["state"]) == ("customs", "active")
    document = tmp_path / "declaration.txt"
    document.write_text("tea")
    assert eseal("apply", document, "--seal", made.json["id"]).code == 0


def test_request_says_what_comes_next_and_overwrites_nothing(eseal, tmp_path):
    csr = tmp_path / "seal.csr"
    arguments = ("seal", "request", "--company", COMPANY, "--type", "customs", "--out", csr)
    shown = eseal(*arguments)
    assert "eseal seal import" in shown.out
    before = csr.read_bytes()
    assert eseal(*arguments).code == 1
    assert csr.read_bytes() == before
    assert eseal(*arguments, "--force").code == 0


def test_a_certificate_for_another_key_is_refused(eseal, tmp_path):
    csr = tmp_path / "seal.csr"
    asked = eseal(
        *("seal", "request", "--company", COMPANY, "--type", "customs", "--out", csr, "--json")
    )
    own, authority = certify(csr.read_bytes())
    (tmp_path / "wrong.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    shown = eseal("seal", "import", asked.json["id"], "--certificate", tmp_path / "wrong.pem")
    assert shown.code == 2
    assert shown.err.startswith("error: ")
    pem = own.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM)
    (tmp_path / "chain.pem").write_bytes(pem)
    shown = eseal("seal", "import", asked.json["id"], "--certificate", tmp_path / "chain.pem")
    assert shown.code == 0, shown.err


def test_a_seal_gets_its_book_and_its_owner_s_stop_from_the_start(eseal, world_of):
    issue = ("seal", "issue", "--company", "uscc:91330100799655058B", "--type", "other")
    end = "ab" * 32
    made = eseal(*issue, "--book-depth", 5, "--stop-end", end, "--json").json
    with world_of() as service:
        handle = bytes.fromhex(made["handle"])
        ledger = service.context.ledger
        assert (ledger.seal(handle).depth, ledger.stop_hash(handle).hex()) == (5, end)
    for wrong in (
        ("--book-depth", 3),
        ("--book-depth", 25),
        ("--stop-end", "AB"),
        ("--stop-end", ""),
    ):
        assert eseal(*issue, "--label", "x", *wrong).code == 2
