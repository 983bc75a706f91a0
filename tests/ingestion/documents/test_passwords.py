import time

from ingestion.documents.passwords import PASSWORD_SECONDS, seal, unseal


def test_a_sealed_password_comes_out_as_it_went_in():
    assert unseal(seal("öffne dich 芝麻")) == "öffne dich 芝麻"


def test_nothing_is_no_password():
    assert unseal(None) is None
    assert unseal(b"") is None


def test_a_password_of_another_server_cannot_be_read(settings):
    sealed = seal("secret")
    settings.SECRET_KEY = "another"

    assert unseal(sealed) is None


def test_a_password_is_good_for_an_hour(monkeypatch):
    sealed = seal("secret")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + PASSWORD_SECONDS + 5)

    assert unseal(sealed) is None
