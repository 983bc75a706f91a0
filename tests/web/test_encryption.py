"""Secrets of earlier versions can be decrypted."""

from cryptography.fernet import Fernet

from ingestion.documents import passwords
from providers import key_encryption
from web import encryption

# Written by version 0.9, before web/encryption.py.
KEY = b"LyINkFwAGnYv4rf2E1_VExp2KHVylCc3QGWmjz5cw1Y="
TOKEN = b"gAAAAABrDqHhvWPfdtlD89jS8vi1TZ_jCluZoJgy06cqYJMgOtyEwqL9AkE1T8J5cWXx2OiCBzRSJkh_nVNsw5lP62nAtCAQxw=="
SECRET_KEY = "a secret key of an earlier version"
PASSWORD_KEY = b"GSUfSRvcygbuk6Ss297DqjpJgUXSMVXw2cCwBXYY1ZY="


def test_a_connection_key_of_an_earlier_version_is_decrypted(data_dir):
    (data_dir / key_encryption.KEY_FILE).write_bytes(KEY)

    assert key_encryption.unseal(Fernet(KEY).encrypt("sk-钥匙".encode())) == "sk-钥匙"
    assert key_encryption.unseal(TOKEN) == "sk-wind"


def test_a_document_password_of_an_earlier_version_is_decrypted(settings):
    settings.SECRET_KEY = SECRET_KEY

    assert encryption.derived_key("password of a document") == PASSWORD_KEY
    assert passwords.unseal(Fernet(PASSWORD_KEY).encrypt("芝麻".encode())) == "芝麻"


def test_another_key_or_a_malformed_token_decrypts_nothing():
    token = encryption.encrypt("secret", KEY)

    assert encryption.decrypt(token, encryption.new_key()) is None
    assert encryption.decrypt(token[:-1], KEY) is None
    assert encryption.decrypt(token, b"no key") is None


def test_a_lone_surrogate_is_replaced():
    assert encryption.decrypt(encryption.encrypt("a\ud800", KEY), KEY) == "a?"
