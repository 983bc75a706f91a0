import ipaddress
import socket

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from ingestion.errors.fetching import FetchFailed
from ingestion.sources.web import allow_list as addresses

INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.8", "198.18.0.1", "192.88.99.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::1", "2001:db8::1", "3fff::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_private_multicast_and_disguised_addresses_are_not_public(settings, address):
    settings.FETCH_ALLOW = ("public",)

    assert not addresses.is_allowed(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8"]
)
def test_public_addresses_have_to_be_allowed(settings, address):
    assert not addresses.is_allowed(ipaddress.ip_address(address))

    settings.FETCH_ALLOW = ("10.0.0.0/8",)
    assert not addresses.is_allowed(ipaddress.ip_address(address))

    settings.FETCH_ALLOW = ("public",)
    assert addresses.is_allowed(ipaddress.ip_address(address))


def test_a_public_address_of_this_machine_does_not_count_as_public(settings, monkeypatch):
    settings.FETCH_ALLOW = ("public",)
    monkeypatch.setattr(addresses, "_own_addresses", lambda: {"93.184.216.34"})

    assert not addresses.is_allowed(ipaddress.ip_address("93.184.216.34"))
    assert not addresses.is_allowed(ipaddress.ip_address("::ffff:93.184.216.34"))
    assert addresses.is_allowed(ipaddress.ip_address("93.184.216.35"))


def test_this_machine_knows_its_addresses():
    assert "127.0.0.1" in addresses._own_addresses()


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("10.2.0.1", False),
        ("fd00::1", True),
        ("fd01::1", False),
    ],
)
def test_a_range_of_the_local_network_can_be_allowed(settings, address, allowed):
    settings.FETCH_ALLOW = ("10.1.0.0/16", "fd00::/16")

    assert addresses.is_allowed(ipaddress.ip_address(address)) is allowed


def test_no_name_is_resolved_without_the_setting(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("asked for a name"))

    with pytest.raises(FetchFailed) as caught:
        addresses.checked("example.org", 80)

    assert caught.value.code == "fetch_off"
    assert "FETCH_ALLOW" in caught.value.message


@pytest.mark.parametrize(
    "among", [["127.0.0.1", "10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["fe80::1%eth0"]]
)
def test_one_forbidden_address_is_enough_to_refuse_a_name(settings, monkeypatch, among):
    settings.FETCH_ALLOW = ("127.0.0.0/8",)
    resolve(monkeypatch, among)

    with pytest.raises(FetchFailed) as caught:
        addresses.checked("example.org", 80)

    assert caught.value.code == "fetch_address_refused"
    assert "example.org" in caught.value.message


def test_unknown_and_refused_names_have_different_errors(settings, monkeypatch):
    settings.FETCH_ALLOW = ("public",)

    def nothing(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)

    with pytest.raises(FetchFailed) as caught:
        addresses.checked("nowhere.invalid", 80)

    assert caught.value.code == "fetch_unreachable"


def test_a_proxy_resolves_only_names_unknown_here(settings, monkeypatch):
    settings.FETCH_ALLOW = ("public",)
    with pytest.raises(FetchFailed, match="not allowed to fetch"):
        addresses.require_allowed_behind_proxy("127.0.0.1", 80)

    def nothing(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    addresses.require_allowed_behind_proxy("example.org", 80)

    settings.FETCH_ALLOW = ("10.0.0.0/8",)
    with pytest.raises(FetchFailed, match="not allowed to fetch"):
        addresses.require_allowed_behind_proxy("example.org", 80)


def test_the_setting_takes_ranges_and_one_word(monkeypatch):
    monkeypatch.setenv("FETCH_ALLOW", "public, 10.0.0.0/8 fd00::/8")
    assert env.networks("FETCH_ALLOW", or_public=True) == ("public", "10.0.0.0/8", "fd00::/8")

    monkeypatch.setenv("FETCH_ALLOW", "example.org")
    with pytest.raises(ImproperlyConfigured, match=r"FETCH_ALLOW takes ranges.*'example\.org'"):
        env.networks("FETCH_ALLOW", or_public=True)


def resolve(monkeypatch, addresses):
    def looked_up(host, port, **_):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
