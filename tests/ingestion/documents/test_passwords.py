import time

from ingestion.documents.passwords import PASSWORD_SECONDS, seal, unseal


def test_a_sealed_password_is_unsealed_unchanged():
    assert unseal(seal("öffne dich 芝麻")) == "öffne dich 芝麻"


def test_an_empty_value_unseals_to_none():
    assert unseal(None) is None
    assert unseal(b"") is None


def test_a_password_sealed_with_another_key_is_unreadable(settings):
    sealed = seal("secret")
    settings.SECRET_KEY = "another"

    assert unseal(sealed) is None


def test_a_password_expires_after_an_hour(monkeypatch):
    sealed = seal("secret")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + PASSWORD_SECONDS + 5)

    assert unseal(sealed) is None
