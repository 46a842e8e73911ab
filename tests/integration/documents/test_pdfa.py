"""Sealed files stay what they were, says veraPDF: PDF/A (ISO 19005), PDF/UA, invoices."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import facturx
import pypdf
import pytest

from eseal.documents.pdf import At, InField, PartyPlace, Placing, SealingMode
from eseal.model.level import Level
from eseal.verify import Finding
from tests.actors import acting

CHECKER = Path(__file__).parents[3] / "scripts" / "verapdf"
CORPUS = Path(__file__).parents[2] / "data" / "pdf"
TAGGED = "libreoffice-tagged"
PDFA_1A = "libreoffice-pdfa-1a"
PDFA_2B = "libreoffice-pdfa-2b"
INVOICE = "factur-x"
ORIGINALS = (TAGGED, PDFA_1A, PDFA_2B, INVOICE)
FLAVOURS = {PDFA_1A: "1a", PDFA_2B: "2b", INVOICE: "3b"}
WAYS = ("invisible", "impression", "two parties", "two parties, archived", "archived twice")
UA = "ua1"
IMPRESSION = Placing(At(-1, 20, 20))
PARTIES = SealingMode(parties=(PartyPlace("Buyer", At(-1, 120, 20)),))
XML = b"""\
<?xml version='1.0' encoding='UTF-8'?>
<rsm:CrossIndustryInvoice
  xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>
  <ram:ID>urn:factur-x.eu:1p0:minimum</ram:ID>
</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID>R-7</ram:ID><ram:TypeCode>380</ram:TypeCode><ram:IssueDateTime>
  <udt:DateTimeString format="102">20261001</udt:DateTimeString>
</ram:IssueDateTime></rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
  <ram:ApplicableHeaderTradeAgreement>
    <ram:SellerTradeParty><ram:Name>Elbe Teekontor GmbH</ram:Name>
      <ram:PostalTradeAddress><ram:CountryID>DE</ram:CountryID></ram:PostalTradeAddress>
      <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">DE123456788</ram:ID>
      </ram:SpecifiedTaxRegistration></ram:SellerTradeParty>
    <ram:BuyerTradeParty><ram:Name>Buyer Ltd</ram:Name></ram:BuyerTradeParty>
  </ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeDelivery/>
  <ram:ApplicableHeaderTradeSettlement>
    <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
    <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
      <ram:TaxBasisTotalAmount>100.00</ram:TaxBasisTotalAmount>
      <ram:TaxTotalAmount currencyID="EUR">19.00</ram:TaxTotalAmount>
      <ram:GrandTotalAmount>119.00</ram:GrandTotalAmount>
      <ram:DuePayableAmount>119.00</ram:DuePayableAmount>
    </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  </ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
"""
"""An invoice of the smallest profile (Factur-X 1.0 MINIMUM)."""


@pytest.fixture(scope="module")
def files(shared_world, tmp_path_factory) -> dict[tuple[str, str], Path]:
    """Each original, and each sealed in every way, by their names."""
    directory = tmp_path_factory.mktemp("pdfa")
    made = {}
    for name in ORIGINALS:
        for way, data in sealed_in_every_way(shared_world, original(name)).items():
            made[name, way] = directory / f"{name}, {way}.pdf"
            made[name, way].write_bytes(data)
    return made


def original(name: str) -> bytes:
    if name != INVOICE:
        return (CORPUS / f"{name}.pdf").read_bytes()
    return facturx.generate_from_binary((CORPUS / f"{PDFA_2B}.pdf").read_bytes(), XML)


def sealed_in_every_way(world, pdf: bytes) -> dict[str, bytes]:
    def seal(seal, data, level, placing, mode=None):
        return world.service.sealing.seal_document(
            seal.id,
            data,
            filename="a.pdf",
            actor=acting(),
            level=level,
            visible=placing,
            mode=mode,
        ).data

    first = seal(world.contract, pdf, Level.B_B, IMPRESSION, PARTIES)
    second = seal(world.finance, first, Level.B_B, Placing(InField("Buyer")))
    archived = world.service.long_term.extend(second, Level.B_LTA)
    alone = seal(world.contract, pdf, Level.B_LTA, IMPRESSION)
    return {
        "original": pdf,
        "invisible": seal(world.contract, pdf, Level.B_B, None),
        "impression": seal(world.contract, pdf, Level.B_B, IMPRESSION),
        "two parties": second,
        "two parties, archived": archived,
        "archived twice": world.service.long_term.extend(alone, Level.B_LTA),
    }


@pytest.fixture(scope="module")
def findings(run, files):
    """What veraPDF finds: how often each rule fails, by original, way and flavour.

    A run for each flavour: most of it is the start of Java.
    """
    found = {}
    for flavour in (*FLAVOURS.values(), UA):
        of_it = {key: path for key, path in files.items() if flavour in {UA, FLAVOURS.get(key[0])}}
        ran = run(str(CHECKER), "--format", "json", "--flavour", flavour, *of_it.values())
        jobs = json.loads(ran.stdout)["report"]["jobs"]
        told = {Path(job["itemDetails"]["name"]).name: job for job in jobs}
        for key, path in of_it.items():
            found[*key, flavour] = rules(told[path.name])
    return found


def rules(job) -> Counter[str]:
    """How often each rule fails."""
    (result,) = job["validationResult"]
    return Counter(
        {
            f"{rule['clause']}-{rule['testNumber']}": rule["failedChecks"]
            for rule in result["details"]["ruleSummaries"]
        }
    )


def test_the_checker_tells_them_apart(findings):
    for name, flavour in FLAVOURS.items():
        assert findings[name, "original", flavour] == {}
    assert findings[TAGGED, "original", UA], "it is tagged, and not yet PDF/UA"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", FLAVOURS)
def test_a_pdf_a_stays_one(findings, name, way):
    assert findings[name, way, FLAVOURS[name]] == {}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ORIGINALS)
def test_for_those_who_hear_a_document_nothing_gets_worse(findings, name, way):
    """PDF/UA-1: no rule fails that held, and none more often."""
    before, after = findings[name, "original", UA], findings[name, way, UA]
    assert after - before == {}


@pytest.mark.parametrize("way", ["original", *WAYS])
def test_an_invoice_stays_one(files, way):
    data = files[INVOICE, way].read_bytes()
    name, xml = facturx.get_xml_from_pdf(data)
    assert (name, xml) == ("factur-x.xml", XML)
    opened = pypdf.PdfReader(files[INVOICE, way])
    (associated,) = opened.trailer["/Root"]["/AF"]
    assert associated.get_object()["/AFRelationship"] == "/Data"
    assert opened.xmp_metadata is not None
    assert b"urn:factur-x:pdfa:CrossIndustryDocument" in opened.xmp_metadata.stream.get_data()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ORIGINALS)
def test_and_they_are_genuine(shared_world, files, name, way):
    shared_world.service.anchoring.anchor()
    report = shared_world.service.verification.document(files[name, way].read_bytes())
    assert report.finding is Finding.AUTHENTIC, report.message
