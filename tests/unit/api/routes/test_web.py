import re

import pytest

from eseal_api.web.pages import assets


@pytest.mark.parametrize("path", ["/", "/how"])
def test_a_page_loads_nothing_from_elsewhere_and_nothing_inline(client, path):
    page = client.get(path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page.text)
    assert not re.search(r"<style|style=|\son\w+=|<script(?! src=)", page.text)
    for name in re.findall(r"/static/([\w.]+)", page.text):
        assert client.get(f"/static/{name}").is_success


def test_the_command_that_checks_alone_is_whole(client):
    page = client.get("/how").text
    assert "--rpc URL --trust trust.json" in page, "without it, it is refused"


def test_pages_name_the_issuer_and_its_log(client, shared_world):
    page = client.get("/").text
    assert "Trial Issuer" in page
    assert shared_world.service.context.instance.origin in page


def test_scripts_and_styles_fetch_nothing_from_elsewhere():
    scripts, styles = {"start.js", "check.js", "times.js"}, {"eseal.css", "report.css"}
    assert scripts | styles | {"seal.svg"} == set(assets())
    for name, asset in assets().items():
        text = asset.body.decode()
        urls = re.findall(r"https?://[\w.]+", text)
        assert set(urls) <= {"http://www.w3.org"}, name


def test_an_asset_is_not_sent_twice(client):
    first = client.get("/static/eseal.css")
    assert first.headers["content-type"] == "text/css; charset=utf-8"
    headers = {"If-None-Match": first.headers["etag"]}
    again = client.get("/static/eseal.css", headers=headers)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.css", "..%2Fapp.py", "base.html", "__init__.py"])
def test_only_assets_are_served(client, name, check_problem):
    check_problem(client.get(f"/static/{name}"), 404, "not_found")


def test_browsers_are_told_not_to_guess_types(client):
    for path in ("/", "/static/check.js", "/v1/ledger", "/nope"):
        assert client.get(path).headers["x-content-type-options"] == "nosniff"


def test_what_is_nowhere_is_a_page_for_browsers_and_a_problem_for_programs(client):
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "zh"}
    page = client.get("/nowhere", headers=browser)
    assert (page.status_code, page.headers["content-language"]) == (404, "zh-Hans")
    assert "此地址下没有内容" in page.text
    assert "Content-Security-Policy" in page.headers
    problem = client.get("/nowhere")
    assert (problem.status_code, problem.json()["detail"]) == (404, "nothing is at '/nowhere'")
