from providers import key_encryption


def test_a_sealed_key_is_unsealed(data_dir):
    assert key_encryption.unseal(key_encryption.seal("sk-wind")) == "sk-wind"
    assert key_encryption.unseal(memoryview(key_encryption.seal("钥匙"))) == "钥匙"


def test_a_sealed_key_does_not_contain_its_text(data_dir):
    assert b"sk-wind" not in key_encryption.seal("sk-wind")
    assert key_encryption.seal("sk-wind") != key_encryption.seal("sk-wind")


def test_the_key_file_is_created_once_and_private(data_dir):
    key_encryption.seal("one")
    path = data_dir / key_encryption.KEY_FILE
    kept = path.read_bytes()

    key_encryption.seal("two")

    assert path.read_bytes() == kept
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in data_dir.iterdir() if "connections-key" in entry.name] == [
        key_encryption.KEY_FILE
    ]


def test_a_lost_changed_or_malformed_key_file_unseals_nothing(data_dir):
    sealed = key_encryption.seal("sk-wind")
    path = data_dir / key_encryption.KEY_FILE

    path.write_bytes(b"not a key")
    assert key_encryption.unseal(sealed) is None

    path.unlink()
    assert key_encryption.unseal(sealed) is None

    key_encryption.seal("another")
    assert key_encryption.unseal(sealed) is None
